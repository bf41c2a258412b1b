import { waitFor } from '@phonework/testkit/wait';
import { afterEach, expect, test, vi } from 'vitest';
import { button, cardOf, markdown, PlainBot } from './plain-bot.ts';

afterEach(() => vi.useRealTimers());

const streaming = { streaming_mode: true };
const answerCard = cardOf([markdown('…', 'text'), button('stop')], streaming);

/** A card that was made and sent, and the calls that change it. */
async function showCard(bot: PlainBot, card: object = answerCard) {
  const created = await bot.call('POST', '/cardkit/v1/cards', { type: 'card_json', data: JSON.stringify(card) });
  const id = String(created.data.card_id);
  const sent = await bot.send('oc_1', 'interactive', { type: 'card', data: { card_id: id } });
  const message = bot.feishu.sent.at(-1);
  if (message === undefined) throw new Error(`not sent: ${JSON.stringify(sent.body)}`);
  const url = `/cardkit/v1/cards/${id}`;
  return {
    id,
    message,
    stream: async (content: string, sequence: number, uuid?: string, elementId = 'text') =>
      (await bot.call('PUT', `${url}/elements/${elementId}/content`, { content, sequence, uuid })).body.code,
    configure: async (config: object, sequence: number) =>
      (await bot.call('PATCH', `${url}/settings`, { settings: JSON.stringify({ config }), sequence })).body.code,
    replace: async (next: object, sequence: number) => {
      const body = { card: { type: 'card_json', data: JSON.stringify(next) }, sequence };
      return (await bot.call('PUT', url, body)).body.code;
    },
  };
}

test('a message shows the card it names, and follows what becomes of it', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  expect(card.message).toMatchObject({ messageType: 'interactive', text: '…\nstop', cardId: card.id, updates: 0 });
  expect(await card.stream('Hello', 1)).toBe(0);
  expect(card.message).toMatchObject({ text: 'Hello\nstop', updates: 1 });
  expect(await card.replace(cardOf([markdown('Done', 'text')]), 2)).toBe(0);
  expect(card.message).toMatchObject({ text: 'Done', updates: 2 });
  expect(JSON.parse(card.message.content)).toEqual(cardOf([markdown('Done', 'text')]));
  expect(bot.feishu.cards).toMatchObject([
    { id: card.id, sequence: 2, isStreaming: false, messageId: card.message.id },
  ]);
});

test('a card is sent once; the same uuid gives the first message, and an unknown card is refused', async () => {
  await using bot = await PlainBot.start();
  const data = JSON.stringify(answerCard);
  const { data: created } = await bot.call('POST', '/cardkit/v1/cards', { type: 'card_json', data });
  const named = { type: 'card', data: { card_id: created.card_id } };
  const first = await bot.send('oc_1', 'interactive', named, 'uuid-1');
  expect(await bot.send('oc_1', 'interactive', named, 'uuid-1')).toMatchObject({ data: first.data });
  for (const content of [named, { type: 'card', data: { card_id: '7' } }]) {
    const refused = await bot.send('oc_1', 'interactive', content, 'uuid-2');
    expect(refused).toMatchObject({ status: 400, body: { code: 230099 } });
    expect(refused.body.msg).toContain('ErrCode: 11310; ErrMsg: cardid is invalid');
  }
  expect(bot.feishu.sent.length).toBe(1);
});

test('each operation has a higher sequence than all before, whatever it does', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  expect(await card.stream('zero', 0)).toBe(300317);
  expect(await card.stream('five', 5)).toBe(0);
  expect(await card.stream('five again', 5)).toBe(300317);
  expect(await card.configure({ summary: { content: 's' } }, 4)).toBe(300317);
  expect(await card.replace(answerCard, 5)).toBe(300317);
  expect(await card.stream('too far', 2 ** 31)).toBe(300317);
  expect(await card.stream('far', 2 ** 31 - 1)).toBe(0);
  expect(card.message).toMatchObject({ text: 'far\nstop', updates: 2 });
});

test('an operation that was refused has not used its sequence up, and one that was done is not done twice', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  expect(await card.stream('x', 1, 'uuid-1', 'missing')).toBe(300313);
  expect(await card.stream('x', 1, 'uuid-1')).toBe(0);
  expect(await card.stream('y', 2, 'uuid-1')).toBe(200770);
  expect(card.message.text).toBe('x\nstop');
});

test('streamed text goes to a text that is there, and has 1 to 100,000 characters', async () => {
  await using bot = await PlainBot.start();
  const elements = [markdown('…', 'text'), { ...button('stop'), element_id: 'stop' }];
  const card = await showCard(bot, cardOf(elements, streaming));
  expect(await card.stream('x', 1, undefined, 'missing')).toBe(300313);
  expect(await card.stream('x', 1, undefined, 'stop')).toBe(300310);
  expect(await card.stream('', 1)).toBe(300307);
  expect(await card.stream('x'.repeat(100_001), 1)).toBe(300307);
});

test('text is streamed only in streaming mode, which the settings open and close', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  expect(await card.configure({ streaming_mode: false, summary: { content: 'done' } }, 1)).toBe(0);
  expect(await card.stream('late', 2)).toBe(300309);
  expect(JSON.parse(card.message.content).config).toEqual({
    update_multi: true,
    streaming_mode: false,
    summary: { content: 'done' },
  });
  expect(await card.configure(streaming, 2)).toBe(0);
  expect(await card.stream('again', 3)).toBe(0);
});

