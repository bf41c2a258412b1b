import { expect, test } from 'vitest';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { texts } from '../../src/texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';

test('/clear makes the mailboy forget what this user said, and says so', async () => {
  await using chat = await ChatNode.open();
  const { conversations } = chat.desk;
  await chat.node.disk.store.write(() => {
    conversations.append('alice', 'm1', [{ role: 'user', content: 'hello' }]);
    conversations.append('bob', 'm2', [{ role: 'user', content: 'hello' }]);
  });
  expect(await chat.read('/clear')).toBe(texts.cleared.en);
  expect(conversations.load('alice')).toEqual([]);
  expect(conversations.load('bob')).toHaveLength(1);
});

test('/clear of a user who talks to a session goes to that session, in its order, and the mailboy forgets nothing', async () => {
  await using chat = await ChatNode.open();
  const { conversations } = chat.desk;
  const session = await chat.direct();
  await chat.node.disk.store.write(() => conversations.append('alice', 'm1', [{ role: 'user', content: 'hello' }]));
  const { agent } = await chat.working(session, 'do it');
  const cleared = await chat.send('/clear');
  agent.finish('done');
  await agent.told('/clear');
  agent.emit({ kind: 'conversation-changed', conversationId: '00000000-0000-4000-8000-000000000001' });
  agent.finish('');
  expect(await chat.node.answerTo(cleared)).toBe(turnTexts.cleared.en);
  expect(conversations.load('alice')).toHaveLength(1);
  expect(chat.node.now(session).conversationId).toBe('00000000-0000-4000-8000-000000000001');
});
