import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import type { Session } from '../../src/sessions/session-store.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { SessionNode } from '../fakes/session-node.ts';

describe('the messages of a session', () => {
  test('are worked on one at a time, in their order, by one process', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await Promise.all(['m1', 'm2', 'm3'].map((id) => node.tell(session, id)));
    const agent = await node.runner.agent();
    for (const nth of [1, 2, 3]) {
      expect((await agent.got(nth)).text).toBe(`do m${nth}`);
      expect(agent.sent).toHaveLength(nth);
      expect(node.answers).toHaveLength(nth - 1);
      agent.begin();
      agent.finish(`did m${nth}`);
      expect(await node.answerTo(`m${nth}`)).toBe(`did m${nth}`);
    }
    expect(node.answers.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
    expect(node.runner.started).toHaveLength(1);
  });

  test('reach it byte for byte, with an id of their own', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const text = '  "quoted"\n\n/not a command 你好 \u{1f600}\u200b\t ';
    await node.tell(session, 'm1', { text });
    const agent = await node.runner.agent();
    const message = await agent.got();
    expect(message.text).toBe(text);
    expect(message.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  test('that have to wait long are told their place; those that go soon are not', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    for (const id of ['m1', 'm2', 'm3', 'm4']) {
      await node.tell(session, id);
      await (await node.runner.agent()).got();
    }
    expect(node.messages).toEqual([]);
    await (await node.runner.agent()).serve('did m1');
    await (await node.runner.agent()).got(2);
    node.waitPatiently();
    await waitFor(() => node.messages.length === 2);
    expect(node.messages.map(({ text }) => text)).toEqual([
      turnTexts.waiting('app', 1).en,
      turnTexts.waiting('app', 2).en,
    ]);
    node.waitPatiently();
    await node.tell(session, 'm5');
    expect(node.messages).toHaveLength(2);
  });

  test('are at most 20 that wait: one more is refused with a sentence, and the others are answered', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm0');
    const agent = await node.runner.agent();
    await agent.got();
    for (let count = 1; count <= 21; count += 1) await node.tell(session, `m${count}`);
    expect(await node.answer('m21')).toMatchObject({ reply: '', error: turnTexts.queueFull('app', 20).en });
    for (let count = 0; count <= 20; count += 1) await agent.serve(`did m${count}`, count + 1);
    expect(await node.answerTo('m20')).toBe('did m20');
    expect(agent.sent).toHaveLength(21);
  });

  test('show what their turn says and does while it runs, and nothing after the answer', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    agent.say('I look at the tests.');
    agent.emit({ kind: 'tool-started', toolUseId: 't1', name: 'Bash', input: { command: 'npm test' } });
    const shown = await waitFor(() => node.progress.find(({ text }) => text !== ''));
    expect(shown).toMatchObject({ id: 'm1', text: 'I look at the tests.', step: expect.stringContaining('npm test') });
    agent.finish('All green.');
    await node.answerTo('m1');
    const count = node.progress.length;
    agent.say('late');
    await node.tell(session, 'm2');
    await agent.got(2);
    expect(node.progress.slice(count).filter(({ id }) => id === 'm1')).toEqual([]);
  });

  test('are signed with the name of the session as soon as the user has two', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.serve('alone');
    expect(await node.answerTo('m1')).toBe('alone');
    await node.session('web');
    await node.session('bobs', { userId: 'bob' });
    await node.tell(session, 'm2');
    await agent.serve('not alone', 2);
    expect(await node.answerTo('m2')).toBe('not alone\n\n· app');
  });
});

describe('an urgent message', () => {
  test('interrupts what runs, goes before what waits, and is not told to wait', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    agent.say('half of it');
    await node.tell(session, 'm2');
    await node.tell(session, 'urgent', { isUrgent: true });
    expect(await node.answerTo('m1')).toBe(`half of it\n\n${turnTexts.stopped.en}`);
    await agent.serve('did it', 2);
    await agent.serve('did m2', 3);
    await node.answerTo('m2');
    expect(agent.sent.map(({ text }) => text)).toEqual(['do m1', 'do urgent', 'do m2']);
    expect(agent.interrupts).toBe(1);
    node.waitPatiently();
    expect(node.messages).toEqual([]);
  });

  test('to a session that does nothing just begins', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'urgent', { isUrgent: true });
    const agent = await node.runner.agent();
    await agent.serve('did it');
    expect(await node.answerTo('urgent')).toBe('did it');
    expect(agent.interrupts).toBe(0);
  });

  test('after another urgent one goes before that, if that has not begun', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    await Promise.all([node.tell(session, 'u1', { isUrgent: true }), node.tell(session, 'u2', { isUrgent: true })]);
    await agent.serve('did', 2);
    await agent.serve('did', 3);
    expect(agent.sent.map(({ text }) => text)).toEqual(['do m1', 'do u2', 'do u1']);
  });
});

