import { setTimeout as delay } from 'node:timers/promises';
import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Turn } from './turn.ts';

const cardRoute = '/cardkit/v1/cards/:card_id';
const reply = '/im/v1/messages/:message_id/reply';
const actions = [
  { id: 'yes', label: 'Yes', style: 'primary' },
  { id: 'no', label: 'No', style: 'danger' },
] as const;

async function begunTurn(options: Parameters<typeof Turn.begin>[0] = {}): Promise<Turn> {
  const turn = await Turn.begin(options);
  turn.show({ text: 'so far' });
  await waitFor(() => turn.shown[0]?.text.includes('so far'));
  return turn;
}

test('an answer in place is what the card becomes: without Stop, with its own buttons, and the time that it took', async () => {
  await using turn = await begunTurn();
  await turn.setting.start();
  await waitFor(() => turn.setting.channel.health().state === 'connected');
  const shown = await turn.setting.channel.send({ ...turn.answer('**All** done. Commit?'), actions });
  expect(shown).toEqual([turn.card.id]);
  expect(turn.card.text).toContain('**All** done. Commit?\nYes\nNo\n');
  expect(turn.card.text).toContain('✓ 12s');
  expect(turn.card.text).not.toMatch(/Stop|so far|⏳/);
  expect(turn.setting.feishu.cards.map(({ isStreaming }) => isStreaming)).toEqual([false]);
  await turn.setting.feishu.press('ou_alice', turn.card, 'yes');
  expect(turn.setting.pressed).toMatchObject([{ messageId: 'answer-1', actionId: 'yes' }]);
  turn.show({ text: 'a late word' });
  await delay(100);
  expect(turn.card.text).toContain('All');
});

test('a short plain answer takes the place of the card too', async () => {
  await using turn = await begunTurn();
  await turn.setting.channel.send(turn.answer('4 < 5'));
  expect(turn.card.text.replaceAll('&#60;', '<')).toMatch(/^4 < 5\n/);
});

test('an answer that was in place is there once, however often it is sent and whoever sends it', async () => {
  await using turn = await begunTurn();
  const first = await turn.setting.channel.send(turn.answer('done'));
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual(first);
  await turn.setting.restart();
  // A late word of the turn that the next process hears changes nothing either.
  turn.show({ text: 'late' });
  await delay(300);
  expect(turn.card.text).toMatch(/^done\n/);
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual(first);
  expect(turn.shown.length).toBe(1);
});

test.each<[string, FaultEffect]>([
  ['performed and cut', { kind: 'cut', perform: true }],
  ['cut', { kind: 'cut' }],
  ['answered with 500', { kind: 'answer', status: 500 }],
  ['performed and answered with 500', { kind: 'answer', status: 500, perform: true }],
])('a completion that was %s is made again, also by another process', async (_how, effect) => {
  await using turn = await begunTurn();
  turn.setting.feishu.fail({ method: 'PUT', path: cardRoute, times: 2, effect });
  await expect(turn.setting.channel.send(turn.answer('done'))).rejects.toMatchObject({ code: 'unavailable' });
  await turn.setting.restart();
  await expect(turn.setting.channel.send(turn.answer('done'))).rejects.toMatchObject({ code: 'unavailable' });
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.card.id]);
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a card whose send was performed and cut off is not sent twice, and becomes the answer after a restart', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.fail({ path: reply, effect: { kind: 'cut', perform: true } });
  turn.show();
  await waitFor(() => turn.shown[0]);
  await turn.setting.restart();
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.card.id]);
  expect(turn.card.text).toMatch(/^done\n/);
});

test.each([230099, 11310, 230025, 200861, 300305, 230031, 200740, 99991672])(
  'where Feishu refuses the completion with %i the answer is a message after the card, and the card says so',
  async (code) => {
    await using turn = await begunTurn();
    turn.setting.feishu.fail({ method: 'PUT', path: cardRoute, effect: { kind: 'answer', status: 400, code } });
    const shown = await turn.setting.channel.send(turn.answer('the answer'));
    expect(shown).toEqual([turn.shown[1]?.id]);
    expect(turn.shown[1]).toMatchObject({ text: 'the answer', replyTo: turn.replyTo });
    await waitFor(() => turn.shown[0]?.text.includes('✓ 12s · The answer is below.'));
    expect(await turn.setting.channel.send(turn.answer('the answer'))).toEqual(shown);
    expect(turn.shown.length).toBe(2);
  },
);

test('an answer does not wait for ever for a place that Feishu can not give it', async () => {
  await using turn = await begunTurn({ channel: { timings: { cards: { completeWithinMs: 150 } } } });
  const effect: FaultEffect = { kind: 'answer', status: 500, perform: true };
  turn.setting.feishu.fail({ method: 'PUT', path: cardRoute, times: Number.POSITIVE_INFINITY, effect });
  await expect(turn.setting.channel.send(turn.answer('the answer'))).rejects.toMatchObject({ code: 'unavailable' });
  await delay(200);
  expect(await turn.setting.channel.send(turn.answer('the answer'))).toEqual([turn.shown[1]?.id]);
  turn.setting.feishu.clearFaults();
  await waitFor(() => turn.shown[0]?.text.includes('The answer is below.'));
  expect(turn.shown.filter(({ text }) => text.includes('the answer')).length).toBe(1);
});