test('streaming ends by itself after ten minutes: said once, then closed, until it is opened again', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 599_000 });
  expect(await card.stream('in time', 1)).toBe(0);
  vi.setSystemTime(Date.now() + 2_000);
  expect(await card.stream('late', 2)).toBe(200850);
  expect(await card.stream('late', 2)).toBe(300309);
  expect(card.message.text).toBe('in time\nstop');
  expect(await card.replace(cardOf([markdown('whole', 'text')]), 2)).toBe(0);
  expect(await card.configure(streaming, 3)).toBe(0);
  expect(await card.stream('again', 4)).toBe(0);
});

test('streaming that is opened once more in time has ten minutes again', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 599_000 });
  expect(await card.configure(streaming, 1)).toBe(0);
  vi.setSystemTime(Date.now() + 599_000);
  expect(await card.stream('in time', 2)).toBe(0);
});

test('the limit of streaming can be made shorter', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  bot.feishu.streamingLimitMs = 0;
  expect(await card.stream('x', 1)).toBe(200850);
  expect(bot.feishu.cards[0]?.isStreaming).toBe(false);
});

test('a card can not be changed after fourteen days', async () => {
  await using bot = await PlainBot.start({ tokenLifetimeMs: 30 * 24 * 3_600_000 });
  const card = await showCard(bot);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * 24 * 3_600_000 });
  expect(await card.replace(answerCard, 1)).toBe(200750);
});

test.each([
  ['schema 1.0', { elements: [] }, 200830],
  ['an unknown tag', cardOf([{ tag: 'note', elements: [] }]), 200861],
  ['update_multi off', cardOf([], { update_multi: false }), 300302],
  ['two elements of one id', cardOf([markdown('a', 'x'), markdown('b', 'x')]), 300301],
  ['too many elements', cardOf(Array.from({ length: 201 }, () => markdown('x'))), 300305],
  ['too many tables', cardOf([markdown('|a|\n|-|\n\n'.repeat(4))]), 11310],
  ['more than 30 KB', cardOf([markdown('x'.repeat(31_000))]), 200860],
])('CardKit refuses a card with %s, new or in the place of another', async (_what, card, code) => {
  await using bot = await PlainBot.start();
  const data = JSON.stringify(card);
  expect((await bot.call('POST', '/cardkit/v1/cards', { type: 'card_json', data })).body.code).toBe(code);
  const shown = await showCard(bot);
  expect(await shown.replace(card, 1)).toBe(code);
  expect(shown.message.updates).toBe(0);
});

test('streamed text may bring no more tables than the card can have', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  expect(await card.stream('|a|\n|-|\n\n'.repeat(4), 1)).toBe(11310);
});

test('a message that shows such a card is patched only where that is allowed', async () => {
  await using bot = await PlainBot.start();
  const card = await showCard(bot);
  const patch = () =>
    bot.call('PATCH', `/im/v1/messages/${card.message.id}`, { content: JSON.stringify(cardOf([markdown('patched')])) });
  expect((await patch()).body.code).toBe(230099);
  expect(card.message.text).toBe('…\nstop');
  bot.feishu.canPatchCardEntities = true;
  expect((await patch()).body.code).toBe(0);
  expect(card.message.text).toBe('patched');
  expect(await card.stream('x', 1)).toBe(300309);
});

test('a press on a streaming card is answered, but can not change it; afterwards it can', async () => {
  await using bot = await PlainBot.start();
  const answer = { toast: { type: 'info', content: 'ok' }, card: { type: 'raw', data: cardOf([markdown('stopped')]) } };
  await bot.listen(() => answer);
  const card = await showCard(bot);
  expect(await bot.feishu.press('ou_a', card.message, 'stop')).toEqual(answer);
  expect(card.message.text).toBe('…\nstop');
  await card.configure({ streaming_mode: false }, 1);
  await bot.feishu.press('ou_a', card.message, 'stop');
  expect(card.message.text).toBe('stopped');
  expect(bot.feishu.cards[0]?.content).toBe(card.message.content);
});

test('a card can not be changed while a press of it waits for its answer', async () => {
  await using bot = await PlainBot.start();
  await bot.listen(() => undefined);
  const card = await showCard(bot);
  const press = bot.feishu.press('ou_a', card.message, 'stop');
  const rejected = expect(press).rejects.toThrow('the answer to a press');
  await waitFor(() => bot.feishu.deliveries.length === 1);
  expect(await card.stream('x', 1)).toBe(200810);
  await rejected;
  expect(await card.stream('x', 1)).toBe(0);
});

test('a press that nobody answers within three seconds is rejected', async () => {
  await using bot = await PlainBot.start();
  await bot.listen(() => undefined);
  const { message } = await showCard(bot);
  const before = performance.now();
  await expect(bot.feishu.press('ou_a', message, 'stop')).rejects.toThrow('within 3000 ms');
  expect(performance.now() - before).toBeGreaterThan(2_900);
  await expect(bot.feishu.press('ou_a', message, 'missing')).rejects.toThrow('no button missing');
});
