import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { TempFolder } from '../fakes/temp-folder.ts';
import { TestRouter } from '../fakes/test-router.ts';
import { leave, workServer } from './machines.ts';

const bobsChat = 'chat-of-ou_bob';
const both = { serves_users: ['ou_alice', 'ou_bob'] };
const away = '⚠️ Node "home-pc" disconnected.';
const back = '✅ Node "home-pc" reconnected.';

/** The notices in a chat, once there are as many. */
async function notices(router: TestRouter, count: number, chatId?: string): Promise<string[]> {
  return await waitFor(() => router.chat.presence(chatId).length >= count && router.chat.presence(chatId), {
    what: `${count} notices (there are ${JSON.stringify(router.chat.presence(chatId))})`,
  });
}

/** Someone writes to the bot, and is answered: it knows them now. */
async function greet(router: TestRouter, ...userIds: readonly string[]): Promise<void> {
  for (const userId of userIds) {
    await router.chat.say('/help', { userId });
    await router.chat.untilShown(1, `chat-of-${userId}`);
  }
}

test('all users of a node are told once that it went away, and once that it is back', async () => {
  const graceMs = 150;
  await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: graceMs } });
  using home = await router.connectNode(both);
  await greet(router, 'ou_alice', 'ou_bob');
  const goneAt = performance.now();
  await leave(router, home, 'home-pc');
  expect([await notices(router, 1), await notices(router, 1, bobsChat)]).toEqual([[away], [away]]);
  // A timer may fire a moment early by the other clock.
  for (const { message, at } of router.chat.attempts) {
    if (message.text === away) expect(at - goneAt).toBeGreaterThan(graceMs - 5);
  }
  using again = await router.connectNode(both);
  expect([await notices(router, 2), await notices(router, 2, bobsChat)]).toEqual([
    [away, back],
    [away, back],
  ]);
  await leave(router, again, 'home-pc');
  expect(await notices(router, 3)).toEqual([away, back, away]);
  expect(router.chat.shown.filter(({ text }) => text === away).map(({ replyTo }) => replyTo)).toEqual(
    Array(4).fill(undefined),
  );
});

test('a node that is back within the grace, or that is new, causes no notice', async () => {
  await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 400 } });
  await greet(router, 'ou_alice');
  using home = await router.connectNode();
  await leave(router, home, 'home-pc');
  using _again = await router.connectNode();
  using work = await router.connectNode(workServer);
  await leave(router, work, 'work-server');
  expect(await notices(router, 1)).toEqual(['⚠️ Node "work-server" disconnected.']);
});

test('nobody is told who never wrote, is not served, may not write, or wrote in a group alone', async () => {
  const everybody = { serves_users: ['ou_alice', 'ou_bob', 'ou_carol', 'ou_mallory'] };
  const config = { nodeOfflineGraceMs: 0, allowedOpenIds: ['ou_alice', 'ou_bob', 'ou_carol', 'ou_dave'] };
  await using router = await TestRouter.start({ config });
  using home = await router.connectNode(everybody);
  await greet(router, 'ou_alice', 'ou_dave', 'ou_mallory');
  for (const userId of ['ou_alice', 'ou_bob']) {
    await router.chat.say('/help', { userId, chatId: 'oc_group', chatType: 'group' });
  }
  await router.chat.untilShown(2, 'oc_group');
  await leave(router, home, 'home-pc');
  await notices(router, 1);
  using _again = await router.connectNode(everybody);
  expect(await notices(router, 2)).toEqual([away, back]);
  const elsewhere = router.chat.shown.filter(
    ({ chatId, text }) => chatId !== 'chat-of-ou_alice' && /Node "/.test(text),
  );
  expect(elsewhere).toEqual([]);
});

test('the user is told in the chat in which they wrote last', async () => {
  await using router = await TestRouter.start({ config: { nodeOfflineGraceMs: 0 } });
  using home = await router.connectNode();
  await greet(router, 'ou_alice');
  await router.chat.say('/help', { chatId: 'another-chat' });
  await router.chat.untilShown(1, 'another-chat');
  await leave(router, home, 'home-pc');
  expect(await notices(router, 1, 'another-chat')).toEqual([away]);
  expect(router.chat.presence()).toEqual([]);
});

test('who was told that a node went away is told after a restart that it is back, once', async () => {
  using folder = new TempFolder();
  const config = { nodeOfflineGraceMs: 0 };
  const first = await TestRouter.start({ folder, config });
  using home = await first.connectNode();
  await greet(first, 'ou_alice');
  await leave(first, home, 'home-pc');
  await notices(first, 1);
  await first.stop();
  const second = await TestRouter.start({ folder, config });
  using again = await second.connectNode();
  expect(await notices(second, 1)).toEqual([back]);
  await leave(second, again, 'home-pc');
  expect(await notices(second, 2)).toEqual([back, away]);
  await second.stop();
  await using third = await TestRouter.start({ folder, config });
  using _last = await third.connectNode();
  expect(await notices(third, 1)).toEqual([back]);
});

test('a restart, however long it takes, is no reason to tell anything; a node that does not come back after it is', async () => {
  using folder = new TempFolder();
  const graceMs = 400;
  const config = { nodeOfflineGraceMs: graceMs };
  const first = await TestRouter.start({ folder, config });
  using _home = await first.connectNode();
  using _work = await first.connectNode(workServer);
  await greet(first, 'ou_alice');
  await first.stop();
  const database = new DatabaseSync(join(folder.path, 'router.db'));
  database.exec('UPDATE nodes SET last_seen = last_seen - 3600000');
  database.close();
  const startedAt = performance.now();
  await using second = await TestRouter.start({ folder, config });
  using _back = await second.connectNode(workServer);
  expect(await notices(second, 1)).toEqual([away]);
  expect((second.chat.attempts[0]?.at ?? 0) - startedAt).toBeGreaterThan(graceMs - 5);
  using _late = await second.connectNode();
  expect(await notices(second, 2)).toEqual([away, back]);
  expect(first.chat.presence()).toEqual([]);
});

test('who may no longer write to the bot hears nothing of nodes any more', async () => {
  using folder = new TempFolder();
  const first = await TestRouter.start({ folder });
  using _home = await first.connectNode(both);
  await greet(first, 'ou_alice', 'ou_bob');
  await first.stop();
  const config = { nodeOfflineGraceMs: 0, allowedOpenIds: ['ou_alice'] };
  await using second = await TestRouter.start({ folder, config });
  await notices(second, 1);
  using _back = await second.connectNode(both);
  await notices(second, 2);
  expect(second.chat.presence(bobsChat)).toEqual([]);
});
