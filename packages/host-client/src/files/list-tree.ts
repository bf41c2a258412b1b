import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Bounds } from './bounds.ts';
import { FileError } from './file-error.ts';
import type { FileRoots } from './file-roots.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { isInside } from './inside.ts';
import type { OpenedFolder } from './opened-file.ts';
import { decodeText } from './text-encoding.ts';
import type { FolderLeftOut, Tree, TreeEntry } from './tree.ts';

export type TreeLimits = {
  /** Levels of entries. */
  readonly depth: number;
  /** Shown in all, and of one folder. */
  readonly entries: number;
  readonly entriesPerFolder: number;
  /** Looked at in all, and in one folder. */
  readonly seen: number;
  readonly seenPerFolder: number;
  readonly timeMs: number;
};

const defaultLimits: TreeLimits = {
  depth: 3,
  entries: 200,
  entriesPerFolder: 100,
  seen: 20_000,
  seenPerFolder: 5_000,
  timeMs: 3_000,
};

/** How much of a .gitignore is read. */
const maxIgnoreBytes = 64 * 1024;
/** How long the event loop may be kept busy without a break. */
const maxBusyMs = 5;

/**
 * What is in a folder and below it, upper levels first as long as the limits allow. Without `.git`, what .gitignore files
 * leave out, and what is closed to chats; symbolic links are named, not followed. `folder` stays open.
 */
export async function listTree(
  folder: OpenedFolder,
  options: { readonly roots: FileRoots; readonly signal: AbortSignal; readonly limits?: Partial<TreeLimits> },
): Promise<Tree> {
  const limits = { ...defaultLimits, ...options.limits };
  const bounds = await options.roots.bounds();
  return await new TreeWalk({ ...options, limits, bounds }).walk(folder);
}

type Waiting = { readonly path: string; readonly depth: number; readonly rules: IgnoreRules };
type Listing = { readonly entries: readonly ListedEntry[]; readonly more: number; readonly isUncounted: boolean };
type ListedEntry = Exclude<TreeEntry, { kind: 'folder' }> | { readonly kind: 'folder'; readonly name: string };

class TreeWalk {
  readonly #roots: FileRoots;
  readonly #bounds: Bounds;
  readonly #signal: AbortSignal;
  readonly #limits: TreeLimits;
  readonly #deadline: number;
  readonly #found = new Map<string, Listing | FolderLeftOut>();
  #entriesLeft: number;
  #seenLeft: number;
  #busySince = performance.now();

  constructor(parts: {
    readonly roots: FileRoots;
    readonly bounds: Bounds;
    readonly signal: AbortSignal;
    readonly limits: TreeLimits;
  }) {
    this.#roots = parts.roots;
    this.#bounds = parts.bounds;
    this.#signal = parts.signal;
    this.#limits = parts.limits;
    this.#deadline = performance.now() + parts.limits.timeMs;
    this.#entriesLeft = parts.limits.entries;
    this.#seenLeft = parts.limits.seen;
  }