test('an answer that was refused its place is not put there by the next process, beside the message', async () => {
  await using turn = await begunTurn();
  turn.setting.feishu.fail({ method: 'PUT', path: cardRoute, effect: { kind: 'answer', status: 400, code: 230099 } });
  turn.setting.feishu.fail({ path: reply, effect: { kind: 'cut', perform: true } });
  await expect(turn.setting.channel.send(turn.answer('the answer'))).rejects.toMatchObject({ code: 'unavailable' });
  await turn.setting.restart();
  await turn.setting.channel.send(turn.answer('the answer'));
  expect(turn.shown.filter(({ text }) => text.includes('the answer')).length).toBe(1);
  expect(turn.shown.length).toBe(2);
});

test('an answer below what was said meanwhile stays a message of its own, where only that was done before a crash', async () => {
  await using turn = await begunTurn();
  await turn.setting.channel.send(turn.elsewhere('first'));
  turn.setting.feishu.fail({ path: reply, effect: { kind: 'cut', perform: true } });
  await expect(turn.setting.channel.send(turn.answer('the answer'))).rejects.toMatchObject({ code: 'unavailable' });
  await turn.setting.restart();
  await turn.setting.channel.send(turn.answer('the answer'));
  expect(turn.shown.filter(({ text }) => text.includes('the answer')).length).toBe(1);
});

test('an answer does not go above what was said before it, by the next process either', async () => {
  await using turn = await begunTurn();
  await turn.setting.channel.send(turn.elsewhere('first'));
  await turn.setting.restart();
  await turn.setting.channel.send(turn.answer('the answer'));
  expect(turn.shown.map(({ text }) => text).slice(1)).toEqual(['first', 'the answer']);
});

test('a card that was recalled is left, and the answer is a message', async () => {
  await using turn = await begunTurn();
  turn.setting.feishu.canPatchCardEntities = true;
  const { id } = turn.card;
  turn.setting.feishu.remove(id, 'recalled');
  turn.setting.feishu.fail({ method: 'PUT', path: cardRoute, effect: { kind: 'answer', status: 400, code: 230011 } });
  await turn.setting.channel.send(turn.answer('the answer'));
  expect(turn.shown.at(-1)).toMatchObject({ text: 'the answer', state: 'sent' });
});

test('an answer after half a minute is a message of its own, then the card says that it is below', async () => {
  await using turn = await begunTurn();
  const shown = await turn.setting.channel.send(turn.answer('the answer', { isInPlace: false, tookMs: 133_000 }));
  expect(shown).toEqual([turn.shown[1]?.id]);
  expect(turn.shown[1]).toMatchObject({ text: 'the answer', replyTo: turn.replyTo });
  const card = await waitFor(() => turn.shown.find(({ text }) => text.includes('✓ 2m 13s · The answer is below.')));
  expect(card.text).not.toMatch(/Stop|so far|⏳/);
  const routes = turn.setting.feishu.calls.map(({ method, route }) => `${method} ${route}`);
  expect(routes.lastIndexOf(`POST ${reply}`)).toBeLessThan(routes.lastIndexOf(`PUT ${cardRoute}`));
});

test('an answer that is too long for one card goes below it', async () => {
  await using turn = await begunTurn();
  const text = Array.from({ length: 2000 }, (_, index) => `- item number ${index} of the list`).join('\n');
  const shown = await turn.setting.channel.send(turn.answer(text));
  expect(shown.length).toBeGreaterThan(1);
  expect(turn.shown.slice(1).map(({ id }) => id)).toEqual(shown);
  await waitFor(() => turn.shown[0]?.text.includes('The answer is below.'));
});

test('the end of a card holds up no answer, and is made when Feishu takes it again, by the next process too', async () => {
  await using turn = await begunTurn();
  turn.setting.feishu.fail({ method: 'PUT', path: cardRoute, times: 3, effect: { kind: 'answer', status: 503 } });
  await turn.setting.channel.send(turn.answer('the answer', { isInPlace: false }));
  await waitFor(() => turn.setting.feishu.calls.filter(({ route }) => route === cardRoute).length === 2);
  await turn.setting.restart();
  await turn.setting.start();
  await waitFor(() => turn.shown[0]?.text.includes('The answer is below.'));
});

test('the end of a card is given up where Feishu refuses it for good', async () => {
  await using turn = await begunTurn();
  turn.setting.feishu.fail({
    method: 'PUT',
    path: cardRoute,
    times: Number.POSITIVE_INFINITY,
    effect: { kind: 'answer', status: 400, code: 200750 },
  });
  await turn.setting.channel.send(turn.answer('the answer', { isInPlace: false }));
  const ends = () => turn.setting.feishu.calls.filter(({ route }) => route === cardRoute).length;
  await waitFor(() => ends() === 1);
  await delay(300);
  expect(ends()).toBe(1);
});
