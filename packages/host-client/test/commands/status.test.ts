import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { statusCommand } from '../../src/commands/status.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import { toReply } from '../fakes/read-outcome.ts';
import { SessionNode } from '../fakes/session-node.ts';

async function nodeStatus(elapsedMs: number | undefined, waiting: number, model: string | undefined = undefined) {
  await using node = await SessionNode.open();
  const facts = { nodeId: 'home-pc', workingDir: '/home/alice/code', model, shellPolicy: 'ask' };
  const command = statusCommand({
    facts,
    manager: node.room.manager,
    talksTo: () => 'mailboy',
    surroundings: () => ({ workingDir: '/home/alice/code', home: '/home/alice', now: Date.now() }),
    turns: { elapsedMs: () => elapsedMs, waiting: () => waiting },
    questions: () => [],
    rules: () => 0,
    tasks: () => [],
  });
  return toReply(command.run({ userId: 'alice', chatId: 'chat', turnId: 'm1', argument: '' })).text;
}

test('/status says what the node is, and that there is no session', async () => {
  expect(await nodeStatus(undefined, 0, 'glm-4.7')).toBe(
    [
      '**home-pc**',
      'Folder: /home/alice/code',
      'Model: glm-4.7',
      'Shell: ask',
      'Messages go to: the assistant (/smart)',
      '',
      'No active session. /sessions lists them, /new starts one.',
    ].join('\n'),
  );
});

test('/status says for how long a message has been running, and how many wait', async () => {
  expect(await nodeStatus(192_000, 2)).toMatch(/\nRunning: one message, for 3m 12s\nWaiting: 2\n/);
});

test('/status says that a node without a model has commands and sessions only', async () => {
  expect(await nodeStatus(undefined, 0)).toContain('Model: none (commands and /direct only)');
});

test('/status shows the active session, what it does, what waits for it, and what it asks', async () => {
  await using chat = await ChatNode.open();
  const session = await chat.direct();
  const { agent } = await chat.working(session);
  await chat.send('and then the docs');
  agent.emit({ kind: 'tool-started', toolUseId: 't1', name: 'Bash', input: { command: 'npm test' } });
  const status = await chat.read('/status');
  expect(status).toMatch(/→ \*\*app\*\* · working 0s: .*npm test.*\nFolder: app\nMode: default\nModel: claude-test/);
  expect(status).toContain('Messages that wait: 1\n1. and then the docs');
  expect(status).toContain('Messages go to: the session (/direct)');
  agent.ask('r1', { kind: 'plan', plan: 'First the tests.' });
  await waitFor(() => chat.node.asked().length > 0);
  expect(await chat.read('/status')).toMatch(/→ \*\*app\*\* · waiting for you[\s\S]*#\d+ app: a plan to look at/);
});

test('/status of one user says nothing of the sessions of another', async () => {
  await using chat = await ChatNode.open();
  await chat.working(await chat.direct('secret'));
  expect(await chat.read('/status', 'bob')).not.toContain('secret');
});
