import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasConversation, listConversations } from '../../../src/sessions/claude/conversations.ts';

let root: string;
let configDir: string;
let folder: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'phonework-conversations-')));
  configDir = join(root, '.claude');
  folder = join(root, 'projects');
  await mkdir(join(folder, 'demo'), { recursive: true });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

type Written = {
  readonly cwd: string;
  readonly rows: readonly object[];
  /** Seconds since the epoch. */
  readonly at?: number;
  readonly name?: string;
};

async function write({ cwd, rows, at = 1_000, name = `${randomUUID()}.jsonl` }: Written): Promise<string> {
  const place = join(configDir, 'projects', cwd.replace(/[^a-zA-Z0-9]/g, '-').slice(0, 200));
  await mkdir(place, { recursive: true });
  const path = join(place, name);
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await utimes(path, at, at);
  return name.replace('.jsonl', '');
}

function said(cwd: string, content: unknown, fields: object = {}): object {
  return { type: 'user', isSidechain: false, cwd, message: { role: 'user', content }, ...fields };
}

const queued = { type: 'queue-operation', operation: 'enqueue', content: 'not this' };

async function firstLines(limit = 10): Promise<readonly string[]> {
  return (await listConversations(configDir, folder, limit)).map(({ firstLine }) => firstLine);
}

test('conversations below the folder are listed, newest first, with what the user wrote first', async () => {
  const demo = join(folder, 'demo');
  const old = await write({ cwd: folder, rows: [queued, said(folder, 'fix the login\nplease')], at: 1_000 });
  const young = await write({ cwd: demo, rows: [said(demo, [{ type: 'text', text: 'write tests' }])], at: 2_000 });
  await write({ cwd: root, rows: [said(root, 'elsewhere')], at: 3_000 });
  expect(await listConversations(configDir, folder, 10)).toEqual([
    { conversationId: young, cwd: demo, firstLine: 'write tests', lastUsedAt: 2_000_000 },
    { conversationId: old, cwd: folder, firstLine: 'fix the login', lastUsedAt: 1_000_000 },
  ]);
});

test('a folder beside it with a name that looks the same is another', async () => {
  const beside = join(root, 'projects-demo');
  await mkdir(beside);
  await write({ cwd: beside, rows: [said(beside, 'not mine')] });
  const gone = join(root, 'projects.demo');
  await write({ cwd: gone, rows: [said(gone, 'not mine either')] });
  expect(await firstLines()).toEqual([]);
});

test('the folder may be reached through a link, and a link out of it leads out', async () => {
  const demo = join(folder, 'demo');
  await write({ cwd: demo, rows: [said(demo, 'hello')] });
  await symlink(folder, join(root, 'link'));
  expect(await listConversations(configDir, join(root, 'link'), 10)).toMatchObject([{ cwd: demo }]);
  const out = join(folder, 'out');
  await mkdir(join(root, 'private'));
  await symlink(join(root, 'private'), out);
  await write({ cwd: out, rows: [said(out, 'private')], at: 2_000 });
  expect(await firstLines()).toEqual(['hello']);
});

test('a conversation whose folder is gone is listed', async () => {
  const gone = join(folder, 'gone');
  await write({ cwd: gone, rows: [said(gone, 'hello')] });
  expect(await listConversations(configDir, folder, 10)).toMatchObject([{ cwd: gone, firstLine: 'hello' }]);
});

test('what the program wrote in the name of the user is not what the user wrote', async () => {
  const rows = [
    said(folder, '<local-command-caveat>The command below …', { isMeta: true }),
    said(folder, '<command-name>/clear</command-name>\n <command-message>clear</command-message>'),
    said(folder, [{ type: 'tool_result', tool_use_id: 't', content: 'output' }]),
    said(folder, '[Request interrupted by user]'),
    said(folder, 'the real one'),
  ];
  await write({ cwd: folder, rows });
  expect(await firstLines()).toEqual(['the real one']);
});

test('those of subagents, those where nobody wrote, empty and broken ones are left out', async () => {
  await write({ cwd: folder, rows: [said(folder, 'do it', { isSidechain: true })] });
  await write({ cwd: folder, rows: [said(folder, 'do it')], name: 'agent-a88e15a278c3a7c1f.jsonl' });
  await write({ cwd: folder, rows: [queued, said(folder, 'a note', { isMeta: true })] });
  await write({ cwd: folder, rows: [] });
  const broken = await write({ cwd: folder, rows: [] });
  await writeFile(join(configDir, 'projects', folder.replace(/[^a-zA-Z0-9]/g, '-'), `${broken}.jsonl`), '{"type":"us');
  expect(await firstLines()).toEqual([]);
});

test('a large start costs no more than its first part, and the conversation is listed without its line', async () => {
  const attachment = { type: 'attachment', cwd: folder, content: 'x'.repeat(500_000) };
  await write({ cwd: folder, rows: [{ type: 'mode', cwd: folder }, attachment, said(folder, 'far behind')] });
  expect(await firstLines()).toEqual(['']);
});

test('a picture without words is a message too', async () => {
  await write({ cwd: folder, rows: [said(folder, [{ type: 'image', source: {} }])] });
  expect(await firstLines()).toEqual(['']);
});

test('a long line is cut', async () => {
  await write({ cwd: folder, rows: [said(folder, 'x'.repeat(5_000))] });
  expect((await firstLines())[0]).toMatch(/^x+…$/);
  expect((await firstLines())[0]?.length).toBeLessThanOrEqual(200);
});

test('of thousands the newest are found without reading the others', async () => {
  for (let next = 0; next < 2_000; next += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const number = next + index;
        await write({ cwd: folder, rows: [said(folder, `message ${number}`)], at: 1_000 + number });
      }),
    );
  }
  const startedAt = performance.now();
  expect(await firstLines(3)).toEqual(['message 1999', 'message 1998', 'message 1997']);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('where Claude Code never ran there are none', async () => {
  expect(await firstLines()).toEqual([]);
  expect(await hasConversation(configDir, randomUUID())).toBe(false);
});

test('a conversation is known by its id, in whichever folder it was begun', async () => {
  const id = await write({ cwd: root, rows: [said(root, 'hello')] });
  expect(await hasConversation(configDir, id)).toBe(true);
  expect(await hasConversation(configDir, randomUUID())).toBe(false);
});

test('an id that is none leads nowhere', async () => {
  await writeFile(join(root, 'secret.jsonl'), '{}');
  await mkdir(join(configDir, 'projects', 'demo'), { recursive: true });
  expect(await hasConversation(configDir, '../../../secret')).toBe(false);
});
