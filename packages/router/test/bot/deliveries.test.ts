import { join } from 'node:path';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import type { ChatChannel } from '../../src/bot/chat-channel.ts';
import { ChatError } from '../../src/bot/chat-channel.ts';
import { Deliveries } from '../../src/bot/deliveries.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from '../fakes/captured-log.ts';
import { FakeChat } from '../fakes/fake-chat.ts';
import { TempFolder } from '../fakes/temp-folder.ts';

/** Deliveries over a real store, as one process has them. */
class Office {
  readonly log = new CapturedLog();
  readonly store: Store;
  readonly deliveries: Deliveries;

  constructor(folder: TempFolder, channels: readonly ChatChannel[], timings = { retryMinMs: 5, retryMaxMs: 40 }) {
    const { logger } = this.log;
    this.store = openStore({ path: join(folder.path, 'router.db'), migrations, logger });
    this.deliveries = new Deliveries(this.store, { channels, logger, journey: () => {}, timings });
  }

  async put(chatId: string, ...texts: string[]): Promise<void> {
    await this.store.write(() => {
      for (const text of texts) this.deliveries.put({ channel: 'feishu', chatId }, text);
    });
  }

  async stop(): Promise<void> {
    await this.deliveries.stop(5000);
    this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

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
