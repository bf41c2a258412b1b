import { expect, test } from 'vitest';
import { statusCommand } from '../../src/commands/status.ts';

const facts = { nodeId: 'home-pc', workingDir: '/home/alice/code', model: 'glm-4.7', shellPolicy: 'ask' };

function status(elapsedMs: number | undefined, waiting: number, changes: { readonly model?: undefined } = {}): string {
  const turns = { elapsedMs: () => elapsedMs, waiting: () => waiting };
  return statusCommand({ ...facts, ...changes }, turns).run({ userId: 'alice', argument: '' });
}

test('/status says what the node is, and that it is idle', () => {
  expect(status(undefined, 0)).toBe(
    ['**home-pc**', 'Folder: /home/alice/code', 'Model: glm-4.7', 'Shell: ask', 'Nothing is running.'].join('\n'),
  );
});

test('/status says for how long a message has been running, and how many wait', () => {
  expect(status(192_000, 2)).toMatch(/\nRunning: one message, for 3m 12s\nWaiting: 2$/);
});

test('/status says that a node without a model has commands only', () => {
  expect(status(undefined, 0, { model: undefined })).toContain('Model: none (commands only)');
});