describe('two users with three sessions each', () => {
  const rounds = 5;

  async function sixSessions(node: SessionNode): Promise<readonly Session[]> {
    const sessions: Session[] = [];
    for (const userId of ['alice', 'bob']) {
      for (const name of ['api', 'web', 'docs']) sessions.push(await node.session(`${name}-of-${userId}`, { userId }));
    }
    return sessions;
  }

  const idsOf = ({ name }: Session) => Array.from({ length: rounds }, (_, round) => `${name}#${round}`);

  test('work side by side, and no byte of one reaches another', async () => {
    await using node = await SessionNode.open();
    const sessions = await sixSessions(node);
    await Promise.all(sessions.flatMap((session) => idsOf(session).map((id) => node.tell(session, id))));
    // Each of them is at work before the first one ends.
    const agents = await Promise.all(sessions.map(({ conversationId }) => node.runner.of(conversationId)));
    for (let round = 1; round <= rounds; round += 1) {
      const messages = await Promise.all(agents.map((agent) => agent.got(round)));
      for (const [index, agent] of [...agents.entries()].toReversed()) {
        agent.begin();
        agent.say(`so far ${messages[index]?.text}`);
      }
      await waitFor(() => messages.every(({ text }) => node.progress.some((shown) => shown.text === `so far ${text}`)));
      for (const [index, agent] of agents.entries()) agent.finish(`end of: ${messages[index]?.text}`);
    }
    for (const session of sessions) {
      for (const id of idsOf(session)) {
        expect(await node.answerTo(id)).toBe(`end of: do ${id}\n\n· ${session.name}`);
      }
    }
    expect(node.answers).toHaveLength(sessions.length * rounds);
    expect(agents.map(({ begun, sent }) => [begun.cwd, sent.map(({ text }) => text)])).toEqual(
      sessions.map((session) => [session.cwd, idsOf(session).map((id) => `do ${id}`)]),
    );
    const shown = node.progress.filter(({ text }) => text !== '');
    expect(shown.map(({ text }) => text)).toEqual(shown.map(({ id }) => `so far do ${id}`));
  });
});

describe('what a session learns', () => {
  test('of its turns is stored: model, cost, how full its context is, how often it was used', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    agent.usage = { usedTokens: 42_000, maxTokens: 200_000 };
    agent.begin({ model: 'claude-opus' });
    agent.finish('did it', { costUsd: 0.25 });
    await waitFor(() => node.now(session).context);
    expect(node.now(session)).toMatchObject({
      turns: 1,
      seenModel: 'claude-opus',
      costUsd: 0.25,
      context: { usedTokens: 42_000, maxTokens: 200_000 },
    });
    expect(node.now(session).lastUsedAt).toBeGreaterThanOrEqual(session.lastUsedAt);
  });

  test('of a new id of its conversation is followed: the next process resumes that one', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1', { text: '/clear' });
    const agent = await node.runner.agent();
    await agent.got();
    agent.begin();
    const conversationId = '00000000-0000-4000-8000-000000000001';
    agent.emit({ kind: 'conversation-changed', conversationId });
    agent.finish('');
    await node.answerTo('m1');
    agent.die();
    await node.tell(session, 'm2');
    const next = await node.runner.agent(2);
    expect(next.begun).toMatchObject({ conversationId, isNew: false });
  });

  test('of what nobody asked for is shown in its chat, and is no answer to anything', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.serve('did m1');
    await node.answerTo('m1');
    agent.begin();
    agent.say('The build in the background is done.');
    agent.say('It is green.');
    agent.finish('It is green.', { messageIds: [] });
    const { text, chat_id } = await node.message('🔔');
    expect(text).toBe(turnTexts.unasked('app', 'The build in the background is done.\n\nIt is green.').en);
    expect(chat_id).toBe('chat of alice');
    await node.tell(session, 'm2');
    await agent.serve('did m2', 2);
    expect(await node.answerTo('m2')).toBe('did m2');
    expect(node.answers).toHaveLength(2);
  });

  test('of what nobody asked for does not end the turn of a message that came in between', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.serve('did m1');
    await node.answerTo('m1');
    agent.begin();
    agent.say('The build is done.');
    await node.tell(session, 'm2');
    await agent.got(2);
    agent.finish('The build is done.', { messageIds: [] });
    await node.message('🔔');
    expect(node.answers).toHaveLength(1);
    await agent.serve('did m2', 2);
    expect(await node.answerTo('m2')).toBe('did m2');
  });
});
