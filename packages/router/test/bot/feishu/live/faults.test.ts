import { setTimeout as delay } from 'node:timers/promises';
import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Turn } from './turn.ts';

const content = '/cardkit/v1/cards/:card_id/elements/:element_id/content';
const settings = '/cardkit/v1/cards/:card_id/settings';
const wholeCard = '/cardkit/v1/cards/:card_id';
const cards = '/cardkit/v1/cards';
const message = '/im/v1/messages/:message_id';
const reply = '/im/v1/messages/:message_id/reply';

const callsOf = (turn: Turn, method: string, route: string) =>
  turn.setting.feishu.calls.filter((call) => call.method === method && call.route === route);

/** Shows three texts, each once the one before was shown. */
async function showThree(turn: Turn): Promise<void> {
  for (const text of ['one', 'one two', 'one two three']) {
    turn.show({ text });
    await waitFor(() => turn.shown[0]?.text.includes(text), { what: text });
  }
}

test('a card whose streaming Feishu has ended after its 10 minutes is opened again, and goes on', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.streamingLimitMs = 150;
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]?.text.includes('one'));
  await delay(200);
  turn.show({ text: 'one two' });
  await waitFor(() => turn.shown[0]?.text.includes('one two'));
  expect(callsOf(turn, 'PATCH', settings).length).toBeGreaterThan(0);
  expect(callsOf(turn, 'PUT', wholeCard)).toEqual([]);
  await turn.setting.channel.send(turn.answer('done'));
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a card that Feishu does not let stream again is changed as a whole', async () => {
  await using turn = await Turn.begin();
  const effect = (code: number): FaultEffect => ({ kind: 'answer', status: 400, code });
  turn.show();
  await waitFor(() => turn.shown[0]);
  turn.setting.feishu.fail({ path: content, times: 99, effect: effect(300309) });
  turn.setting.feishu.fail({ path: settings, times: 99, effect: effect(300309) });
  await showThree(turn);
  expect(callsOf(turn, 'PUT', wholeCard).length).toBeGreaterThanOrEqual(3);
  expect(callsOf(turn, 'PATCH', settings).length).toBe(1);
  expect(turn.card.text).toContain('Stop');
});

test('an app without the permission for CardKit shows plain cards, changed less often, and asks for it once an hour', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.fail({ path: cards, times: 99, effect: { kind: 'answer', status: 400, code: 99991672 } });
  await showThree(turn);
  const times = callsOf(turn, 'PATCH', message).map(({ at }) => at);
  expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) >= 58)).toBe(true);
  await delay(200);
  // Nothing new was said, and no second has gone by.
  expect(callsOf(turn, 'PATCH', message).length).toBeLessThanOrEqual(times.length + 1);
  turn.show({ id: 'turn-2' });
  await waitFor(() => turn.shown[1]);
  expect(callsOf(turn, 'POST', cards).length).toBe(1);
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.shown[0]?.id]);
  expect(turn.shown[0]?.text).toMatch(/^done\n/);
  expect(turn.shown[0]?.text).not.toContain('Stop');
});

test('a card that CardKit does not change any more is changed through its message, over a restart too', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.canPatchCardEntities = true;
  turn.show();
  await waitFor(() => turn.shown[0]);
  turn.setting.feishu.fail({ path: content, times: 1, effect: { kind: 'answer', status: 400, code: 300313 } });
  await showThree(turn);
  expect(callsOf(turn, 'PUT', content).length).toBe(1);
  await turn.setting.restart();
  await turn.setting.channel.send(turn.answer('done'));
  expect(callsOf(turn, 'PUT', wholeCard)).toEqual([]);
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a card that can be changed in no way is left alone, and becomes the answer if it can', async () => {
  await using turn = await Turn.begin();
  turn.show();
  await waitFor(() => turn.shown[0]);
  turn.setting.feishu.fail({ path: content, times: 1, effect: { kind: 'answer', status: 400, code: 300313 } });
  turn.show({ text: 'one' });
  await waitFor(() => callsOf(turn, 'PATCH', message).length === 1);
  const { length } = turn.setting.feishu.calls;
  turn.show({ text: 'two' });
  await delay(200);
  expect(turn.setting.feishu.calls.length).toBe(length);
  await turn.setting.channel.send(turn.answer('done'));
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a number that Feishu has seen is leapt over', async () => {
  await using turn = await Turn.begin();
  turn.show();
  await waitFor(() => turn.shown[0]);
  turn.setting.feishu.fail({ path: content, times: 2, effect: { kind: 'answer', status: 400, code: 300317 } });
  await showThree(turn);
  await turn.setting.channel.send(turn.answer('done'));
  expect(turn.card.text).toMatch(/^done\n/);
});

