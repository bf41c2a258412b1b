import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import { TempFolder } from '../fakes/temp-folder.ts';

const unavailable = () => new ChatError('unavailable', 'out for lunch');
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

test('messages appear in the order in which they were stored, one at a time in a chat', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  let underWay = 0;
  chat.onSend = async ({ text }) => {
    underWay += 1;
    expect(underWay).toBe(1);
    // The odd ones take longer.
    for (let turn = 0; turn < Number(text) % 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
  };
  office.deliveries.start();
  await office.put('a', ...numbers(10));
  await office.put('a', '10', '11');
  expect(await chat.untilShown(12, 'a')).toEqual(numbers(12));
});

test('each attempt has the time of the first one that there can be, and knows what other messages are shown as', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  const before = Date.now();
  const first = new Office(folder, [chat]);
  await first.put('a', 'one', 'two');
  await first.stop();
  const after = Date.now();
  await using office = new Office(folder, [chat]);
  chat.onSend = () => {
    if (chat.attempts.length === 2) throw unavailable();
  };
  office.deliveries.start();
  await chat.untilShown(2, 'a');
  for (const { message } of chat.attempts) {
    expect(message.earlier?.since).toBeGreaterThanOrEqual(before);
    expect(message.earlier?.since).toBeLessThanOrEqual(after);
  }
  const [one, two] = chat.attempts.map(({ message }) => message);
  await waitFor(() => two?.earlier?.isOther(one?.id ?? ''));
  expect(two?.earlier?.isOther('om_unknown')).toBe(false);
  // No node said it, so that nobody's quote of it leads to one.
  expect(office.deliveries.answeredBy(one?.id ?? '')).toBeUndefined();
});

test('nothing goes out before the transaction that it belongs to, and nothing of one that was undone', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  office.deliveries.start();
  const undone = office.store.write(() => {
    office.deliveries.put({ channel: 'feishu', chatId: 'a' }, 'never');
    expect(chat.attempts).toEqual([]);
    throw new Error('undo this');
  });
  await expect(undone).rejects.toThrow('undo this');
  await office.put('a', 'for real');
  expect(await chat.untilShown(1, 'a')).toEqual(['for real']);
  expect(chat.attempts).toHaveLength(1);
});

test('what did not arrive before a restart arrives after it, in order, under the same id', async () => {
  using folder = new TempFolder();
  const down = new FakeChat();
  down.onSend = () => {
    throw unavailable();
  };
  const first = new Office(folder, [down]);
  first.deliveries.start();
  await first.put('a', 'one', 'two');
  await first.put('b', 'three');
  await waitFor(() => down.attempts.length > 5);
  await first.stop();
  const attempts = down.attempts.length;

  const up = new FakeChat();
  await using second = new Office(folder, [up]);
  expect(second.deliveries.size).toBe(3);
  second.deliveries.start();
  expect(await up.untilShown(2, 'a')).toEqual(['one', 'two']);
  expect(await up.untilShown(1, 'b')).toEqual(['three']);
  const ids = new Map(down.attempts.map(({ message }) => [message.text, message.id]));
  expect(up.texts('a').length + up.texts('b').length).toBe(3);
  expect(up.shown.find(({ text }) => text === 'one')?.id).toBe(ids.get('one'));
  expect(up.shown.find(({ text }) => text === 'three')?.id).toBe(ids.get('three'));
  expect(down.attempts).toHaveLength(attempts);
});

test('what arrived before a restart does not come again', async () => {
  using folder = new TempFolder();
  const before = new FakeChat();
  const first = new Office(folder, [before]);
  first.deliveries.start();
  await first.put('a', 'one');
  await before.untilShown(1, 'a');
  await first.stop();
  const after = new FakeChat();
  await using second = new Office(folder, [after]);
  second.deliveries.start();
  await second.put('a', 'two');
  expect(await after.untilShown(1, 'a')).toEqual(['two']);
});

test('stopping waits for a send under way, and not for one that hangs longer than the grace', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  const office = new Office(folder, [chat]);
  const slow = Promise.withResolvers<void>();
  chat.onSend = async () => await slow.promise;
  office.deliveries.start();
  await office.put('a', 'slow', 'behind it');
  await waitFor(() => chat.attempts.length === 1);
  const stopped = office.stop();
  slow.resolve();
  await stopped;
  expect(chat.texts('a')).toEqual(['slow']);

  const never = new FakeChat();
  never.onSend = async () => await new Promise(() => {});
  const next = new Office(folder, [never]);
  next.deliveries.start();
  await waitFor(() => never.attempts.length === 1);
  expect(never.attempts[0]?.message.text).toBe('behind it');
  const startedAt = performance.now();
  await next.deliveries.stop(20);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  next.store.close();
});

test('a message for a channel that is switched off waits until it is on again', async () => {
  using folder = new TempFolder();
  const off = new Office(folder, []);
  off.deliveries.start();
  await off.put('a', 'hello');
  expect(off.log.with('switched off')).toHaveLength(1);
  await off.stop();
  const chat = new FakeChat();
  await using on = new Office(folder, [chat]);
  on.deliveries.start();
  expect(await chat.untilShown(1, 'a')).toEqual(['hello']);
});

test('an empty answer is shown as one, since a chat takes no empty message', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  office.deliveries.start();
  await office.put('a', ' \n');
  expect(await chat.untilShown(1, 'a')).toEqual(['(The answer was empty.)']);
});
