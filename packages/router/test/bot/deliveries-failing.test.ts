import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { Office } from '../fakes/office.ts';
import { TempFolder } from '../fakes/temp-folder.ts';

/** Fails the first `times` sends with `error`. */
function failing(times: number, error: () => Error): () => void {
  let left = times;
  return () => {
    left -= 1;
    if (left >= 0) throw error();
  };
}

const unavailable = () => new ChatError('unavailable', 'out for lunch');
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

test('a send that fails is made again under the same id, and those behind it wait', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  chat.onSend = failing(6, unavailable);
  office.deliveries.start();
  await office.put('a', 'first', 'second');
  expect(await chat.untilShown(2, 'a')).toEqual(['first', 'second']);
  expect(chat.attempts.map(({ message }) => message.text)).toEqual([...Array(7).fill('first'), 'second']);
  expect(new Set(chat.attempts.map(({ message }) => message.id)).size).toBe(2);
  await waitFor(() => office.deliveries.size === 0);
});

test('an error that is no ChatError is no reason to give up either', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  chat.onSend = failing(2, () => new TypeError('fetch failed'));
  office.deliveries.start();
  await office.put('a', 'hello');
  expect(await chat.untilShown(1, 'a')).toEqual(['hello']);
});

test('a message that the platform showed before its answer was lost is not shown twice', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  const reset = failing(1, unavailable);
  chat.onSend = (message) => {
    chat.show(message);
    reset();
  };
  office.deliveries.start();
  await office.put('a', 'once');
  await waitFor(() => office.deliveries.size === 0 && chat.attempts.length === 2);
  expect(chat.texts('a')).toEqual(['once']);
});

test('the wait that the platform asks for is kept, and a wait of nothing is no invitation to hammer it', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat], { retryMinMs: 30, retryMaxMs: 40 });
  const waits = [150, 0, -5, 1];
  chat.onSend = () => {
    const retryAfterMs = waits.shift();
    if (retryAfterMs !== undefined) throw new ChatError('rate_limited', 'too fast', { retryAfterMs });
  };
  office.deliveries.start();
  await office.put('a', 'patience');
  await chat.untilShown(1, 'a');
  const gaps = chat.attempts.slice(1).map(({ at }, index) => at - (chat.attempts[index]?.at ?? 0));
  expect(gaps[0]).toBeGreaterThanOrEqual(148);
  for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThanOrEqual(28);
});

test('a wait beyond what a timer can hold is not taken for none', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  chat.onSend = ({ chatId }) => {
    if (chatId === 'a') throw new ChatError('rate_limited', 'next year', { retryAfterMs: 365 * 24 * 3_600_000 });
  };
  office.deliveries.start();
  await office.put('a', 'patience');
  await waitFor(() => chat.attempts.length > 0);
  await office.put('b', ...numbers(20));
  await chat.untilShown(20, 'b');
  expect(chat.attempts.filter(({ message }) => message.chatId === 'a')).toHaveLength(1);
});

test('a chat where nothing arrives does not hold up another one', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  const hanging = Promise.withResolvers<void>();
  chat.onSend = async ({ chatId }) => {
    if (chatId === 'broken') throw unavailable();
    if (chatId === 'hanging') await hanging.promise;
  };
  office.deliveries.start();
  await office.put('broken', 'one', 'two');
  await office.put('hanging', 'one', 'two');
  await office.put('fine', ...numbers(20));
  expect(await chat.untilShown(20, 'fine')).toEqual(numbers(20));
  expect(chat.shown).toHaveLength(20);
  hanging.resolve();
  expect(await chat.untilShown(2, 'hanging')).toEqual(['one', 'two']);
});

test('a message that is refused for good makes way, and the user is told in its place', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  chat.onSend = ({ text }) => {
    if (text === 'bad') throw new ChatError('refused', 'its content is not allowed');
  };
  office.deliveries.start();
  await office.put('a', 'bad', 'good');
  expect(await chat.untilShown(2, 'a')).toEqual([
    'good',
    'An answer could not be delivered here: its content is not allowed',
  ]);
  expect(chat.attempts).toHaveLength(3);
});

test('a notice about a refusal that is refused itself ends there; an answer that reads like one does not', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  const refused: string[] = [];
  chat.onSend = ({ text, chatId }) => {
    if (chatId !== 'gone') return;
    refused.push(text);
    throw new ChatError('refused', 'the bot was thrown out');
  };
  office.deliveries.start();
  await office.put('gone', 'An answer could not be delivered here: says the node');
  await waitFor(() => office.deliveries.size === 0 && refused.length === 2);
  expect(refused[1]).toBe('An answer could not be delivered here: the bot was thrown out');
});

test('a refusal that can not be noted down does not block its chat for ever', async () => {
  using folder = new TempFolder();
  const chat = new FakeChat();
  await using office = new Office(folder, [chat]);
  // A disk that is full, as SQLite sees it, until the refusal has come a few times.
  chat.onSend = ({ text }) => {
    if (text !== 'bad') return;
    const isFull = chat.attempts.length < 3;
    office.store.prepare(`PRAGMA max_page_count = ${isFull ? 1 : 1_000_000}`).get();
    throw new ChatError('refused', `no. ${'Really not. '.repeat(10_000)}`);
  };
  office.deliveries.start();
  await office.put('a', 'bad', 'good');
  expect((await chat.untilShown(2, 'a'))[0]).toBe('good');
  expect(office.log.with('a commit failed').length).toBeGreaterThan(0);
});