  async walk(top: OpenedFolder): Promise<Tree> {
    const listing = await this.#list(top, await this.#rulesFor(top.realPath), 1);
    // Level by level, so that one deep folder does not use up what its neighbours need. Grows on the way.
    const waiting = [...listing.waiting];
    for (const { path, depth, rules } of waiting) waiting.push(...(await this.#open(path, rules, depth)));
    return this.#assemble(top.realPath, listing.found);
  }

  /** Resolves to the folders in it. */
  async #open(path: string, rules: IgnoreRules, depth: number): Promise<readonly Waiting[]> {
    if (depth > this.#limits.depth || this.#entriesLeft === 0 || this.#seenLeft === 0 || this.#isLate()) return [];
    try {
      await using folder = await this.#roots.openFound(path);
      if (folder.kind !== 'folder') return [];
      return (await this.#list(folder, rules, depth)).waiting;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#found.set(path, 'no_access');
      return [];
    }
  }

  async #list(
    folder: OpenedFolder,
    rulesAbove: IgnoreRules,
    depth: number,
  ): Promise<{ readonly found: Listing; readonly waiting: readonly Waiting[] }> {
    const rules = await this.#withRulesOf(folder.realPath, rulesAbove);
    const { seen, isUncounted } = await this.#read(folder);
    const open = await this.#filter(folder, seen, rules);
    open.sort(byKindAndName);
    const shown = open.slice(0, Math.min(this.#entriesLeft, this.#limits.entriesPerFolder));
    this.#entriesLeft -= shown.length;
    const entries = await Promise.all(shown.map(({ name }) => describe(folder, name)));
    const found = {
      entries: entries.filter((entry) => entry !== undefined),
      more: open.length - shown.length,
      isUncounted,
    };
    this.#found.set(folder.realPath, found);
    const folders = found.entries.filter(({ kind }) => kind === 'folder');
    const waiting = folders.map(({ name }) => ({ path: join(folder.realPath, name), depth: depth + 1, rules }));
    return { found, waiting };
  }

  async #read(folder: OpenedFolder): Promise<{ readonly seen: Dirent[]; readonly isUncounted: boolean }> {
    const limit = Math.min(this.#limits.seenPerFolder, this.#seenLeft);
    const seen: Dirent[] = [];
    for await (const entry of await opendir(folder.accessPath, { bufferSize: 256 })) {
      if (seen.length >= limit) return { seen, isUncounted: true };
      seen.push(entry);
      this.#seenLeft -= 1;
      await this.#pause();
    }
    return { seen, isUncounted: false };
  }

  async #filter(folder: OpenedFolder, seen: readonly Dirent[], rules: IgnoreRules): Promise<Dirent[]> {
    const open: Dirent[] = [];
    for (const entry of seen) {
      await this.#pause();
      const path = join(folder.realPath, entry.name);
      if (entry.name === '.git' || this.#bounds.judge(path) !== 'open') continue;
      // Rules are a convenience: when they take too long, what they would leave out is shown.
      if (this.#isLate() || !rules.ignores(path, entry.isDirectory())) open.push(entry);
    }
    return open;
  }

  #isLate(): boolean {
    return performance.now() > this.#deadline;
  }

  async #pause(): Promise<void> {
    this.#signal.throwIfAborted();
    if (performance.now() - this.#busySince < maxBusyMs) return;
    await nextTick();
    this.#busySince = performance.now();
  }

  /** Those of the folders above, up to the one that is a repository; none in a folder that they leave out as a whole. */
  async #rulesFor(folder: string): Promise<IgnoreRules> {
    const above: string[] = [];
    for (let at = folder; at !== this.#bounds.workingDir && !(await isRepository(at)); at = dirname(at)) {
      if (!isInside(this.#bounds.workingDir, at)) return new IgnoreRules();
      above.unshift(dirname(at));
    }
    let rules = new IgnoreRules();
    for (const path of above) rules = await this.#withRulesOf(path, rules);
    return rules.ignores(folder, true) ? new IgnoreRules() : rules;
  }

  async #withRulesOf(folder: string, rules: IgnoreRules): Promise<IgnoreRules> {
    try {
      await using file = await this.#roots.openFound(join(folder, '.gitignore'));
      if (file.kind !== 'file') return rules;
      return rules.with(folder, decodeText(await file.read(0, maxIgnoreBytes), undefined) ?? '');
    } catch (error) {
      if (error instanceof FileError) return rules;
      throw error;
    }
  }

  #assemble(path: string, { entries, ...counts }: Listing): Tree {
    const inside = (name: string): Tree | FolderLeftOut => {
      const found = this.#found.get(join(path, name)) ?? 'limit';
      return typeof found === 'string' ? found : this.#assemble(join(path, name), found);
    };
    return {
      ...counts,
      entries: entries.map((entry) => (entry.kind === 'folder' ? { ...entry, inside: inside(entry.name) } : entry)),
    };
  }
}

async function isRepository(folder: string): Promise<boolean> {
  return await lstat(join(folder, '.git')).then(
    () => true,
    () => false,
  );
}

/** Undefined for an entry that is gone by now. */
async function describe(folder: OpenedFolder, name: string): Promise<ListedEntry | undefined> {
  const stats = await lstat(join(folder.accessPath, name)).catch(() => undefined);
  return stats && toEntry(name, stats);
}

function toEntry(name: string, stats: Stats): ListedEntry {
  if (stats.isDirectory()) return { kind: 'folder', name };
  if (stats.isFile()) return { kind: 'file', name, size: stats.size };
  return { kind: stats.isSymbolicLink() ? 'link' : 'special', name };
}

function byKindAndName(one: Dirent, other: Dirent): number {
  const kinds = Number(other.isDirectory()) - Number(one.isDirectory());
  // By character code: collation would take long for thousands.
  return kinds !== 0 ? kinds : one.name < other.name ? -1 : 1;
}
