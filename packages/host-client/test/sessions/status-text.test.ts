import { expect, test } from 'vitest';
import type { ListedSession, Surroundings } from '../../src/sessions/status-text.ts';
import { sessionList, sessionStatus, shortFolder } from '../../src/sessions/status-text.ts';

const around: Surroundings = { workingDir: '/home/u/code', home: '/home/u', now: 10_000_000 };
const demo: ListedSession = {
  name: 'demo',
  isActive: true,
  folder: '/home/u/code/demo',
  mode: 'acceptEdits',
  model: 'opus',
  state: { kind: 'working', elapsedMs: 123_000, step: 'Bash: npm test' },
  lastUsedAt: around.now - 5000,
  costUsd: 0.123,
};
const blog: ListedSession = {
  name: 'blog',
  isActive: false,
  folder: '/home/u/blog',
  mode: 'default',
  state: { kind: 'idle' },
  lastUsedAt: around.now - 300_000,
};

test('sessions are listed with what they do, and the active one is marked', () => {
  expect(sessionList([demo, blog], [], around).en).toBe(
    [
      'Sessions:',
      '→ 1. demo · working 2m 3s: Bash: npm test',
      '    demo · acceptEdits · opus · 5s ago · $0.12',
      '2. blog · idle',
      '    ~/blog · default · 5m ago',
      '',
      'Use "/switch <number or name>" to change the active one.',
    ].join('\n'),
  );
});

test('other conversations of the machine are numbered on, and can be taken over', () => {
  const conversations = [
    { folder: '/home/u/code/old', firstLine: `fix ${'the bug '.repeat(20)}`, lastUsedAt: around.now - 7_200_000 },
    { folder: '/srv/x', firstLine: '', lastUsedAt: around.now - 400_000 },
  ];
  const text = sessionList([demo], conversations, around).en;
  expect(text).toMatch(/^2\. old · fix (the bug )+.*… · 2h ago$/m);
  expect(text).toContain('3. /srv/x · (no words yet) · 6m 40s ago');
  expect(text).toContain('/switch 2 takes it over');
  for (const line of text.split('\n')) expect(line.length).toBeLessThan(120);
});

test('who has no session is told how to begin', () => {
  expect(sessionList([], [], around).en).toContain('/new');
  expect(sessionList([], [{ folder: '/x', firstLine: 'a', lastUsedAt: 0 }], around).en).toContain('/switch 1');
});

test('the status tells all about the active session', () => {
  const { en: text } = sessionStatus(
    {
      active: { ...demo, context: { usedTokens: 42_100, maxTokens: 200_000 } },
      questions: [],
      queue: [],
      others: [],
      tasks: [],
    },
    around,
  );
  expect(text).toBe(
    [
      '→ **demo** · working 2m 3s: Bash: npm test',
      'Folder: demo',
      'Mode: acceptEdits',
      'Model: opus',
      'Context: 42k of 200k tokens, 21 %',
      'Cost so far: $0.12',
    ].join('\n'),
  );
});

test('the status tells what waits for an answer, what waits in line, and what else runs', () => {
  const { en: text } = sessionStatus(
    {
      questions: [
        { number: 7, title: 'demo: Bash npm test' },
        { number: 9, title: 'blog: a plan to look at' },
      ],
      queue: [`first ${'x'.repeat(100)}`, 'second\nline'],
      others: [
        { ...blog, state: { kind: 'waiting' } },
        { ...blog, name: 'quiet' },
      ],
      tasks: [{ id: 'abc123', description: 'build all', elapsedMs: 61_000 }],
    },
    around,
  );
  expect(text).toContain('No active session');
  expect(text).toContain('#7 demo: Bash npm test\n#9 blog: a plan to look at\nPress the buttons under each');
  expect(text).toContain('Messages that wait: 2\n1. first x');
  expect(text).toContain('2. second line');
  expect(text).toContain('blog · waiting for you');
  expect(text).not.toContain('quiet');
  expect(text).toContain('#abc123 · build all · 1m 1s');
});

test('in Chinese the same is told', () => {
  const working: ListedSession = {
    ...demo,
    state: { kind: 'working', elapsedMs: 9000, step: { en: 'writing', zh: '正在写' } },
  };
  const conversation = { folder: '/srv/x', firstLine: '', lastUsedAt: around.now - 400_000 };
  expect(sessionList([working, blog], [conversation], around).zh).toBe(
    [
      '会话：',
      '→ 1. demo · 运行中 9s：正在写',
      '    demo · acceptEdits · opus · 5s 前 · $0.12',
      '2. blog · 空闲',
      '    ~/blog · default · 5m 前',
      '',
      '用“/switch <编号或名称>”切换正在使用的会话。',
      '',
      '这台机器上的其他对话：',
      '3. /srv/x · （还没有内容） · 6m 40s 前',
      '/switch 3 可以接手第 3 个。',
    ].join('\n'),
  );
  const questions = [{ number: 7, title: 'demo: Bash ls' }];
  const facts = { active: demo, questions, queue: ['next'], others: [], tasks: [] };
  expect(sessionStatus(facts, around).zh).toBe(
    [
      '→ **demo** · 运行中 2m 3s：Bash: npm test',
      '文件夹：demo',
      '模式：acceptEdits',
      '模型：opus',
      '目前费用：$0.12',
      '',
      '等你回答：',
      '#7 demo: Bash ls',
      '按它下面的按钮，或输入编号、y 或 n；想多说几句，用 /answer 加你的话。',
      '',
      '排队的消息：1',
      '1. next',
    ].join('\n'),
  );
});

test('how to type an answer is said while only one question is open', () => {
  const facts = { questions: [{ number: 7, title: 'demo: Bash ls' }], queue: [], others: [], tasks: [] };
  expect(sessionStatus(facts, around).en).toContain('/answer');
});

test.each([
  ['/home/u/code', '.'],
  ['/home/u/code/a/b', 'a/b'],
  ['/home/u/codeshop', '~/codeshop'],
  ['/home/u', '~'],
  ['/etc', '/etc'],
])('the folder %s is shown as %s', (folder, shown) => {
  expect(shortFolder(folder, around)).toBe(shown);
});

test.each([
  [{ kind: 'interrupted' }, 'demo · interrupted'],
  [{ kind: 'terminal' }, 'demo · in a terminal'],
  [{ kind: 'working', elapsedMs: 1000 }, 'demo · working 1s'],
] as const)('the state %o is readable', (state, shown) => {
  expect(sessionList([{ ...demo, state }], [], around).en).toContain(shown);
});
