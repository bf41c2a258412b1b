import { decodeNodeFrame, encode } from '@phonework/shared/protocol';
import { describe, expect, test } from 'vitest';
import { mayI, QuestionDesk } from '../fakes/question-desk.ts';

const noon = new Date(2026, 10, 24, 12, 0).getTime();
const minutes = 60_000;

describe('a question', () => {
  test('goes out with its buttons, and is listed until it is answered, oldest first', async () => {
    await using desk = await QuestionDesk.open({ now: noon });
    const first = await desk.ask();
    const second = await desk.ask({ title: 'And install it?', ttlMs: 1000 });
    await desk.ask({ userId: 'bob' });
    expect(desk.frames[0]).toEqual({
      type: 'message',
      id: first,
      user_id: 'alice',
      chat_id: 'chat',
      text: 'May I run `make`?',
      actions: mayI.options,
    });
    expect(desk.questions.find(first)).toEqual({ ...mayI, id: first, number: 1, askedAt: noon });
    expect(desk.questions.openFor('alice').map(({ title }) => title)).toEqual(['May I run make?', 'And install it?']);
    await desk.press(first, 'once');
    expect(desk.questions.openFor('alice').map(({ id }) => id)).toEqual([second]);
    expect(desk.questions.find(first)).toBeUndefined();
  });

  test('can be carried by a frame of the asker: then nothing else goes out', async () => {
    await using desk = await QuestionDesk.open();
    await desk.store.write(() => desk.questions.askWith(mayI, 'forward-1'));
    expect(desk.frames).toEqual([]);
    await desk.press('forward-1', 'once');
    expect(desk.ledger).toEqual(['once']);
  });

  test('has buttons that every router takes, however long their labels', async () => {
    await using desk = await QuestionDesk.open();
    const options = [
      { id: 'a', label: '好'.repeat(300), style: 'default' },
      { id: 'b', label: '', style: 'default' },
      { id: 'c', label: `${'x'.repeat(198)}😀x`, style: 'default' },
    ] as const;
    await desk.ask({ options });
    const [frame] = desk.frames;
    if (frame === undefined) throw new Error('nothing was asked');
    expect(decodeNodeFrame(encode(frame))).toMatchObject({
      actions: [{ label: expect.stringMatching(/^好{199}…$/) }, { label: 'b' }, { label: expect.stringMatching(/…$/) }],
    });
    for (const bad of [[], Array.from({ length: 21 }, () => options[0]), [{ ...options[0], id: '' }]]) {
      await expect(desk.ask({ options: bad })).rejects.toThrow(RangeError);
    }
    expect(desk.questions.openFor('alice')).toHaveLength(1);
  });
});

