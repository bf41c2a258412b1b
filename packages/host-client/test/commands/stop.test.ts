import { expect, test } from 'vitest';
import { stopCommand } from '../../src/commands/stop.ts';

function stop({ running, waiting = 0 }: { readonly running: readonly string[]; readonly waiting?: number }) {
  const stopped: string[] = [];
  const command = stopCommand({
    stop(userId) {
      if (running.includes(userId)) stopped.push(userId);
      return running.includes(userId);
    },
    waiting: () => waiting,
  });
  return { reply: command.run({ userId: 'alice', argument: '' }), stopped, kind: command.kind };
}

test("/stop ends the turn of the user who says it, and no other's, without waiting for its turn", () => {
  const { reply, stopped, kind } = stop({ running: ['alice', 'bob'] });
  expect(reply).toBe('Stopping what runs.');
  expect(stopped).toEqual(['alice']);
  expect(kind).toBe('immediate');
});

test('/stop says what waits behind the turn, and that it goes on', () => {
  expect(stop({ running: ['alice'], waiting: 3 }).reply).toMatch(/Stopping what runs\..*3.*go on/);
});

test('/stop says so when nothing runs', () => {
  expect(stop({ running: ['bob'] })).toMatchObject({ reply: 'Nothing is running.', stopped: [] });
});
