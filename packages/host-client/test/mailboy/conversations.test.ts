import type { ChatMessage } from '@phonework/shared/llm';
import { expect, test } from 'vitest';
import { Conversations } from '../../src/mailboy/conversations.ts';
import { NodeStore } from '../fakes/node-store.ts';

function exchange(question: string): readonly ChatMessage[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'run_shell', arguments: '{"command":"ls"}' }] },
    { role: 'tool', toolCallId: 'c1', content: 'README.md' },
    { role: 'assistant', content: `the answer to ${question} 🙂` },
  ];
}

async function remember(disk: NodeStore, userId: string, turnId: string, messages = exchange(turnId)): Promise<void> {
  const conversations = new Conversations(disk.store);
  await disk.store.write(() => conversations.append(userId, turnId, messages));
}

test('what was said is there after a restart: turn by turn, oldest first, each user by itself', async () => {
  using disk = new NodeStore();
  await remember(disk, 'alice', 'm1');
  await remember(disk, 'bob', 'm2');
  await remember(disk, 'alice', 'm3');
  using after = disk.afterCrash();
  expect(new Conversations(after.store).load('alice')).toEqual([exchange('m1'), exchange('m3')]);
  expect(new Conversations(after.store).load('bob')).toEqual([exchange('m2')]);
  expect(new Conversations(after.store).load('carol')).toEqual([]);
});

test('a turn is remembered once, and one without words not at all', async () => {
  using disk = new NodeStore();
  await remember(disk, 'alice', 'm1');
  await remember(disk, 'alice', 'm1', exchange('something else'));
  await remember(disk, 'alice', 'm2', []);
  expect(new Conversations(disk.store).load('alice')).toEqual([exchange('m1')]);
});

test('only the last 200 turns of a user stay on the disk', async () => {
  using disk = new NodeStore();
  await remember(disk, 'bob', 'other');
  await Promise.all(Array.from({ length: 230 }, (_, index) => remember(disk, 'alice', `m${index}`)));
  const kept = new Conversations(disk.store).load('alice');
  expect(kept).toHaveLength(200);
  expect([kept[0], kept[199]]).toEqual([exchange('m30'), exchange('m229')]);
  expect(disk.store.prepare('SELECT count(*) AS n FROM history').get()).toEqual({ n: 201 });
});

test('forgetting forgets one user', async () => {
  using disk = new NodeStore();
  const conversations = new Conversations(disk.store);
  await remember(disk, 'alice', 'm1');
  await remember(disk, 'bob', 'm2');
  await disk.store.write(() => conversations.clear('alice'));
  expect(conversations.load('alice')).toEqual([]);
  expect(conversations.load('bob')).toHaveLength(1);
});