describe('a press', () => {
  test('reaches the owner with what it asked, in one transaction with it, and its sentence goes out', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    await desk.press(id, 'once');
    expect(desk.clerk.seen).toEqual([
      {
        question: expect.objectContaining({ id, subject: { command: 'make' }, ttlMs: 600_000 }),
        answer: { optionId: 'once', label: 'Allow once' },
      },
    ]);
    expect(desk.frames[1]).toEqual({
      type: 'message',
      id: expect.any(String),
      user_id: 'alice',
      chat_id: 'chat',
      text: 'Running it.',
    });
    await using after = await desk.afterCrash();
    expect([after.ledger, after.said, after.questions.openFor('alice')]).toEqual([['once'], ['Running it.'], []]);
  });

  test('whose outcome speaks for itself leads to no message', async () => {
    await using desk = await QuestionDesk.open();
    desk.clerk.sentence = undefined;
    await desk.press(await desk.ask(), 'once');
    expect([desk.ledger, desk.said]).toEqual([['once'], []]);
  });

  test('that comes again counts once, after a crash too; a second one is told what was answered', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    await Promise.all([1, 2, 3].map(() => desk.press(id, 'once', { id: 'same' })));
    await using after = await desk.afterCrash();
    await after.press(id, 'once', { id: 'same' });
    expect([after.ledger, after.said]).toEqual([['once'], ['Running it.']]);
    await Promise.all([after.press(id, 'deny', { id: 'p2' }), after.press(id, 'once', { id: 'p3' })]);
    expect(after.ledger).toEqual(['once']);
    expect(after.said.slice(1)).toEqual(Array(2).fill('That question was already answered: Allow once.'));
  });

  test('on a question from before a crash reaches its owner, if its answer was not stored before', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    await using after = await desk.afterCrash();
    await after.press(id, 'deny');
    expect(after.ledger).toEqual(['deny']);
    expect(after.clerk.seen[0]?.question).toMatchObject({ id, subject: { command: 'make' } });
  });

  test('by somebody else, from another chat or on a button that is not there changes nothing', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    await desk.press(id, 'once', { user_id: 'mallory' });
    await desk.press(id, 'once', { chat_id: 'elsewhere' });
    await desk.press(id, 'always');
    await desk.press('made-up', 'once');
    expect(desk.ledger).toEqual([]);
    expect(desk.frames.slice(1).map((frame) => [frame.user_id, frame.chat_id, frame.text])).toEqual([
      ['mallory', 'chat', 'That question was asked of somebody else, or in another chat.'],
      ['alice', 'elsewhere', 'That question was asked of somebody else, or in another chat.'],
      ['alice', 'chat', expect.stringContaining('no such button')],
      ['alice', 'chat', 'That question is not open any more.'],
    ]);
    await desk.press(id, 'deny');
    expect(desk.ledger).toEqual(['deny']);
    await desk.press(id, 'once', { user_id: 'mallory' });
    expect(desk.said.at(-1)).toContain('somebody else');
  });

  test.each(['throws', 'is not there'])('whose owner %s is kept and told, and holds up no other', async (what) => {
    await using desk = await QuestionDesk.open();
    desk.clerk.fault = what === 'throws' ? new TypeError('broken') : undefined;
    const id = await desk.ask(what === 'throws' ? {} : { kind: 'unheard-of' });
    await desk.press(id, 'once', { id: 'p1' });
    expect(desk.said).toEqual([expect.stringContaining('Your answer (Allow once) arrived, but nothing came of it')]);
    // What it had done so far is undone.
    expect(desk.ledger).toEqual([]);
    expect(desk.log.filter(({ level }) => level === 'error')).toHaveLength(1);
    await desk.press(id, 'once', { id: 'p1' });
    expect(desk.said).toHaveLength(1);
    await desk.press(id, 'deny', { id: 'p2' });
    expect(desk.said[1]).toBe('That question was already answered: Allow once.');
    desk.clerk.fault = undefined;
    await desk.press(await desk.ask(), 'once', { id: 'p3' });
    expect(desk.ledger).toEqual(['once']);
  });

  test('that can not be stored is refused, and counts when it comes again', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    desk.store.prepare('PRAGMA query_only = 1').all();
    await expect(desk.press(id, 'once', { id: 'p1' })).rejects.toThrow();
    desk.store.prepare('PRAGMA query_only = 0').all();
    await desk.press(id, 'once', { id: 'p1' });
    expect([desk.ledger, desk.said]).toEqual([['once'], ['Running it.']]);
  });
});