test.each<[string, FaultEffect]>([
  ['429', { kind: 'answer', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '1' } }],
  ['230020', { kind: 'answer', status: 400, code: 230020 }],
  ['500', { kind: 'answer', status: 500 }],
  ['a cut', { kind: 'cut' }],
  ['a cut after it was performed', { kind: 'cut', perform: true }],
])('a change that met %s is followed by the newest one a while later, and the answer comes', async (_what, effect) => {
  await using turn = await Turn.begin();
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]?.text.includes('one'));
  turn.setting.feishu.fail({ path: content, effect });
  const begun = performance.now();
  turn.show({ text: 'two' });
  await delay(100);
  turn.show({ text: 'three' });
  await waitFor(() => turn.card.text.includes('three'));
  expect(performance.now() - begun).toBeGreaterThan(900);
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.card.id]);
});

test.each([cards, reply])(
  'Feishu being down for a while at %s makes the card late, and no second one',
  async (path) => {
    await using turn = await Turn.begin();
    turn.setting.feishu.fail({ path, effect: { kind: 'answer', status: 500, perform: true } });
    turn.show({ text: 'one' });
    await waitFor(() => turn.shown[0]?.text.includes('one'));
    await turn.setting.channel.send(turn.answer('done'));
    expect(turn.card.text).toMatch(/^done\n/);
  },
);

test('a token that becomes invalid in the middle is renewed, and no change is lost', async () => {
  await using turn = await Turn.begin();
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]?.text.includes('one'));
  turn.setting.feishu.invalidateTokens();
  turn.show({ text: 'one two' });
  await waitFor(() => turn.card.text.includes('one two'));
  turn.setting.feishu.invalidateTokens();
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.card.id]);
});

test('a patch that was performed and cut off is made again', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.fail({ path: cards, times: 99, effect: { kind: 'answer', status: 400, code: 99991672 } });
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]?.text.includes('one'));
  turn.setting.feishu.fail({ method: 'PATCH', path: message, effect: { kind: 'cut', perform: true } });
  await expect(turn.setting.channel.send(turn.answer('done'))).rejects.toMatchObject({ code: 'unavailable' });
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.card.id]);
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a change under way does not come after the answer', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.fail({ path: cards, times: 99, effect: { kind: 'answer', status: 400, code: 99991672 } });
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]?.text.includes('one'));
  turn.setting.feishu.fail({ method: 'PATCH', path: message, effect: { kind: 'slow', ms: 300 } });
  turn.show({ text: 'two' });
  await waitFor(() => callsOf(turn, 'PATCH', message).length > 0);
  await turn.setting.channel.send(turn.answer('done'));
  await delay(400);
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a plain card whose send was cut off is found again by the next process', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.fail({ path: cards, times: 99, effect: { kind: 'answer', status: 400, code: 99991672 } });
  turn.setting.feishu.fail({ path: reply, effect: { kind: 'cut', perform: true } });
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]);
  await turn.setting.restart();
  expect(await turn.setting.channel.send(turn.answer('done'))).toEqual([turn.card.id]);
  expect(turn.card.text).toMatch(/^done\n/);
});

test('a turn in a chat that takes no card at all is not shown, and its answer arrives', async () => {
  await using turn = await Turn.begin();
  turn.setting.feishu.fail({ path: reply, times: 2, effect: { kind: 'answer', status: 400, code: 230099 } });
  turn.show({ text: 'one' });
  await waitFor(() => callsOf(turn, 'POST', reply).length === 2);
  turn.show({ text: 'two' });
  await turn.setting.channel.send(turn.answer('done'));
  expect(turn.shown.map(({ text }) => text)).toEqual(['done']);
});
