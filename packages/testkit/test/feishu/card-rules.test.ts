import { expect, test } from 'vitest';
import { cardOf, markdown, PlainBot } from './plain-bot.ts';

const table = '| a | b |\n|---|:-:|\n| 1 | 2 |\n\n';
const ofTags = (count: number) =>
  cardOf([{ tag: 'div', text: { tag: 'plain_text', content: 'x' } }, ...parts(count - 2)]);
const parts = (count: number) => Array.from({ length: count }, () => markdown('x'));
const ofBytes = (bytes: number) => {
  const empty = Buffer.byteLength(JSON.stringify(cardOf([markdown('')])));
  return cardOf([markdown('x'.repeat(bytes - empty))]);
};

const refused: readonly (readonly [string, object, number, string])[] = [
  ['30 KB and a byte', ofBytes(30 * 1024 + 1), 230025, ''],
  ['201 tags', ofTags(201), 230099, 'ErrCode: 11310; ErrMsg: element exceeds the limit'],
  ['four tables in one text', cardOf([markdown(table.repeat(4))]), 230099, 'ErrCode: 11310; ErrMsg: card table number'],
  [
    'tables of both kinds',
    cardOf([markdown(table.repeat(2)), markdown(table), { tag: 'table', columns: [], rows: [] }]),
    230099,
    'card table number over limit',
  ],
  ['a container of schema 1.0', cardOf([{ tag: 'action', actions: [] }]), 230099, 'ErrCode: 200861'],
  ['no body', { schema: '2.0', elements: [] }, 230099, 'ErrCode: 200621'],
  ['an image from elsewhere', cardOf([markdown('![a](https://x.org/a.png)')]), 230099, 'ErrCode: 200570'],
  ['an unknown image', cardOf([{ tag: 'img', img_key: 'img_v3_x' }]), 230099, 'image key img_v3_x'],
  ['an element id twice', cardOf([markdown('a', 'x'), markdown('b', 'x')]), 230099, 'ErrCode: 300301'],
  ['an element id of 21 letters', cardOf([markdown('a', 'x'.repeat(21))]), 230099, 'invalid element_id'],
  ['an element id that begins with a digit', cardOf([markdown('a', '1a')]), 230099, 'invalid element_id'],
  ['an element id with a dash', cardOf([markdown('a', 'a-b')]), 230099, 'invalid element_id'],
];

test.each(refused)('a card with %s is not sent, nor does it replace another', async (_what, card, code, reason) => {
  await using bot = await PlainBot.start();
  const sent = await bot.send('oc_1', 'interactive', card);
  expect(sent).toMatchObject({ status: 400, body: { code } });
  expect(sent.body.msg).toContain(reason);
  const { data } = await bot.send('oc_1', 'interactive', cardOf([markdown('first')]));
  const patched = await bot.call('PATCH', `/im/v1/messages/${data.message_id}`, { content: JSON.stringify(card) });
  expect(patched).toMatchObject({ status: 400, body: { code } });
  expect(bot.feishu.sent).toMatchObject([{ text: 'first', updates: 0 }]);
});

test.each([
  ['30 KB', ofBytes(30 * 1024)],
  ['200 tags', ofTags(200)],
  ['three tables', cardOf([markdown(table.repeat(3))])],
  ['tables inside of fences', cardOf([markdown(`${table.repeat(3)}\`\`\`\n${table.repeat(5)}\`\`\`\n`)])],
  ['what looks like a table but has no line of dashes', cardOf([markdown('| a | b |\n| c | d |\n\n'.repeat(9))])],
  ['an image that stands in code', cardOf([markdown('`![a](b)`\n~~~\n![a](b)\n~~~')])],
  ['a tag in a value of the app', cardOf([{ tag: 'button', behaviors: [{ value: { tag: 'mine' } }] }])],
  [
    'schema 1.0 and its containers',
    {
      elements: [
        { tag: 'action', actions: [] },
        { tag: 'note', elements: [] },
      ],
    },
  ],
])('a card with %s is sent', async (_what, card) => {
  await using bot = await PlainBot.start();
  expect((await bot.send('oc_1', 'interactive', card)).body).toMatchObject({ code: 0 });
});

test('a card may show an image that the bot uploaded, but not one of a user', async () => {
  await using bot = await PlainBot.start();
  const form = new FormData();
  form.set('image_type', 'message');
  form.set('image', new Blob(['png']), 'a.png');
  const { data } = await bot.call('POST', '/im/v1/images', form);
  expect((await bot.send('oc_1', 'interactive', cardOf([markdown(`![a](${data.image_key})`)]))).status).toBe(200);
  bot.feishu.sendFile({ openId: 'ou_a', kind: 'image', name: 'b.png', bytes: Buffer.from('png') });
  const key = bot.feishu.uploads.at(-1)?.key;
  expect((await bot.send('oc_1', 'interactive', cardOf([markdown(`![b](${key})`)]))).body.code).toBe(230099);
});

test('only a card that says it is shared, before and after, can be patched', async () => {
  await using bot = await PlainBot.start();
  const shared = JSON.stringify(cardOf([markdown('shared')]));
  const own = JSON.stringify({ schema: '2.0', body: { elements: [] } });
  for (const [before, after, code] of [
    [own, shared, 230099],
    [shared, own, 230099],
    [shared, shared, 0],
  ] as const) {
    const { data } = await bot.send('oc_1', 'interactive', before);
    const patched = await bot.call('PATCH', `/im/v1/messages/${data.message_id}`, { content: after });
    expect(patched.body.code).toBe(code);
  }
});

test('a text may have 150 KB, a post 30 KB', async () => {
  await using bot = await PlainBot.start();
  const filled = (make: (text: string) => object, bytes: number) =>
    make('x'.repeat(bytes - Buffer.byteLength(JSON.stringify(make('')))));
  const text = (bytes: number) => filled((content) => ({ text: content }), bytes);
  const post = (bytes: number) =>
    filled((content) => ({ zh_cn: { content: [[{ tag: 'md', text: content }]] } }), bytes);
  expect((await bot.send('oc_1', 'text', text(150 * 1024))).body.code).toBe(0);
  expect((await bot.send('oc_1', 'text', text(150 * 1024 + 1))).body.code).toBe(230025);
  expect((await bot.send('oc_1', 'post', post(30 * 1024))).body.code).toBe(0);
  expect((await bot.send('oc_1', 'post', post(30 * 1024 + 1))).body.code).toBe(230025);
});

test('a card full of marks is judged at once', async () => {
  await using bot = await PlainBot.start();
  const before = performance.now();
  for (const mark of ['![', '`', '|', ' ', '> ', '*', '[', '~~~', '``']) {
    const count = Math.floor(29_000 / mark.length);
    expect((await bot.send('oc_1', 'interactive', cardOf([markdown(mark.repeat(count))]))).status).toBe(200);
  }
  expect(performance.now() - before).toBeLessThan(3_000);
});
