import { access, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isInside } from '../../files/inside.ts';
import type { AgentConversation } from '../agent-runner.ts';
import { readHead } from './transcript-head.ts';

/** Files looked at side by side. */
const parallel = 32;

/** Claude Code cuts longer names of folders, and adds a hash. */
const maxFolderName = 200;

const transcriptName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jsonl$/i;

/** Of each transcript is read so much: a conversation's first lines, but no pictures. */
const maxHeadBytes = 128 * 1024;

type Transcript = { readonly path: string; readonly conversationId: string; readonly lastUsedAt: number };

/** Whether Claude Code has a conversation with this id. */
export async function hasConversation(configDir: string, conversationId: string): Promise<boolean> {
  const name = `${conversationId}.jsonl`;
  if (!transcriptName.test(name)) return false;
  const root = join(configDir, 'projects');
  const found = await inBatches(await folderNames(root), async (folder) => await exists(join(root, folder, name)));
  return found.includes(true);
}

/** Newest first; `folder` exists. Reads the files' beginnings alone, and only as many as it takes. */
export async function listConversations(
  configDir: string,
  folder: string,
  limit: number,
): Promise<readonly AgentConversation[]> {
  const root = await realpath(folder);
  const transcripts = await findTranscripts(join(configDir, 'projects'), root);
  const listed: AgentConversation[] = [];
  for (let next = 0; next < transcripts.length && listed.length < limit; next += parallel) {
    const batch = transcripts.slice(next, next + parallel);
    const read = await Promise.all(batch.map(async (transcript) => await toConversation(transcript, root)));
    listed.push(...read.filter((conversation) => conversation !== undefined));
  }
  return listed.slice(0, limit);
}

async function findTranscripts(projects: string, root: string): Promise<readonly Transcript[]> {
  const start = toFolderName(root).slice(0, maxFolderName);
  // Different paths may have one name: what is really in a folder, its files say.
  const folders = (await folderNames(projects)).filter((name) => name.startsWith(start));
  const files = await inBatches(folders, async (name) => {
    const entries = await readdir(join(projects, name)).catch((): string[] => []);
    return entries.filter((entry) => transcriptName.test(entry)).map((entry) => join(projects, name, entry));
  });
  const transcripts = await inBatches(files.flat(), toTranscript);
  return transcripts.filter((transcript) => transcript !== undefined).sort((a, b) => b.lastUsedAt - a.lastUsedAt);
}

/** As Claude Code names the folder for the conversations that were begun in `path`. */
function toFolderName(path: string): string {
  return path.replace(/[^a-zA-Z0-9]/g, '-');
}

async function toTranscript(path: string): Promise<Transcript | undefined> {
  const file = await stat(path).catch(() => undefined);
  if (file?.isFile() !== true || file.size === 0) return undefined;
  const conversationId = path.slice(path.lastIndexOf(sep) + 1, -'.jsonl'.length);
  return { path, conversationId, lastUsedAt: file.mtimeMs };
}

/** Undefined where nobody wrote anything, or in a folder that is not below `root`. */
async function toConversation(
  { path, conversationId, lastUsedAt }: Transcript,
  root: string,
): Promise<AgentConversation | undefined> {
  const head = readHead(await readStart(path));
  if (head === undefined) return undefined;
  // A folder that is gone has no real path: then the one that was noted must do.
  const real = await realpath(head.cwd).catch(() => head.cwd);
  if (!isInside(root, real)) return undefined;
  return { conversationId, cwd: real, firstLine: head.firstLine, lastUsedAt };
}

async function readStart(path: string): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  try {
    await using file = await open(path);
    const buffer = Buffer.alloc(maxHeadBytes);
    const { bytesRead } = await file.read(buffer, 0, maxHeadBytes, 0);
    return { text: buffer.toString('utf8', 0, bytesRead), isWhole: bytesRead < maxHeadBytes };
  } catch {
    return { text: '', isWhole: true };
  }
}

async function folderNames(path: string): Promise<readonly string[]> {
  return await readdir(path).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let next = 0; next < items.length; next += parallel) {
    results.push(...(await Promise.all(items.slice(next, next + parallel).map(work))));
  }
  return results;
}
