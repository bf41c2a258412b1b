import { describe, expect, test } from 'vitest';
import type { EffectRequest } from '../../src/approvals/effect-approvals.ts';
import { ApprovalDesk, labelsOf, TTL_MS } from '../fakes/approval-desk.ts';

const request: EffectRequest = {
  userId: 'alice',
  chatId: 'chat of alice',
  title: 'May it run: make',
  text: 'May it run `make`?',
};

const calls = [{ program: 'make', subcommand: 'test' }] as const;

function never(): AbortSignal {
  return new AbortController().signal;
}

describe('a question whether something may be done', () => {
  test('is resolved by the button that its user presses', async () => {
    await using desk = await ApprovalDesk.open();
    const asking = desk.approvals.ask(request, never());
    const question = await desk.question();
    expect(question.text).toBe('May it run `make`?');
    expect(labelsOf(question)).toEqual(['Allow once', 'Deny']);
    await desk.press(question, 'allow_once');
    expect(await asking).toEqual({ kind: 'allowed' });
    expect(desk.said).toEqual([]);
  });

  test('is a no where the user denies it, also in their own words', async () => {
    await using desk = await ApprovalDesk.open();
    const denied = desk.approvals.ask(request, never());
    await desk.press(await desk.question(), 'deny');
    expect(await denied).toEqual({ kind: 'denied' });
    const refused = desk.approvals.ask(request, never());
    await desk.question(2);
    await desk.disk.store.write(() => desk.questions.answerInWords('alice', 'chat of alice', 'use ninja instead'));
    expect(await refused).toEqual({ kind: 'denied', words: 'use ninja instead' });
  });

  test('takes a typed yes', async () => {
    await using desk = await ApprovalDesk.open();
    const asking = desk.approvals.ask(request, never());
    await desk.question();
    const read = await desk.disk.store.write(() => desk.questions.answerInWords('alice', 'chat of alice', 'y'));
    expect(await asking).toEqual({ kind: 'allowed' });
    expect(read).toEqual({ en: '✓ Allow once', zh: '✓ Allow once' });
  });

  test('expires as a no, counted from when the user could see it', async () => {
    await using desk = await ApprovalDesk.open();
    const asking = desk.approvals.ask(request, never());
    const { id } = await desk.question();
    desk.now += 2 * TTL_MS;
    await desk.questions.delivered(id);
    desk.now += TTL_MS;
    desk.questions.start();
    expect(await asking).toEqual({ kind: 'expired' });
    expect(desk.said).toEqual(['Nobody answered within 10m: not allowed, nothing was run.']);
  });

  test('is taken back when its turn is stopped, and a late press does nothing but say so', async () => {
    await using desk = await ApprovalDesk.open();
    const turn = desk.turn();
    const asking = desk.approvals.ask({ ...request, rules: { userId: 'alice', folder: '/x', calls } }, turn.signal);
    const question = await desk.question();
    turn.stop();
    await expect(asking).rejects.toBe(turn.signal.reason);
    expect(desk.frames.at(-1)).toMatchObject({ replaces: question.id, text: expect.stringContaining('Taken back') });
    await desk.press(question, 'always');
    expect(desk.said.at(-1)).toMatch(/^That question was taken back at /);
    expect(desk.rules.list('alice')).toEqual([]);
  });

  test('is not asked in a turn that was stopped already', async () => {
    await using desk = await ApprovalDesk.open();
    await expect(desk.approvals.ask(request, AbortSignal.abort())).rejects.toThrow();
    expect(desk.asked).toEqual([]);
  });

  test('of a process that died is taken back at the next start, and a press on it runs nothing', async () => {
    await using desk = await ApprovalDesk.open();
    const turn = desk.turn();
    const asking = desk.approvals.ask({ ...request, rules: { userId: 'alice', folder: '/x', calls } }, turn.signal);
    const question = await desk.question();
    await using next = await desk.afterCrash();
    await using early = await desk.afterCrash();
    await next.approvals.start();
    expect(next.frames.at(-1)).toMatchObject({ replaces: question.id, text: expect.stringContaining('asked again') });
    await next.press(question, 'always');
    expect(next.said.at(-1)).toMatch(/^That question was taken back at /);
    // A press may be quicker than the start.
    await early.press(question, 'always');
    expect(early.said.at(-1)).toMatch(/^Nothing was run/);
    for (const each of [next, early]) expect(each.rules.list('alice')).toEqual([]);
    turn.stop();
    await expect(asking).rejects.toBeDefined();
  });

  test('waits beside those of others, each with its own answer', async () => {
    await using desk = await ApprovalDesk.open();
    const alices = desk.approvals.ask(request, never());
    const aliceQuestion = await desk.question();
    const bobs = desk.approvals.ask({ ...request, userId: 'bob', chatId: 'chat of bob' }, never());
    const bobQuestion = await desk.question(2);
    await desk.press(aliceQuestion, 'allow_once', 'bob');
    expect(desk.said.at(-1)).toContain('somebody else');
    await desk.press(bobQuestion, 'deny', 'bob');
    expect(await bobs).toEqual({ kind: 'denied' });
    await desk.press(aliceQuestion, 'allow_once');
    expect(await alices).toEqual({ kind: 'allowed' });
  });

  test('rejects when it could not be stored, and leaves nothing behind', async () => {
    await using desk = await ApprovalDesk.open();
    desk.disk.breakDisk();
    await expect(desk.approvals.ask(request, never())).rejects.toMatchObject({ name: 'StoreError' });
    desk.disk.mendDisk();
    expect(desk.questions.openOf('effect')).toEqual([]);
  });
});

describe('"Always allow"', () => {
  const rules = { userId: 'alice', folder: '/code/app', calls };

  test('stores what it names before anything is done with the answer', async () => {
    await using desk = await ApprovalDesk.open();
    const asking = desk.approvals.ask({ ...request, rules }, never());
    const question = await desk.question();
    expect(labelsOf(question)).toEqual(['Allow once', 'Always allow', 'Deny']);
    await desk.press(question, 'always');
    expect(await asking).toEqual({ kind: 'allowed' });
    expect(desk.rules.list('alice')).toMatchObject([{ folder: '/code/app', program: 'make', subcommand: 'test' }]);
    expect(desk.said.at(-1)).toContain('/rules');
  });

  test('is not there where nothing can be stored, not even for a press that names it', async () => {
    await using desk = await ApprovalDesk.open();
    const asking = desk.approvals.ask(request, never());
    const question = await desk.question();
    await desk.press(question, 'always');
    expect(desk.said.at(-1)).toContain('no such button');
    await desk.press(question, 'deny');
    expect(await asking).toEqual({ kind: 'denied' });
    expect(desk.rules.list('alice')).toEqual([]);
  });
});
