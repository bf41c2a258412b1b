import { MAX_SESSIONS } from '@phonework/shared/protocol';
import { describe, expect, test } from 'vitest';
import { findByName } from '../../src/routing/names.ts';
import type { RoutableNode, RuleDecision } from '../../src/routing/rules.ts';
import { decideByRules } from '../../src/routing/rules.ts';

function node(nodeId: string, more: Partial<RoutableNode> = {}): RoutableNode {
  return { nodeId, displayName: nodeId, online: true, active: false, sessions: [], capabilities: ['shell'], ...more };
}

const home = node('home-pc', { displayName: '家里的电脑', sessions: ['todo_app', 'blog', 'ci', '登录修复'] });
const work = node('work-server', { displayName: 'Office Box', sessions: ['api', 'Billing', 'shared-lib'] });
const laptop = node('laptop', { displayName: '上海服务器', sessions: ['shared-lib', 'main'] });
const three = [home, work, laptop];
const offline = { online: false };
const active = { active: true };

type Case = readonly [text: string, nodes: readonly RoutableNode[], decision: RuleDecision, quotedNodeId?: string];

function to({ nodeId }: RoutableNode, text: string): RuleDecision {
  return { kind: 'node', nodeId, text };
}

function decide([text, nodes, , quotedNodeId]: Case): RuleDecision {
  return decideByRules({ text, nodes, ...(quotedNodeId !== undefined && { quotedNodeId }) });
}

const askModel: RuleDecision = { kind: 'ask-model' };
const askUser: RuleDecision = { kind: 'ask-user' };