describe('an answer in words', () => {
  test.each([
    ['1', 'once'],
    ['allow once', 'once'],
    ['DENY.', 'deny'],
    ['y', 'once'],
    ['拒绝', 'deny'],
    ['use `make -n` first', 'use `make -n` first'],
    ['3', '3'],
    ['#17 is the issue', '#17 is the issue'],
  ])('%j counts as %j', async (words, entry) => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    expect(await desk.answer(words)).toBe('Running it.');
    expect(desk.ledger).toEqual([entry]);
    // The router knows nothing of it yet.
    expect(desk.frames.slice(1)).toEqual([expect.objectContaining({ replaces: id, text: '' })]);
    await desk.press(id, 'once');
    expect(desk.said.at(-1)).toMatch(/^That question was already answered: /);
  });

  test('says what was chosen where the owner says nothing', async () => {
    await using desk = await QuestionDesk.open();
    desk.clerk.sentence = undefined;
    await desk.ask();
    expect(await desk.answer('2')).toBe('✓ Deny');
    await desk.ask();
    expect(await desk.answer(`no,\n ${'x'.repeat(200_000)}`)).toMatch(/^✓ no, x{75}…$/);
  });

  test('answers nothing of somebody else or of another chat', async () => {
    await using desk = await QuestionDesk.open();
    await desk.ask({ userId: 'bob' });
    await desk.ask({ chatId: 'elsewhere' });
    for (const words of ['1', '#1 1', '#2 1', ''])
      expect(await desk.answer(words)).toMatch(/^No question is open in this chat/);
    expect(desk.ledger).toEqual([]);
  });

  test('without words lists what can be answered', async () => {
    await using desk = await QuestionDesk.open();
    await desk.ask();
    expect(await desk.answer(' ')).toBe(
      'Write your answer after it, such as /answer 1. May I run make?\n1. Allow once\n2. Deny',
    );
    expect(await desk.answer('#1')).toContain('2. Deny');
    expect(desk.ledger).toEqual([]);
  });

  test('with several open is for the one that it names, and otherwise for none', async () => {
    await using desk = await QuestionDesk.open();
    for (const title of ['one?', 'two?', 'three?']) await desk.ask({ title });
    const list = 'Several questions are open here:\n#1 one?\n#2 two?\n#3 three?\nSay which one: /answer #1 1';
    for (const words of ['y', '', '#4 y', '2 y']) expect(await desk.answer(words)).toBe(list);
    expect(desk.ledger).toEqual([]);
    await desk.answer('#2 y');
    await desk.answer('#1\nlater');
    expect(desk.clerk.seen.map(({ question, answer }) => [question.title, answer])).toEqual([
      ['two?', { optionId: 'once', label: 'Allow once' }],
      ['one?', { words: 'later' }],
    ]);
    // Numbers stay what they were.
    await desk.answer('#3 n');
    expect(desk.ledger).toEqual(['once', 'later', 'deny']);
  });

  test('whose owner throws is kept and told', async () => {
    await using desk = await QuestionDesk.open();
    desk.clerk.fault = new TypeError('broken');
    await desk.ask();
    expect(await desk.answer('y')).toContain('Your answer (Allow once) arrived, but nothing came of it');
    expect(await desk.answer('y')).toMatch(/^No question is open/);
    expect(desk.log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('a question that is taken back', () => {
  test('is not open any more, at the router either, and a late press is told', async () => {
    await using desk = await QuestionDesk.open({ now: noon });
    const [first, second] = [await desk.ask(), await desk.ask()];
    await desk.store.write(() => {
      desk.questions.withdraw(first, 'The session was closed.');
      desk.questions.withdraw(second);
      desk.questions.withdraw('made-up', 'What?');
    });
    expect(desk.frames.slice(2)).toEqual([
      expect.objectContaining({ replaces: first, text: 'The session was closed.', chat_id: 'chat', user_id: 'alice' }),
      expect.objectContaining({ replaces: second, text: '' }),
    ]);
    desk.now += 24 * 60 * minutes;
    await desk.press(first, 'once');
    expect(desk.said.at(-1)).toBe('That question was taken back on 24 Nov at 12:00.');
    expect([desk.ledger, desk.questions.openFor('alice')]).toEqual([[], []]);
  });

  test('is open still when that could not be stored', async () => {
    await using desk = await QuestionDesk.open();
    const id = await desk.ask();
    const undone = desk.store.write(() => {
      desk.questions.withdraw(id);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await desk.press(id, 'once');
    expect(desk.ledger).toEqual(['once']);
  });
});

test('what became of a question is known for 30 days', async () => {
  await using desk = await QuestionDesk.open({ now: noon });
  const ids = [];
  for (let count = 0; count < 3; count += 1) ids.push(await desk.ask());
  for (const id of ids) await desk.press(id, 'once');
  const [id = ''] = ids;
  desk.now += 29 * 24 * 60 * minutes;
  await desk.press(await desk.ask(), 'once');
  await desk.press(id, 'once');
  expect(desk.said.at(-1)).toBe('That question was already answered: Allow once.');
  desk.now += 2 * 24 * 60 * minutes;
  await desk.press(await desk.ask(), 'once');
  await desk.press(id, 'once');
  expect(desk.said.at(-1)).toBe('That question is not open any more.');
  expect(desk.store.prepare('SELECT count(*) AS rows FROM closed_questions').get()).toEqual({ rows: 2 });
});
