import { mkdir, mkdtemp, realpath, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { NodeFile } from '@phonework/shared/protocol';
import { TooLargeError } from '@phonework/shared/save-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileRoots } from '../../src/files/file-roots.ts';
import { createTaint } from '../../src/taint.ts';
import type { OutgoingFiles } from '../../src/tools/send-file.ts';
import { createSendFile } from '../../src/tools/send-file.ts';
import { ToolError } from '../../src/tools/tool.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'send-file-')));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

/** Takes note of what is done, in order. */
class NotedFiles implements OutgoingFiles {
  readonly notes: string[] = [];
  outcome: Awaited<ReturnType<OutgoingFiles['send']>> = 'announced';
  failure: Error | undefined;

  async copy(source: Readable) {
    if (this.failure !== undefined) throw this.failure;
    const { length } = await buffer(source);
    this.notes.push('copied');
    return { id: 'copy', size: length, sha256: '' };
  }

  async discard(): Promise<void> {
    this.notes.push('discarded');
  }

  async send(_copy: unknown, { userId, chatId, name }: Parameters<OutgoingFiles['send']>[1]) {
    this.notes.push(`${name} to ${userId} in ${chatId}`);
    return this.outcome;
  }
}

async function send(outgoing: NotedFiles, path: string, beforeEffect?: () => Promise<void>): Promise<string> {
  const roots = new FileRoots({ workingDir: root, dataDir: join(root, 'data'), home: root });
  await using opened = await roots.open(path);
  return await createSendFile({ outgoing, roots })(opened, {
    userId: 'alice',
    chatId: 'chat',
    turnId: 'turn',
    signal: new AbortController().signal,
    taint: createTaint(),
    beforeEffect: beforeEffect ?? (async (summary) => void outgoing.notes.push(`journal: ${summary}`)),
  });
}

test('a file is copied, noted as an effect, and sent to who asked', async () => {
  await writeFile(join(root, 'notes.txt'), 'hello');
  const outgoing = new NotedFiles();
  expect(await send(outgoing, 'notes.txt')).toBe('notes.txt (5 bytes) is sent into the chat.');
  expect(outgoing.notes).toEqual(['copied', 'journal: file_ops send notes.txt', 'notes.txt to alice in chat']);
});

test('a folder goes as an archive with its name', async () => {
  await mkdir(join(root, 'logs'));
  const outgoing = new NotedFiles();
  expect(await send(outgoing, 'logs')).toMatch(/^logs\.tar\.gz \(\d+ bytes\) is sent/);
});

test.each([
  ['empty', 0, 'is empty'],
  ['huge', 31 * 1024 * 1024, 'huge has 31 MB, and a chat takes files up to 30 MB'],
])('a file that is %s is not sent, and the model is told why', async (name, size, sentence) => {
  await writeFile(join(root, name), '');
  await truncate(join(root, name), size);
  const outgoing = new NotedFiles();
  await expect(send(outgoing, name)).rejects.toThrow(sentence);
  expect(outgoing.notes).toEqual([]);
});

test('a folder that packed is too large is told as that', async () => {
  await mkdir(join(root, 'logs'));
  const outgoing = new NotedFiles();
  outgoing.failure = new TooLargeError(1);
  await expect(send(outgoing, 'logs')).rejects.toThrow('logs packed has more than 30 MB');
});

test('a copy is removed again when the turn ends before it is sent', async () => {
  await writeFile(join(root, 'notes.txt'), 'hello');
  const outgoing = new NotedFiles();
  const stopped = () => Promise.reject(new Error('stopped'));
  await expect(send(outgoing, 'notes.txt', stopped)).rejects.toThrow('stopped');
  expect(outgoing.notes).toEqual(['copied', 'discarded']);
});

test('what is still on its way is said as that, and a refusal is a failure of the tool', async () => {
  await writeFile(join(root, 'notes.txt'), 'hello');
  const outgoing = new NotedFiles();
  outgoing.outcome = 'on_its_way';
  expect(await send(outgoing, 'notes.txt')).toContain('Do not send it again.');
  outgoing.outcome = 'refused';
  await expect(send(outgoing, 'notes.txt')).rejects.toBeInstanceOf(ToolError);
});

test('the archive of a folder with the longest name has one that the router takes', async () => {
  const folder = 'f'.repeat(255);
  await mkdir(join(root, folder));
  await writeFile(join(root, folder, 'a'), 'hello');
  const outgoing = new NotedFiles();
  await send(outgoing, folder);
  const [name = ''] = outgoing.notes.at(-1)?.split(' to ') ?? [];
  expect(NodeFile.shape.name.safeParse(name).success).toBe(true);
  expect(name).toMatch(/^f+\.tar\.gz$/);
});
