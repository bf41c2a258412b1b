import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Turn } from './turn.ts';

const content = '/cardkit/v1/cards/:card_id/elements/:element_id/content';
const bodies = (turn: Turn, route: string) =>
  turn.setting.feishu.calls.filter((call) => call.route === route).map(({ body }) => Object(body));

test('a turn that takes a while is shown as a card under its question, with its step, its time and a Stop button', async () => {
  await using turn = await Turn.begin();
  turn.show({ step: 'Reading <at user_id="all"></at>\nand more', startedAt: Date.now() - 5000 });
  const card = await waitFor(() => turn.shown[0]);
  expect(card).toMatchObject({ chatId: 'oc_team', replyTo: turn.replyTo, messageType: 'interactive' });
  expect(card.text).toMatch(/⏳ Reading .*at user.* · 5s\n…\nStop$/);
  expect(card.text).not.toMatch(/<at|and more/);
  expect(JSON.parse(card.content)).toMatchObject({
    config: { streaming_mode: true, update_multi: true },
    body: { elements: [{ element_id: 'status' }, { element_id: 'text' }, { type: 'danger' }] },
  });
});

test('the card comes no sooner than 700 ms after the turn began, and not at all for an answer that was faster', async () => {
  await using turn = await Turn.begin({ channel: { timings: { cards: { openAfterMs: 700 } } } });
  turn.show({ startedAt: Date.now() });
  await delay(300);
  expect(await turn.setting.channel.send(turn.answer('fast'))).toEqual([turn.shown[0]?.id]);
  // A late word of the turn changes nothing.
  turn.show({ text: 'late' });
  const begun = Date.now();
  turn.show({ id: 'turn-2', startedAt: begun });
  await waitFor(() => turn.shown[1]);
  expect(Date.now() - begun).toBeGreaterThan(650);
  expect(turn.shown.map(({ text }) => text.includes('Stop'))).toEqual([false, true]);
  expect(turn.shown[0]?.text).toBe('fast');
});

test('the newest text is what is shown: whole each time, one change at a time, and not each of a thousand words', async () => {
  await using turn = await Turn.begin({ channel: { timings: { cards: { gapMs: 100 } } } });
  turn.setting.feishu.fail({ path: content, times: 3, effect: { kind: 'slow', ms: 150 } });
  const words = Array.from({ length: 1000 }, (_, index) => `word${index}`);
  for (let count = 1; count <= words.length; count += 1) {
    turn.show({ text: words.slice(0, count).join(' ') });
    if (count % 10 === 0) await delay(8);
  }
  await waitFor(() => turn.shown[0]?.text.includes('word999'));
  const texts = bodies(turn, content).filter((body) => String(body.content).includes('word'));
  expect(texts.length).toBeGreaterThan(2);
  expect(texts.length).toBeLessThan(20);
  const sequences = bodies(turn, content).map((body) => Number(body.sequence));
  expect(sequences).toEqual([...new Set(sequences)].sort((one, other) => one - other));
  const { calls } = turn.setting.feishu;
  expect(calls.every(({ status }) => status === 200)).toBe(true);
});

test('the time goes on when nothing else does, and stops where nothing was heard of the turn for long', async () => {
  await using turn = await Turn.begin({ channel: { timings: { cards: { tickMs: 200, forgetAfterMs: 2500 } } } });
  turn.show({ text: 'thinking' });
  await waitFor(() => turn.shown[0]?.text.includes('⏳ 1s'));
  await waitFor(() => turn.shown[0]?.text.includes('⏳ 2s'));
  await delay(1500);
  expect(turn.card.text).toContain('⏳ 2s');
  turn.show({ text: 'back' });
  await waitFor(() => turn.shown[0]?.text.includes('back'));
  expect(turn.card.text).toMatch(/⏳ [3-6]s/);
});

test('of a long text the end is shown, as Markdown that stands for itself', async () => {
  await using turn = await Turn.begin();
  const lines = Array.from({ length: 3000 }, (_, index) => `const x${index} = "你好";`).join('\n');
  turn.show({ text: `Here it is:\n\n\`\`\`ts\n${lines}` });
  await waitFor(() => turn.shown[0]?.text.includes('x2999'));
  expect(turn.card.text).toMatch(/…\s+```ts\nconst x/);
  expect(turn.card.text).not.toContain('Here it is');
  expect(Buffer.byteLength(turn.card.content)).toBeLessThan(28_000);
});

test('Stop tells whose turn is to end, and is answered with a toast alone', async () => {
  await using turn = await Turn.begin();
  await turn.setting.start();
  await waitFor(() => turn.setting.channel.health().state === 'connected');
  turn.setting.outcome = { kind: 'success', toast: 'stopping', text: 'not for a card that streams' };
  turn.show();
  const card = await waitFor(() => turn.shown[0]);
  const answer = await turn.setting.feishu.press('ou_alice', card, 'turn-1');
  expect(answer).toEqual({ toast: { type: 'success', content: 'stopping' } });
  expect(turn.setting.stops).toEqual([{ channel: 'feishu', chatId: 'oc_team', userId: 'ou_alice', turnId: 'turn-1' }]);
  expect(turn.setting.pressed).toEqual([]);
});

test('after a restart the same card goes on, at once', async () => {
  await using turn = await Turn.begin({ channel: { timings: { cards: { tickMs: 20_000 } } } });
  for (const text of ['before', 'before too']) {
    turn.show({ text });
    await waitFor(() => turn.shown[0]?.text.includes(text));
  }
  await turn.setting.restart();
  turn.show({ text: 'before too, and after' });
  await waitFor(() => turn.card.text.includes('after'));
  expect(turn.setting.feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
});

test('a stop of the channel leaves nothing running, also with a change under way', async () => {
  await using turn = await Turn.begin();
  turn.show({ text: 'one' });
  await waitFor(() => turn.shown[0]);
  turn.setting.feishu.fail({ path: content, times: 9, effect: { kind: 'slow', ms: 30_000 } });
  turn.show({ text: 'two' });
  await waitFor(() => turn.setting.feishu.calls.at(-1)?.route === content);
  const begun = performance.now();
  await turn.setting.channel.stop();
  expect(performance.now() - begun).toBeLessThan(1500);
  const { length } = turn.setting.feishu.calls;
  turn.show({ text: 'three' });
  await delay(200);
  expect(turn.setting.feishu.calls.length).toBe(length);
});
