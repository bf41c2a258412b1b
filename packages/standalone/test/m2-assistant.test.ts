import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installClaudeStandIn } from '@phonework/testkit/claude-stand-in';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { MetasoServer } from '@phonework/testkit/metaso-server';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';
import { ScriptedMailboy } from './m2/scripted-mailboy.ts';
import { StandInRm } from './m2/stand-in-rm.ts';

let metaso: MetasoServer;
let house: House;
let mailboy: ScriptedMailboy;
let alice: Phone;
let rm: StandInRm;

beforeAll(async () => {
  metaso = await MetasoServer.start();
  house = await startHouse({ hostConfig: { METASO_MCP_URL: metaso.url, METASO_API_KEY: metaso.apiKey } });
  await house.startRouter();
  rm = new StandInRm(join(house.folder, 'bin'));
  const claude = installClaudeStandIn(join(house.folder, 'claude'));
  await house.startNode({ CLAUDE_COMMAND: claude, ...rm.environment });
  await house.connected();
  mailboy = new ScriptedMailboy(house);
  alice = new Phone(house.feishu, 'ou_alice');
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await metaso.close();
});

test('a question is answered directly', async () => {
  mailboy.says('A generator is a function that yields.');
  await alice.asks('what is a Python generator?', 'A generator is a function that yields.');
  expect(mailboy.requests).toBe(1);
});

test('"check git status in todo_app" runs the shell tool there, without a question', async () => {
  const project = join(house.workingDir, 'todo_app');
  mkdirSync(project);
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', project]);
  writeFileSync(join(project, 'login.ts'), 'export {};');
  mailboy.calls('run_shell', { command: 'git status', cwd: 'todo_app' });
  const { text } = await alice.asks('check git status in todo_app', 'On branch main');
  expect(text).toContain('login.ts');
});

test('"rm -rf /" is blocked, and nobody is asked', async () => {
  mailboy.calls('run_shell', { command: 'rm -rf /' });
  await alice.asks('rm -rf /', 'told: Blocked: this command');
  expect(rm.calls).toEqual([]);
});

test('the last 50 lines of an audit file are read', async () => {
  await alice.asks('/new audited: run echo first', 'It worked: first');
  await alice.asks('/direct', 'straight to audited');
  // Four lines a turn: the prompt, the use of a tool, its result, and the answer.
  for (let turn = 2; turn <= 14; turn += 1) await alice.asks(`run echo turn-${turn}`, `It worked: turn-${turn}`);
  await alice.asks('/smart', 'to the assistant now');
  const [name = ''] = readdirSync(join(house.folder, 'node-data/audit'));
  mailboy.calls('file_ops', { action: 'read', path: `audit/${name}`, lines: '-50', max_bytes: 11_000 });
  mailboy.says('These are the last 50 lines.');
  await alice.asks('show me the last 50 lines of the audit file of audited', 'These are the last 50 lines.');
  const [heading, ...lines] = mailboy.told.trimEnd().split('\n');
  expect(heading).toContain('lines 7-56 of 56');
  expect(lines).toHaveLength(50);
  expect(lines.map((line) => JSON.parse(line).kind)).toContain('result');
  expect(lines.at(-1)).toContain('It worked: turn-14');
  expect(mailboy.told).not.toContain('echo first');
});

test('"send me the sessions.json file" arrives in the chat as a file', async () => {
  const bytes = Buffer.from(JSON.stringify({ sessions: ['audited'] }));
  writeFileSync(join(house.workingDir, 'sessions.json'), bytes);
  mailboy.calls('file_ops', { action: 'send', path: 'sessions.json' });
  await alice.asks('send me the sessions.json file', 'is sent into the chat');
  const file = alice.messages.find(({ messageType }) => messageType === 'file');
  const upload = house.feishu.uploads.find(({ key }) => file?.content.includes(key));
  expect(upload?.name).toBe('sessions.json');
  expect(upload?.bytes.equals(bytes)).toBe(true);
});

test('a long Claude Code task is answered at once, shown running with its time, and reported when it is finished', async () => {
  mailboy.calls('create_session', { name: 'blog', working_dir: 'blog', prompt: 'long 4000', cc_timeout: 120 });
  const { text: answer } = await alice.asks('write a blog in a new project, it may take two minutes', '⏳ Task #');
  const [, id = ''] = /⏳ Task #([0-9a-z]{6}) started/.exec(answer) ?? [];
  expect((await alice.asks('/tasks', `⏳ #${id}`)).text).toMatch(/running for \d+s: blog: long 4000/);
  const { text: report } = await alice.hears(`✅ Task #${id} done (`);
  expect(report).toContain('blog: long 4000');
  expect(report).toContain('word 1');
  await alice.asks('/tasks', `✅ #${id} done (`);
});

test('"/remind" is heard when its time has come, also when the assistant sets it', async () => {
  await alice.asks('/remind 10m deploy check', 'in 10m');
  await alice.asks('/remind 1s deploy check now', 'in 1s');
  await alice.hears('⏰ deploy check now');
  mailboy.calls('scheduler', { action: 'remind', delay_seconds: 1, message: 'look at the build' });
  await alice.asks('remind me in a second to look at the build', 'told: ');
  await alice.hears('⏰ look at the build');
  expect(alice.texts).not.toContain('⏰ deploy check');
});

test('a web question gets the answer of Metaso, with its sources', async () => {
  metaso.enqueue(
    JSON.stringify({
      answer: 'Node 24 is the newest LTS.',
      citations: [{ title: 'Releases', link: 'https://nodejs.org/releases' }],
    }),
  );
  mailboy.calls('web', { action: 'ask', query: 'which Node is the newest LTS?' });
  const { text } = await alice.asks('which Node is the newest LTS?', 'Node 24 is the newest LTS.');
  expect(text).toContain('https://nodejs.org/releases');
  expect(metaso.calls.at(-1)).toMatchObject({
    name: 'metaso_chat',
    arguments: { message: 'which Node is the newest LTS?' },
  });
});

test('a URL is fetched as Markdown', async () => {
  metaso.enqueue('# Releases\n\nNode **24** is LTS.');
  mailboy.calls('web', { action: 'fetch', url: 'https://nodejs.org/releases' });
  const { text } = await alice.asks('read https://nodejs.org/releases', 'Releases');
  expect(text).toContain('24');
  expect(mailboy.told).toContain('# Releases\n\nNode **24** is LTS.');
  const call = { name: 'metaso_web_reader', arguments: { url: 'https://nodejs.org/releases', format: 'markdown' } };
  expect(metaso.calls.at(-1)).toMatchObject(call);
});

test('nothing was said twice', async () => {
  await waitFor(async () => (await house.health())?.queue?.outbox === 0, { what: 'the outbox to be empty' });
  const pushed = alice.texts.filter((text) => /^(✅ Task|⏰ (deploy|look))/.test(text));
  expect(new Set(pushed).size).toBe(pushed.length);
});