test.for<Case>([
  ['hello', [], { kind: 'none' }],
  ['@home-pc hello', [], { kind: 'none' }],
  ['@all hello', [], { kind: 'none' }],
  ['/status', [], { kind: 'none' }],
])('a user whom no node serves gets nowhere: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['@all git pull', three, { kind: 'all', text: 'git pull' }],
  ['@ALL: git pull', three, { kind: 'all', text: 'git pull' }],
  ['@all /status', three, { kind: 'all', text: '/status' }],
  ['@所有 更新代码', three, { kind: 'all', text: '更新代码' }],
  ['＠全部，更新代码', three, { kind: 'all', text: '更新代码' }],
  ['@all one\ntwo', [home], { kind: 'all', text: 'one\ntwo' }],
  ['@all update todo_app', three, { kind: 'all', text: 'update todo_app' }, 'laptop'],
])('@all names every node: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['@all', three, askModel],
  ['@alliance is our new brand', three, askModel],
  ['@所有人 开会了', three, askModel],
  ['mail @all about it', three, askModel],
])('what only looks like @all is ordinary text: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

describe('a node that is named at the start gets the rest', () => {
  test.for<Case>([
    ['@work-server run the tests', three, to(work, 'run the tests')],
    ['@work-server: run it', three, to(work, 'run it')],
    ['@work-server，跑一下测试', three, to(work, '跑一下测试')],
    ['@WORK-Server\nrun it\nagain', three, to(work, 'run it\nagain')],
    ['＠home-pc 看看日志', three, to(home, '看看日志')],
    ['@home-pc看看日志', three, to(home, '看看日志')],
    ['@家里的电脑 看看日志', three, to(home, '看看日志')],
    ['@家里的电脑看看日志', three, to(home, '看看日志')],
    ['@office box restart nginx', three, to(work, 'restart nginx')],
    ['@work run the tests', three, to(work, 'run the tests')],
    ['@家里 看看日志', three, to(home, '看看日志')],
    ['@work-server /status', [{ ...home, ...active }, work], to(work, '/status')],
    ['@home-pc run it', [{ ...home, ...offline }, work], to(home, 'run it')],
    ['@work-server fix todo_app', three, to(work, 'fix todo_app'), 'laptop'],
    ['@home-pc hello', [home], to(home, 'hello')],
    ['on work-server, run the tests', three, to(work, 'run the tests')],
    ['On Work-Server: run the tests', three, to(work, 'run the tests')],
    ['on office box, run the tests', three, to(work, 'run the tests')],
    ['on work, run the tests', three, to(work, 'run the tests')],
    ['在 home-pc 上跑一下测试', three, to(home, '跑一下测试')],
    ['在home-pc上面，跑一下测试', three, to(home, '跑一下测试')],
    ['在家里的电脑上看看日志', three, to(home, '看看日志')],
    ['在上海服务器上看看日志', three, to(laptop, '看看日志')],
  ])('%j', (written) => {
    expect(decide(written)).toEqual(written[2]);
  });

  test.for<Case>([
    ['@home-pc', three, to(home, '@home-pc')],
    ['on work-server run the tests', three, to(work, 'on work-server run the tests')],
    ['On laptop the build fails, why?', three, to(laptop, 'On laptop the build fails, why?')],
    ['on home-pc:8080 nothing answers', three, to(home, 'on home-pc:8080 nothing answers')],
    ['在 home-pc 上传 build.zip', three, to(home, '在 home-pc 上传 build.zip')],
    ['在家里的电脑跑测试', three, to(home, '在家里的电脑跑测试')],
    [
      '在桌面上创建一个文件',
      [node('a', { displayName: '桌面机' }), work],
      { kind: 'node', nodeId: 'a', text: '在桌面上创建一个文件' },
    ],
  ])('or all of it, where the name may belong to the sentence: %j', (written) => {
    expect(decide(written)).toEqual(written[2]);
  });

  test('and a longer name goes before one that it begins with, an id before a display name', () => {
    const nodes = [node('home'), node('home-pc'), node('x', { displayName: 'home pc' })];
    expect(decideByRules({ text: '@home-pc go', nodes })).toMatchObject({ nodeId: 'home-pc' });
    expect(decideByRules({ text: '@home pc go', nodes })).toMatchObject({ nodeId: 'x' });
    expect(decideByRules({ text: '@home go', nodes })).toMatchObject({ nodeId: 'home' });
    const pretender = node('aaa', { displayName: 'work-server' });
    expect(decideByRules({ text: '@work-server go', nodes: [pretender, work] })).toMatchObject({
      nodeId: 'work-server',
    });
    expect(decideByRules({ text: '@PC go', nodes: [node('pc'), node('PC')] })).toMatchObject({ nodeId: 'PC' });
  });
});

const works = [node('work-1'), node('work-2'), laptop];
const twins = [node('a', { displayName: 'pc' }), node('b', { displayName: 'pc' })];

test.for<Case>([
  ['@work run it', works, askUser],
  ['on work, run it', works, askUser],
  ['@pc run it', twins, askUser],
  ['@work run it', [node('work-1'), node('work-2', offline)], askUser],
])('a name that fits several nodes is not guessed at: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['@Injectable decorators, how do they work?', three, askModel],
  ['@work/tools does not install', three, askModel],
  ['@home-pc.local does not resolve', three, askModel],
  ['@w run it', three, askModel],
  ['@desktop run it', [home], to(home, '@desktop run it')],
  ['@ home-pc run it', three, askModel],
  ['mail me@work-server about it', three, askModel],
  ['on monday, remind me', three, askModel],
  ['on the work-server, run it', three, askModel],
  ['once, on work-server', three, askModel],
  ['online, please', three, askModel],
  ['on laptops the build fails', three, askModel],
  ['在线上看看日志', three, askModel],
  ['现在 home-pc 上面怎么样', three, askModel],
  ['@ hi', [node('x', { displayName: ' ' }), work], askModel],
])('what names no node at the start is ordinary text: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['/status', [home, { ...work, ...active }], to(work, '/status')],
  ['/status', [home, { ...work, ...active, ...offline }], to(work, '/status')],
  ['/status', [home, { ...work, ...offline }], to(home, '/status')],
  ['/status', [{ ...home, ...offline }], to(home, '/status')],
  ['/new todo_app: fix it', [home, { ...work, ...active }], to(work, '/new todo_app: fix it')],
  ['/new: fix it', [home, { ...work, ...active }], to(work, '/new: fix it')],
  ['/stop', [home, { ...work, ...active }], to(work, '/stop'), 'home-pc'],
  ['/status', three, askUser],
  ['/switch blog', three, askUser],
  ['/status', [home, work].map((each) => ({ ...each, ...offline })), askUser],
  ['/var/log/syslog is full', three, askModel],
])('a command goes to the active node or the only candidate, and never to a model: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['and now?', three, to(laptop, 'and now?'), 'laptop'],
  ['and now?', [home, { ...work, ...active }], to(home, 'and now?'), 'home-pc'],
  ['and now?', [home, { ...work, ...offline }], to(work, 'and now?'), 'work-server'],
  ['the same for todo_app', three, to(laptop, 'the same for todo_app'), 'laptop'],
  ['and now?', three, askModel, 'revoked-node'],
  ['继续', three, to(home, '继续'), 'home-pc'],
])('a reply goes to the node that gave the answer: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['fix the login bug in todo_app', three, to(home, 'fix the login bug in todo_app')],
  ['TODO_APP: run the tests', three, to(home, 'TODO_APP: run the tests')],
  ['how is billing doing?', three, to(work, 'how is billing doing?')],
  ['修复todo_app的登录问题', three, to(home, '修复todo_app的登录问题')],
  ['登录修复做完了吗', three, to(home, '登录修复做完了吗')],
  ['look at todo_app/src/login.ts', three, to(home, 'look at todo_app/src/login.ts')],
  ['what about `todo_app`.', three, to(home, 'what about `todo_app`.')],
  [
    'fix todo_app',
    [
      { ...home, ...offline },
      { ...work, ...active },
    ],
    to(home, 'fix todo_app'),
  ],
  ['use shared-lib in todo_app', three, to(home, 'use shared-lib in todo_app')],
  ['move it from todo_app to the blog', three, to(home, 'move it from todo_app to the blog')],
  [
    `${'x '.repeat(5000)}\nin which file of todo_app is this?`,
    three,
    to(home, `${'x '.repeat(5000)}\nin which file of todo_app is this?`),
  ],
])("a session's name decides where one node alone has it: %j", (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['update shared-lib', three, askModel],
  ['use todo_app as a model for billing', three, askModel],
  ['my-todo_app, todo_app2 and todo_app.py', three, askModel],
  ['the apis are slow', three, askModel],
  ['main.ts does not compile', three, askModel],
  ['is ci green?', three, askModel],
])('a name that several have, that is part of a word, or too short, does not: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['hello', [home], to(home, 'hello')],
  ['hello', [{ ...home, ...offline }], to(home, 'hello')],
  ['hello', [{ ...home, ...offline }, work], to(work, 'hello')],
  ['hello', [{ ...home, ...offline, ...active }, work], to(work, 'hello')],
  ['你好', [{ ...home, ...offline }, work, { ...laptop, ...offline }], to(work, '你好')],
])('without any name the only node that could answer does: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test.for<Case>([
  ['hello', three, askModel],
  ['你好', [{ ...home, ...active }, work], askModel],
  ['run the tests on work-server', [{ ...home, ...active }, work], askModel],
  ['hello', [home, work].map((each) => ({ ...each, ...offline })), askModel],
])('what several nodes could answer is for the model: %j', (written) => {
  expect(decide(written)).toEqual(written[2]);
});

