import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { AgentError } from '../../src/sessions/agent-runner.ts';
import { claudeTexts } from '../../src/sessions/claude/claude-texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import { mayRun } from '../fakes/fake-agent.ts';
import { labels, SessionNode } from '../fakes/session-node.ts';

async function openChinese(options: Parameters<typeof SessionNode.open>[0] = {}): Promise<SessionNode> {
  const node = await SessionNode.open(options);
  node.languages.set('alice', 'zh');
  return node;
}

async function working(node: SessionNode, name = 'app', userId = 'alice') {
  const session = await node.session(name, { userId });
  await node.tell(session, `${name}-m1`);
  const agent = await node.runner.of(session.conversationId);
  await agent.got();
  agent.begin();
  return { session, agent };
}

async function decision(agent: Awaited<ReturnType<typeof working>>['agent']) {
  return await waitFor(() => agent.answered[0]?.decision, { what: 'the answer to the agent' });
}

describe('who writes Chinese reads Chinese', () => {
  test('what the agent asks, on its buttons too, and answers by their labels', async () => {
    await using node = await openChinese();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    expect(asked.text).toMatch(/^\*\*app\*\*：Claude 想要运行一条命令：\n\n```bash\nnpm test\n```\n\n文件夹：/);
    expect(labels(asked)).toEqual(['允许一次', '本会话内允许', '拒绝']);
    await node.press(asked, '本会话内允许');
    expect(await decision(agent)).toEqual({ kind: 'allow', scope: 'session' });
  });

  test.each([
    ['本会话内允许', { kind: 'allow', scope: 'session' }],
    ['可以', { kind: 'allow', scope: 'once' }],
    ['y', { kind: 'allow', scope: 'once' }],
    ['Allow for this session', { kind: 'allow', scope: 'session' }],
    ['2', { kind: 'allow', scope: 'session' }],
  ] as const)('and answers "%s" as well as with a button', async (words, expected) => {
    await using node = await openChinese();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    await node.message('npm test');
    await node.disk.store.write(() => node.questions.answerInWords('alice', 'chat of alice', words));
    expect(await decision(agent)).toEqual(expected);
  });

  test('while others read English in the same moment', async () => {
    await using node = await openChinese();
    const alice = await working(node);
    const bob = await working(node, 'web', 'bob');
    for (const { agent } of [alice, bob]) agent.ask('r1', { kind: 'plan', plan: 'Do it' });
    expect(labels(await node.message('Claude 有一个计划'))).toEqual(['开始', '开始，并接受修改', '继续规划']);
    expect(labels(await node.message('Claude has a plan'))).toEqual(['Go', 'Go and accept edits', 'Keep planning']);
    expect(node.asked('alice')).toEqual(['app：有一个计划待确认']);
    expect(node.asked('bob')).toEqual(['web: a plan to look at']);
  });

  test('what a turn does, as it runs', async () => {
    await using node = await openChinese();
    const { agent } = await working(node);
    await waitFor(() => node.progress.find(({ step }) => step === '思考中'));
    agent.emit({ kind: 'retry', attempt: 2, maxAttempts: 10, reason: { en: 'overloaded, 529', zh: '服务过载，529' } });
    await waitFor(() => node.progress.find(({ step }) => step === '重试 2/10：服务过载，529'));
    agent.ask('r1', mayRun());
    await waitFor(() => node.progress.find(({ step }) => step === '等你回答'));
    // From the next step on: the last message decides.
    node.languages.set('alice', 'en');
    agent.emit({ kind: 'ask-withdrawn', requestId: 'r1' });
    await waitFor(() => node.progress.find(({ step }) => step === 'thinking'));
  });

  test('why a turn came to nothing', async () => {
    await using node = await openChinese();
    const { session, agent } = await working(node);
    agent.die(claudeTexts.endedByItself('home-pc', claudeTexts.signal('SIGKILL')));
    expect((await node.answer('app-m1')).error).toBe(
      'home-pc 上的 Claude Code 自己结束了（信号 SIGKILL）：再发一次消息就会启动它。也可以直接继续：对话还在。',
    );
    node.runner.refusals.push(new AgentError('missing', claudeTexts.missing('home-pc')));
    await node.tell(session, 'm2');
    expect((await node.answer('m2')).error).toMatch(/^home-pc 上没有 Claude Code：/);
  });

  test('that a turn goes on in the background, and how it ended', async () => {
    await using node = await openChinese({ limits: { backgroundAfterMs: 20 } });
    const { session, agent } = await working(node);
    expect(await node.answerTo('app-m1')).toMatch(/^⏳ 任务 #\w{6} 已开始。完成后会通知你。$/);
    agent.say('half of it');
    node.room.manager.interrupt(session);
    const { result } = await node.completion();
    expect(result).toContain('half of it\n\n⏹ 已停止。');
  });

  test('what waits, and what becomes of it', async () => {
    await using node = await openChinese();
    const { session, agent } = await working(node);
    await node.tell(session, 'm2');
    node.waitPatiently();
    await node.message('⏳ 已排队（第 1 位），app 正在做别的事。');
    await node.disk.store.write(() => node.room.desk.hold(session));
    agent.finish('did it');
    await node.tell(session, 'm3');
    const question = await node.message('/stop 之后，app 有 2 条消息在排队。怎么处理？');
    expect(labels(question)).toEqual(['全部运行（2 条）', '只运行最新的', '全部丢弃']);
    await node.press(question, '全部丢弃');
    expect(await node.answerTo('m3')).toBe('⏹ 还没开始就已丢弃。');
    await node.message('已丢弃 2 条。app 已就绪。');
  });

  test('that a turn was cut, with what it did, and lets it go on', async () => {
    await using before = await openChinese();
    const { session, agent } = await working(before);
    await before.tell(session, 'm2');
    agent.emit({ kind: 'tool-started', toolUseId: 't', name: 'Bash', input: { command: 'npm test' } });
    await waitFor(() => before.room.turns.ofForward('app-m1')?.step);
    await using node = await before.afterCrash();
    node.languages.set('alice', 'zh');
    await node.room.start();
    const told = await node.answer('app-m1');
    expect(told.reply).toBe(
      [
        '⚠️ app 在做这件事时被中断：Bash: npm test',
        '你机器上的程序中途结束了。这件事可能做完了，也可能没有；没有重新运行。',
        '后面还有 1 条在排队，你选择后会继续。',
        '“继续”让 Claude 从那里接着做。选“放弃”，或直接写新的内容，就让它停在那里。',
      ].join('\n'),
    );
    expect(labels(told)).toEqual(['继续', '放弃']);
    await node.press(told, '继续');
    await node.message('▶️ app 从中断的地方继续。');
    expect((await node.runner.agent()).begun.continuesCutTurn).toBe(true);
  });

  test('that nobody answered in time; the agent is told in its own language', async () => {
    await using node = await openChinese({ limits: { questionTtlMs: 40 } });
    node.questions.start();
    const { agent } = await working(node);
    agent.ask('r1', mayRun());
    await node.questions.delivered((await node.message('npm test')).id);
    expect(await decision(agent)).toMatchObject({ kind: 'deny', message: expect.stringContaining('did not answer') });
    await node.message('⌛ “app: Bash npm test”在 0s 内没有得到回答：按“拒绝”处理，已告诉 Claude。');
  });

  test('how to write /new', async () => {
    await using chat = await ChatNode.open();
    chat.node.languages.set('alice', 'zh');
    expect(await chat.read('/new app --timeout soon: x')).toMatch(
      /^--timeout 要写 1 到 86400 之间的整数秒，不能是“soon”/,
    );
  });

  test('what runs, in /status, with the time of all and of its step', async () => {
    await using chat = await ChatNode.open();
    chat.node.languages.set('alice', 'zh');
    await chat.working(await chat.direct());
    expect(await chat.read('/status')).toMatch(
      /→ \*\*app\*\* · 运行中 \ds：思考中 · \ds\n文件夹：app\n模式：default\n/,
    );
  });
});
