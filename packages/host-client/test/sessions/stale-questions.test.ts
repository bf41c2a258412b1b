import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { outcomeTexts } from '../../src/sessions/outcome-texts.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import { mayRun } from '../fakes/fake-agent.ts';
import { SessionNode } from '../fakes/session-node.ts';

/** A session that works on message m1. */
async function working(node: SessionNode) {
  const session = await node.session();
  await node.tell(session, 'm1');
  const agent = await node.runner.agent();
  await agent.got();
  agent.begin();
  return { session, agent };
}

describe('a question that nobody waits for any more is not left open', () => {
  test('what becomes of a cut turn, when its session is closed', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await using next = await node.afterCrash();
    await next.room.start();
    const told = await next.answer('m1');
    await next.room.desk.close(next.now(session));
    expect(next.asked()).toEqual([]);
    await next.press(told, 'Continue');
    await next.message('That question was taken back');
    expect(next.disk.store.prepare('SELECT count(*) AS rows FROM session_turns').get()).toEqual({ rows: 0 });
  });

  test('what becomes of the messages behind /stop, when its session is closed', async () => {
    await using chat = await ChatNode.open();
    const { agent } = await chat.working(await chat.direct(), 'zero');
    await chat.send('one');
    await chat.say('/stop');
    await chat.say('/close');
    expect(agent.endings).toHaveLength(1);
    expect(chat.node.asked()).toEqual([]);
  });

  test('what becomes of the messages behind /stop is open once, and after the choice not at all', async () => {
    await using chat = await ChatNode.open();
    const { id } = await chat.working(await chat.direct(), 'zero');
    await chat.send('one');
    const first = await chat.say('/stop');
    await chat.node.answer(id);
    await chat.send('two');
    const second = await chat.node.message(turnTexts.waitingHeld('app', 2).en);
    expect(chat.node.asked()).toEqual(['app: 2 waiting since /stop']);
    await chat.node.press(first, 'Drop it');
    await chat.node.message('That question was taken back');
    await chat.node.press(second, 'Drop them');
    expect(chat.node.asked()).toEqual([]);
  });

  test('what becomes of messages, when /stop all has dropped them: the next message just begins', async () => {
    await using chat = await ChatNode.open({ limits: { interruptMs: 200 } });
    const session = await chat.direct();
    const { agent } = await chat.working(session, 'zero');
    agent.whenInterrupted = () => {};
    await chat.send('one');
    await chat.say('/stop');
    await chat.say('/stop all');
    expect(chat.node.asked()).toEqual([]);
    const sent = await chat.send('two');
    await (await chat.node.runner.agent(2)).serve('did two');
    expect(await chat.node.answerTo(sent)).toBe('did two');
  });

  test('what an agent asked whose turn was over when the process ended', async () => {
    await using node = await SessionNode.open();
    const { session, agent } = await working(node);
    agent.finish('did m1');
    await node.answer('m1');
    // Asked in a turn of the agent's own, which no process goes on with.
    agent.begin();
    agent.ask('r1', mayRun());
    const asked = await node.message('npm test');
    await using next = await node.afterCrash();
    await next.room.start();
    expect(next.asked()).toEqual([]);
    await next.press(asked, 'Allow once');
    await next.message('That question was taken back');
    expect(next.now(session).hold).toBeUndefined();
  });
});

test('a plan that is approved when nobody waits for it changes no mode', async () => {
  await using node = await SessionNode.open();
  const { session, agent } = await working(node);
  agent.ask('r1', { kind: 'plan', plan: 'first this, then that' });
  const asked = await node.message('Claude has a plan');
  // The press is on its way to the disk when the agent takes its question back.
  const pressed = node.press(asked, 'Go and accept edits');
  agent.emit({ kind: 'ask-withdrawn', requestId: 'r1' });
  await pressed;
  await waitFor(() => node.asked().length === 0);
  expect(node.now(session).mode).toBe('default');
});

describe('words that are none of the answers', () => {
  test('drop no message that waits since /stop, and the question is asked again', async () => {
    await using chat = await ChatNode.open();
    await chat.working(await chat.direct(), 'zero');
    await chat.send('one');
    await chat.say('/stop');
    expect(await chat.read('/answer perhaps later')).toBe(outcomeTexts.notAnAnswer.en);
    const again = await chat.node.message('app: 1 waiting since /stop');
    expect(chat.node.asked()).toEqual(['app: 1 waiting since /stop']);
    await chat.node.press(again, 'Run it');
    await (await chat.node.runner.agent()).told('one');
  });

  test('leave a turn that was cut as it is', async () => {
    await using node = await SessionNode.open();
    const { session } = await working(node);
    await using next = await node.afterCrash();
    await next.room.start();
    await next.disk.store.write(() => next.questions.answerInWords('alice', 'chat of alice', 'what was that?'));
    expect(next.now(session).hold).toBe('cut');
    await next.press(await next.message('app: interrupted'), 'Continue');
    expect((await next.runner.agent()).begun.continuesCutTurn).toBe(true);
  });
});
