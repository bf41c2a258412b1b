import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { mayI, QuestionDesk } from '../fakes/question-desk.ts';

const minutes = 60_000;
const fiveToTwo = new Date(2026, 10, 24, 13, 55).getTime();

describe('a question that nobody answers', () => {
  test('expires so long after it was shown, with the sentence of its owner, once', async () => {
    await using desk = await QuestionDesk.open();
    desk.questions.start();
    const id = await desk.ask({ ttlMs: 30 });
    await desk.questions.delivered(id);
    desk.now += 29;
    await desk.ask({ title: 'Another?' });
    expect(desk.questions.find(id)).toBeDefined();
    desk.now += 1;
    await desk.untilSaid(1);
    expect(desk.frames.at(-1)).toEqual({
      type: 'message',
      id: expect.any(String),
      user_id: 'alice',
      chat_id: 'chat',
      text: 'Nobody answered: denied.',
      replaces: id,
    });
    expect([desk.ledger, desk.questions.find(id)]).toEqual([['expired: May I run make?'], undefined]);
    await desk.questions.delivered(id);
    desk.now += 60 * minutes;
    desk.questions.start();
    await desk.answer('later');
    expect(desk.ledger).toEqual(['expired: May I run make?', 'later']);
  });

  test('does not expire before it was shown, however long that takes, over restarts too', async () => {
    await using desk = await QuestionDesk.open();
    desk.questions.start();
    const id = await desk.ask({ ttlMs: 10 });
    const sentinel = await desk.ask({ ttlMs: 20 });
    desk.now += 60 * minutes;
    await desk.questions.delivered(sentinel);
    desk.now += 30;
    await desk.untilSaid(1);
    await using after = await desk.afterCrash();
    after.now += 60 * minutes;
    after.questions.start();
    expect(after.questions.find(id)).toBeDefined();
    await after.questions.delivered(id);
    after.now += 10;
    await after.untilSaid(2);
    expect(after.questions.openFor('alice')).toEqual([]);
  });

  test('has the time that began with the first word of its delivery', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask({ ttlMs: 1000 });
    await desk.questions.delivered(id);
    desk.now += 900;
    await desk.questions.delivered(id);
    desk.now += 100;
    desk.questions.start();
    await desk.untilSaid(1);
  });

  test('stays open without a time to live', async () => {
    await using desk = await QuestionDesk.open();
    const { ttlMs: _, ...forever } = mayI;
    const id = await desk.store.write(() => desk.questions.ask(forever));
    await desk.questions.delivered(id);
    const timed = await desk.ask({ ttlMs: 10 });
    await desk.questions.delivered(timed);
    desk.now += 365 * 24 * 60 * minutes;
    desk.questions.start();
    await desk.untilSaid(1);
    expect(desk.questions.openFor('alice').map((open) => open.id)).toEqual([id]);
  });

  test('while the node was away expires at its next start, and those that still have time do not', async () => {
    await using desk = await QuestionDesk.open();
    for (const ttlMs of [10, 20, 60 * minutes]) await desk.questions.delivered(await desk.ask({ ttlMs }));
    await using after = await desk.afterCrash();
    after.now += minutes;
    after.questions.start();
    await waitFor(() => after.questions.openFor('alice').length === 1);
    expect(after.said).toHaveLength(2);
    await using again = await after.afterCrash();
    again.now = after.now;
    again.questions.start();
    await again.answer('y');
    expect([again.ledger.length, again.said.filter((text) => text.startsWith('Nobody')).length]).toEqual([3, 2]);
  });

  test('while the node was away makes way for a press that waited at the router', async () => {
    await using desk = await QuestionDesk.open();
    const [pressed, forgotten] = [await desk.ask({ ttlMs: 10 }), await desk.ask({ ttlMs: 20 })];
    for (const id of [pressed, forgotten]) await desk.questions.delivered(id);
    await using after = await desk.afterCrash({ graceMs: 200 });
    after.now += minutes;
    after.questions.start();
    // Later than a timer that does not spare it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await after.press(pressed, 'once');
    expect([after.ledger, after.said]).toEqual([['once'], ['Running it.']]);
    after.now += 200;
    expect(await after.untilSaid(2)).toEqual(['Running it.', 'Nobody answered: denied.']);
  });

  test('while the machine was asleep makes way for a press too', async () => {
    await using desk = await QuestionDesk.open({ graceMs: 200 });
    desk.questions.start();
    const id = await desk.ask({ ttlMs: 30 });
    await desk.questions.delivered(id);
    desk.now += 10 * minutes;
    // Later than the timer, which is as old as the night.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(desk.ledger).toEqual([]);
    await desk.press(id, 'once');
    expect(desk.ledger).toEqual(['once']);
  });

  test('makes way for the answer that was stored before', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask({ ttlMs: 10 });
    await desk.questions.delivered(id);
    desk.now += 10;
    // The timer of the expiry is the next one: both find the question open.
    const pressed = new Promise((resolve) => setTimeout(() => resolve(desk.press(id, 'once'))));
    desk.questions.start();
    await pressed;
    await desk.questions.stop();
    expect([desk.ledger, desk.said]).toEqual([['once'], ['Running it.']]);
    expect(desk.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('a press after the expiry is told when it was, and as what it counted', async () => {
  await using desk = await QuestionDesk.open({ now: fiveToTwo });
  const id = await desk.ask();
  const plain = await desk.ask({ options: [{ id: 'ok', label: 'OK', style: 'primary' }] });
  for (const each of [id, plain]) await desk.questions.delivered(each);
  desk.now += 10 * minutes;
  desk.questions.start();
  await desk.untilSaid(2);
  desk.now += 20 * minutes;
  await desk.press(id, 'once');
  await desk.press(plain, 'ok');
  expect(desk.said.slice(2)).toEqual([
    'That question expired at 14:05 and counted as Deny.',
    'That question expired at 14:05.',
  ]);
  expect(desk.ledger).toHaveLength(2);
});

test('an owner that fails at an expiry holds up no other one, and the user is told', async () => {
  await using desk = await QuestionDesk.open();
  const ids = [];
  for (const kind of ['unheard-of', 'shell']) ids.push(await desk.ask({ kind, ttlMs: 1, title: `${kind}?` }));
  for (const id of ids) await desk.questions.delivered(id);
  desk.now += 1;
  desk.questions.start();
  const said = await desk.untilSaid(2);
  expect(said.toSorted()).toEqual([
    'Nobody answered: denied.',
    expect.stringContaining('Nobody answered "unheard-of?" in time, and something unexpected went wrong'),
  ]);
  expect(desk.questions.openFor('alice')).toEqual([]);
  expect(desk.log.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('an expiry that can not be stored is tried again', async () => {
  await using desk = await QuestionDesk.open();
  const id = await desk.ask({ ttlMs: 1 });
  await desk.questions.delivered(id);
  desk.now += 1;
  desk.store.prepare('PRAGMA query_only = 1').all();
  desk.questions.start();
  await waitFor(() => desk.log.some(({ text }) => text.startsWith('a question could not be expired')));
  desk.store.prepare('PRAGMA query_only = 0').all();
  expect(await desk.untilSaid(1)).toEqual(['Nobody answered: denied.']);
});

test('a thousand that are overdue, of many users, expire a few at a time, so that nothing else is held up', async () => {
  await using desk = await QuestionDesk.open();
  const ids = await desk.store.write(() =>
    Array.from({ length: 1000 }, (_, index) =>
      desk.questions.ask({ ...question, userId: `user-${index % 100}`, text: 'x'.repeat(10_000) }),
    ),
  );
  await Promise.all(ids.map((id) => desk.questions.delivered(id)));
  desk.now += 10;
  const steps: number[] = [];
  const left = (): number => Number(desk.store.prepare('SELECT count(*) AS open FROM open_questions').get()?.open);
  desk.questions.start();
  for (let before = 1000; before > 0; before = left()) {
    await new Promise((resolve) => setImmediate(resolve));
    steps.push(before - left());
  }
  expect(desk.ledger).toHaveLength(1000);
  expect(Math.max(...steps)).toBeLessThanOrEqual(50);
});

const question = {
  chatId: 'chat',
  kind: 'shell',
  subject: {},
  title: '?',
  options: [{ id: 'deny', label: 'Deny', style: 'danger' }],
  ttlMs: 10,
} as const;

test('nothing expires and nothing is left running after a stop', async () => {
  await using desk = await QuestionDesk.open();
  desk.questions.start();
  const id = await desk.ask({ ttlMs: 10 });
  await desk.questions.delivered(id);
  await desk.questions.stop();
  await desk.questions.stop();
  desk.now += minutes;
  await desk.questions.delivered(await desk.ask({ ttlMs: 1 }));
  await waitFor(() => !process.getActiveResourcesInfo().includes('Timeout'), { what: 'all timers to be gone' });
  expect(desk.questions.openFor('alice')).toHaveLength(2);
});
