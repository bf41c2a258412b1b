import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Quota } from '../../src/bot/quota.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import { TempFolder } from '../fakes/temp-folder.ts';

/** Who has so many messages waiting for an answer, with a quota of ten. */
function openQuota(office: Office, waiting: Readonly<Record<string, number>>): Quota {
  return new Quota({
    store: office.store,
    unanswered: (userId) => waiting[userId] ?? 0,
    inboxes: [],
    deliveries: office.deliveries,
    maxWaiting: 10,
    logger: office.log.logger,
  });
}

const messageOf = (userId: string, id: string) =>
  ({
    id,
    channel: 'feishu',
    chatId: `chat-of-${userId}`,
    chatType: 'p2p',
    userId,
    text: 'hello',
    addressed: true,
    sentAt: 0,
  }) as const;

test('whoever has too much waiting is refused, in one sentence for all that come together, and nobody else', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  office.deliveries.start();
  const quota = openQuota(office, { ou_alice: 10, ou_bob: 9 });
  quota.start();
  const admitted = await office.store.write(() => ['1', '2', '3'].map((id) => quota.admits(messageOf('ou_alice', id))));
  expect(admitted).toEqual([false, false, false]);
  expect(await office.store.write(() => quota.admits(messageOf('ou_bob', '4')))).toBe(true);
  await waitFor(() => chat.shown.length > 0, { what: 'the sentence' });
  expect(chat.shown).toMatchObject([
    {
      chatId: 'chat-of-ou_alice',
      replyTo: '3',
      text: '10 of your messages wait for an answer already: the last 3 were not taken. Send them again when some are answered.',
    },
  ]);
  quota.stop();
});

test('a refusal that was not told yet is told after a restart, once', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  {
    await using office = new Office(folder, [chat]);
    const quota = openQuota(office, { ou_alice: 10 });
    quota.start();
    await office.store.write(() => quota.admits(messageOf('ou_alice', '1')));
    quota.stop();
  }
  await using office = new Office(folder, [chat]);
  office.deliveries.start();
  const quota = openQuota(office, {});
  quota.start();
  await waitFor(() => chat.shown.length > 0, { what: 'the sentence' });
  expect(chat.shown[0]?.text).toContain('this one was not taken');
  expect(office.store.prepare('SELECT * FROM refusals').all()).toEqual([]);
  quota.stop();
});
