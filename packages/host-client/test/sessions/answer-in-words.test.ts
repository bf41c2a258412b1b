import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { ChatNode } from '../fakes/chat-node.ts';
import { mayRun } from '../fakes/fake-agent.ts';

const colour = {
  kind: 'questions',
  questions: [
    {
      question: 'Which colour?',
      header: 'Colour',
      multiple: false,
      options: [
        { label: 'Red', description: '' },
        { label: 'Blue', description: '' },
      ],
    },
  ],
} as const;

test('who talks to a session answers its question with the next message, in words of their own', async () => {
  await using chat = await ChatNode.open();
  const session = await chat.direct();
  const { agent } = await chat.working(session);
  agent.ask('r1', colour);
  await chat.node.message('Which colour?');
  expect(await chat.read('a warm green')).toContain('a warm green');
  const decision = { kind: 'answers', answers: { 'Which colour?': 'a warm green' } };
  await waitFor(() => agent.answered.length > 0);
  expect(agent.answered).toEqual([{ requestId: 'r1', decision }]);
});

test('a permission is not given by a message: that waits behind the turn', async () => {
  await using chat = await ChatNode.open();
  const session = await chat.direct();
  const { agent } = await chat.working(session);
  agent.ask('r1', mayRun('rm a'));
  await chat.node.message('rm a');
  await chat.send('a warm green');
  expect(chat.node.room.manager.view(session).waiting).toEqual(['a warm green']);
  expect(agent.answered).toEqual([]);
});
