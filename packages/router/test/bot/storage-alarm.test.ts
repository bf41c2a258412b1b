import { MailFullError } from '@phonework/shared/mail';
import { StoreError } from '@phonework/shared/store';
import { expect, test } from 'vitest';
import type { IncomingMessage } from '../../src/bot/chat-channel.ts';
import { StorageAlarm } from '../../src/bot/storage-alarm.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { FakeChat } from '../fakes/fake-chat.ts';

const message: IncomingMessage = {
  id: 'om_1',
  channel: 'feishu',
  chatId: 'oc_1',
  chatType: 'p2p',
  userId: 'ou_alice',
  text: 'run the tests',
  addressed: true,
  sentAt: 0,
};

const broken = new StoreError('unwritable', 'no space');
const full = new MailFullError('Too much is waiting already.');

function alarm(mayTalk = true) {
  const chat = new FakeChat();
  const { logger } = new CapturedLog();
  const watcher = new StorageAlarm({ channels: [chat], mayTalk: () => mayTalk, logger });
  /** What its user is told when storing it ends so. */
  const told = async (ending: Error | undefined, changes: Partial<IncomingMessage> = {}) => {
    const before = chat.shown.length;
    const storing = ending === undefined ? Promise.resolve() : Promise.reject(ending);
    const watched = watcher.watch({ ...message, ...changes }, storing);
    if (ending === undefined) await watched;
    else await expect(watched).rejects.toBe(ending);
    return chat.shown.slice(before).map(({ text }) => text);
  };
  return told;
}

test('who writes while nothing can be stored is told why: a broken disk, or too much that waits', async () => {
  expect(await alarm()(broken)).toEqual([expect.stringContaining('the disk of the router is full or broken')]);
  expect(await alarm()(full)).toEqual([expect.stringContaining('too many wait already')]);
  expect(await alarm()(full, { text: '运行测试' })).toEqual([expect.stringContaining('等待的已经太多')]);
});

test('a chat is told once, and again only after something could be stored', async () => {
  const told = alarm();
  expect(await told(broken)).toHaveLength(1);
  expect(await told(full)).toEqual([]);
  expect(await told(full, { chatId: 'oc_2' })).toHaveLength(1);
  expect(await told(undefined)).toEqual([]);
  expect(await told(full)).toHaveLength(1);
});

test('strangers, words that are not for the bot, and other faults are passed over in silence', async () => {
  expect(await alarm(false)(broken)).toEqual([]);
  expect(await alarm()(broken, { addressed: false })).toEqual([]);
  expect(await alarm()(new StoreError('closed', 'closed'))).toEqual([]);
  expect(await alarm()(new Error('a bug'))).toEqual([]);
});
