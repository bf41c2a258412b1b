import { expect, test } from 'vitest';
import { FeishuError } from '../../../src/bot/feishu/feishu-error.ts';
import type { Clock, Limit } from '../../../src/bot/feishu/pace.ts';
import { Pace } from '../../../src/bot/feishu/pace.ts';

/** A clock that goes on only when it is told to, and runs what is due on the way. */
class SteppedClock implements Clock {
  #now = 0;
  #due: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  async goOn(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      // Whatever a callback set off asks for its own timers first.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      const next = this.#due.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((entry) => entry !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

const chat = (id: string): Limit => ({ key: `chat ${id}`, max: 5, windowMs: 1000 });
const route: Limit = { key: 'route', max: 10, windowMs: 1000 };

function peak(times: readonly number[], perMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + perMs).length));
}

test('no second ever sees more calls than Feishu takes, however long each of them is on its way', async () => {
  const clock = new SteppedClock();
  const pace = new Pace({ clock });
  const arrivals: number[] = [];
  const done: Promise<void>[] = [];
  for (let index = 0; index < 60; index += 1) {
    const onTheWayMs = (index * 37) % 190;
    const call = async () => {
      await clock.wait(onTheWayMs);
      arrivals.push(clock.now());
      await clock.wait(5);
    };
    done.push(pace.run([chat('a')], 'answer', call));
  }
  await clock.goOn(60_000);
  await Promise.all(done);
  expect(arrivals.length).toBe(60);
  expect(peak(arrivals, 1000)).toBe(5);
  // Not much slower than it has to be either.
  expect(arrivals.at(-1)).toBeLessThan(16_000);
});

test('answers of one chat keep their order, and a full chat holds up no other', async () => {
  const clock = new SteppedClock();
  const pace = new Pace({ clock });
  const sent: string[] = [];
  for (let index = 0; index < 12; index += 1)
    void pace.run([chat('a'), route], 'answer', async () => void sent.push(`a${index}`));
  void pace.run([chat('b'), route], 'answer', async () => void sent.push('b0'));
  await clock.goOn(0);
  expect(sent).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0']);
  await clock.goOn(5000);
  expect(sent.slice(6)).toEqual(['a5', 'a6', 'a7', 'a8', 'a9', 'a10', 'a11']);
});

test('a spare call is made with what is left, but never with the last fifth, and never before an answer that waits', async () => {
  const clock = new SteppedClock();
  const pace = new Pace({ clock });
  const spare = () => pace.run([chat('a')], 'spare', async () => 'made');
  for (let index = 0; index < 4; index += 1) expect(await spare()).toBe('made');
  await expect(spare()).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await pace.run([chat('a')], 'answer', async () => 'made')).toBe('made');
  const waiting = pace.run([chat('a')], 'answer', () => new Promise<string>(() => {}));
  void waiting.catch(() => {});
  await expect(spare()).rejects.toMatchObject({ code: 'rate_limited' });
});

test('what waits for its kind of call keeps its place in the chat, and spare calls away', async () => {
  const clock = new SteppedClock();
  const pace = new Pace({ clock });
  const refused = async () => {
    throw new FeishuError('rate_limited', 'too fast', { apiCode: 99991400 });
  };
  await expect(pace.run([chat('b'), route], 'answer', refused)).rejects.toMatchObject({ code: 'rate_limited' });
  const sent: string[] = [];
  void pace.run([chat('a'), route], 'answer', async () => void sent.push('a reply'));
  void pace.run([chat('a')], 'answer', async () => void sent.push('a message'));
  await clock.goOn(0);
  expect(sent).toEqual([]);
  await expect(pace.run([chat('a')], 'spare', async () => {})).rejects.toMatchObject({ code: 'rate_limited' });
  await clock.goOn(2000);
  expect(sent).toEqual(['a reply', 'a message']);
});

test.each([
  [230020, 'the chat', { a: 7000, b: 0 }],
  [99991400, 'all calls of the kind', { a: 7000, b: 7000 }],
] as const)('a refusal of %i for the rate keeps %s quiet for as long as it says', async (apiCode, _what, after) => {
  const clock = new SteppedClock();
  const pace = new Pace({ clock });
  const refused = async () => {
    throw new FeishuError('rate_limited', 'too fast', { apiCode, retryAfterMs: 7000 });
  };
  await expect(pace.run([chat('a'), route], 'answer', refused)).rejects.toMatchObject({ apiCode });
  const times = new Map<string, number>();
  for (const id of ['a', 'b']) void pace.run([chat(id), route], 'answer', async () => void times.set(id, clock.now()));
  await clock.goOn(20_000);
  expect(Object.fromEntries(times)).toEqual(after);
});

test('after the close what would have to wait is refused, and what need not is still made', async () => {
  const clock = new SteppedClock();
  const pace = new Pace({ clock });
  const made: string[] = [];
  for (let index = 0; index < 5; index += 1) await pace.run([chat('a')], 'answer', async () => void made.push('a'));
  const waiting = pace.run([chat('a')], 'answer', async () => void made.push('late'));
  pace.close();
  pace.close();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  await expect(pace.run([chat('a')], 'answer', async () => {})).rejects.toMatchObject({ code: 'aborted' });
  expect(await pace.run([chat('b')], 'answer', async () => 'made')).toBe('made');
  await clock.goOn(10_000);
  expect(made).toEqual(['a', 'a', 'a', 'a', 'a']);
});