test('a message is judged in no time, however long it is and however many sessions there are', () => {
  const many = (of: string) => Array.from({ length: MAX_SESSIONS }, (_, index) => `${of}${index}`);
  const nodes = [
    node('n-1', { displayName: 'aaaa', sessions: many('sess-') }),
    node('n-2', { sessions: many('会话') }),
  ];
  const openings = ['', '@', '@a', 'on ', 'on a', '在', '在a', '@all', '/', '@n-1'];
  const fillings = ['a', ' ', '上', '上传', ',:', 'sess-', '会话 ', 'a.'];
  for (const text of openings.flatMap((opening) =>
    fillings.map((filling) => `${opening}${filling.repeat(300_000 / filling.length)}!`),
  )) {
    // The best of several, since other programs run too.
    const takenMs = [1, 2, 3, 4, 5].map(() => {
      const startedAt = performance.now();
      decideByRules({ text, nodes });
      return performance.now() - startedAt;
    });
    expect(Math.min(...takenMs)).toBeLessThan(20);
  }
});

test('a name finds the one node that it fits best', () => {
  expect(findByName('WORK-server', three)).toBe('work-server');
  expect(findByName('office box', three)).toBe('work-server');
  expect(findByName('家里', three)).toBe('home-pc');
  expect(findByName('lap', three)).toBe('laptop');
  expect(findByName('l', three)).toBeUndefined();
  expect(findByName('', three)).toBeUndefined();
  expect(findByName('work', works)).toBeUndefined();
  expect(findByName('pc', twins)).toBeUndefined();
});
