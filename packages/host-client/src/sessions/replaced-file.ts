import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isInside } from '../files/inside.ts';
import type { AgentAsk } from './agent-runner.ts';

/** Larger ones are shown as a whole instead of what changes in them. */
const MAX_BYTES = 200_000;

/** What the file holds that a Write would replace, where it is a text in the session's folder. Never rejects. */
export async function readReplaced(ask: AgentAsk, folder: string): Promise<string | undefined> {
  const path = ask.kind === 'permission' && ask.tool === 'Write' ? ask.input.file_path : undefined;
  if (typeof path !== 'string') return undefined;
  try {
    if (!isInside(await realpath(folder), await realpath(path))) return undefined;
    // A pipe would wait for its writer.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
      const content = await file.readFile('utf8');
      return content.includes('\0') ? undefined : content;
    } finally {
      await file.close();
    }
  } catch {
    // There is none, or it is not ours to read: then the new content says it all.
    return undefined;
  }
}
