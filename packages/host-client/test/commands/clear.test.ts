import { expect, test } from 'vitest';
import { clearCommand } from '../../src/commands/clear.ts';
import { Conversations } from '../../src/mailboy/conversations.ts';
import { NodeStore } from '../fakes/node-store.ts';

test('/clear forgets what this user said, and says so', async () => {
  using disk = new NodeStore();
  const conversations = new Conversations(disk.store);
  await disk.store.write(() => {
    conversations.append('alice', 'm1', [{ role: 'user', content: 'hello' }]);
    conversations.append('bob', 'm2', [{ role: 'user', content: 'hello' }]);
  });
  const command = clearCommand((userId) => conversations.clear(userId));
  const reply = await disk.store.write(() => command.run({ userId: 'alice', argument: '' }));
  expect(reply).toBe('The conversation so far is forgotten.');
  expect(conversations.load('alice')).toEqual([]);
  expect(conversations.load('bob')).toHaveLength(1);
});
