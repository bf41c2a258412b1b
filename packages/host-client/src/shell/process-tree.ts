import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How long processes may take to disappear after SIGKILL, which they cannot refuse. */
const reapTimeoutMs = 5_000;

/** How often a process is looked at, a millisecond apart, whose environment does not show as it is. */
const maxEnvironmentLooks = 200;

type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Tells a process from a later one with the same pid. */
  readonly startedAt: string;
  readonly marked: boolean;
};

/** What Linux tells of a process in `/proc/PID/stat`. */
type Stat = Pick<Process, 'parent' | 'group' | 'startedAt'> & {
  /** The kernel's own threads have none, nor has a process that is about to be gone. */
  readonly hasMemory: boolean;
  /** As the system knows it; not while another program takes the process over. */
  readonly hasEmptyEnvironment: boolean;
};

/**
 * All processes that come from one we started, to be ended together. On Linux a variable in their environment betrays
 * also those that left the process group and whose parent is gone (`setsid`, double fork), unless they cleared their
 * environment too; elsewhere the group and the parents must do.
 */
export class ProcessTree {
  readonly #rootPid: number;
  readonly #marker: string;
  /** By start, so that a child is known even after its parent has died. */
  readonly #known = new Map<number, string>();

  /** `marker` is `NAME=value`, unique to this tree; the root leads a process group. */
  constructor(rootPid: number, marker: string) {
    this.#rootPid = rootPid;
    this.#marker = marker;
  }

  /** How many have been seen, dead ones too. */
  get seen(): number {
    return this.#known.size;
  }

  /** Whether any of them is alive. On Windows always false: there is no telling. */
  async isAlive(): Promise<boolean> {
    return (await this.#membersForSure()).length > 0;
  }

  /** SIGTERM to all, SIGKILL to those left after `killAfterMs`. Resolves to whether all are gone. */
  async end({ killAfterMs }: { readonly killAfterMs: number }): Promise<boolean> {
    if (process.platform === 'win32') return await endOnWindows(this.#rootPid);
    const killAt = performance.now() + killAfterMs;
    const asked = new Set<number>();
    for (let members = await this.#members(); members.length > 0; members = await this.#membersForSure()) {
      const now = performance.now();
      if (now > killAt + reapTimeoutMs) return false;
      const kills = now >= killAt;
      // The whole group in one step: else a process that forks could stay ahead.
      if (kills && members.some(({ group }) => group === this.#rootPid)) sendSignal(-this.#rootPid, 'SIGKILL');
      for (const { pid } of members) {
        if (kills) sendSignal(pid, 'SIGKILL');
        else if (!asked.has(pid)) sendSignal(pid, 'SIGTERM');
        asked.add(pid);
      }
      await delay(kills ? 10 : Math.min(50, Math.max(1, killAt - now)));
    }
    return true;
  }

  /** Looks twice before it says none: a process that is just being replaced by another program shows no marker. */
  async #membersForSure(): Promise<readonly Process[]> {
    const members = await this.#members();
    if (members.length > 0) return members;
    await delay(5);
    return await this.#members();
  }

  async #members(): Promise<readonly Process[]> {
    if (process.platform === 'win32') return [];
    const processes = await listProcesses(this.#marker);
    const members = new Set<number>();
    let before = -1;
    // Children are found through their parents, which may come later in the list.
    while (members.size > before) {
      before = members.size;
      for (const entry of processes) if (this.#belongs(entry, members)) members.add(entry.pid);
    }
    const found = processes.filter(({ pid }) => members.has(pid));
    for (const { pid, startedAt } of found) this.#known.set(pid, startedAt);
    return found;
  }

  #belongs({ pid, parent, group, startedAt, marked }: Process, members: ReadonlySet<number>): boolean {
    if (pid === process.pid) return false;
    const isKnown = this.#known.get(pid) === startedAt;
    return marked || isKnown || pid === this.#rootPid || group === this.#rootPid || members.has(parent);
  }
}

/** For rooms that don't make their own: all that comes from `rootPid`, or bears `marker`. */
export function treeOf(rootPid: number, marker: string): ProcessTree {
  return new ProcessTree(rootPid, marker);
}

/**
 * Ends every process of this machine whose environment has `marker` (`NAME=value`), with its children: what a program
 * that was killed has left. Resolves to how many there were; on Linux only, elsewhere to 0.
 */
export async function endMarked(marker: string): Promise<number> {
  if (process.platform !== 'linux') return 0;
  // Nobody's pid: their parents are gone.
  const tree = new ProcessTree(-1, marker);
  if (await tree.isAlive()) await tree.end({ killAfterMs: 1_000 });
  return tree.seen;
}

/** Does nothing where the process is gone, or another user's. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone in the meantime, or another user's (sudo), which the next look will show.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

/** Those that run: zombies are left out. */
async function listProcesses(marker: string): Promise<readonly Process[]> {
  return process.platform === 'linux' ? await listFromProc(marker) : await listFromPs();
}

async function listFromProc(marker: string): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(pids.map((pid) => readProc(pid, marker)));
  return processes.filter((entry) => entry !== undefined);
}

async function readProc(pid: string, marker: string): Promise<Process | undefined> {
  const stat = await readStat(pid);
  if (stat === undefined) return undefined;
  const environment = stat.hasMemory ? await readEnvironment(pid) : '';
  const { parent, group, startedAt } = stat;
  return { pid: Number(pid), parent, group, startedAt, marked: `\0${environment}`.includes(`\0${marker}\0`) };
}

/** Undefined for one that does not run. */
async function readStat(pid: string): Promise<Stat | undefined> {
  const stat = await read(`/proc/${pid}/stat`);
  // The program's name in front is in parentheses, and may contain some.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state = 'X', parent, group] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return {
    parent: Number(parent),
    group: Number(group),
    startedAt: fields[19] ?? '',
    hasMemory: fields[20] !== '0',
    // Where it begins and where it ends.
    hasEmptyEnvironment: fields[47] === fields[48] && fields[48] !== '0',
  };
}

/** Looked at again where it seems empty: so it does for a moment while another program takes the process over. */
async function readEnvironment(pid: string): Promise<string> {
  for (let looks = 0, settled = 0; settled < 3 && looks < maxEnvironmentLooks; looks++) {
    const environment = await read(`/proc/${pid}/environ`);
    if (environment !== '') return environment ?? '';
    if ((await readStat(pid))?.hasEmptyEnvironment !== false) settled += 1;
    await delay(1);
  }
  return '';
}

/** Undefined for a process that is gone, or is not ours to look into. */
async function read(path: string): Promise<string | undefined> {
  return await readFile(path, 'latin1').catch(() => undefined);
}

async function listFromPs(): Promise<readonly Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/\s+/);
    if (state === undefined || /^[ZX]/.test(state)) return [];
    const startedAt = start.join(' ');
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), startedAt, marked: false }];
  });
}

async function endOnWindows(pid: number): Promise<boolean> {
  return await promisify(execFile)('taskkill', ['/PID', `${pid}`, '/T', '/F']).then(
    () => true,
    () => false,
  );
}
