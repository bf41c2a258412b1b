import { expect, test } from 'vitest';
import { button, cardOf, markdown, PlainBot } from './plain-bot.ts';

type Item = Record<string, unknown> & { readonly message_id: string; readonly body: { readonly content: string } };

async function itemsOf(bot: PlainBot, path: string): Promise<readonly Item[]> {
  const { data, body } = await bot.call('GET', path);
  if (body.code !== 0) throw new Error(`refused: ${body.code}`);
  // The shape is the server's, and wrong fields fail the comparisons.
  return data.items as readonly Item[];
}

const list = '/im/v1/messages?container_id_type=chat&container_id=oc_1';
const card = cardOf([markdown('**Hi** [docs](https://x.org/a)\n| a |\n|-|'), { tag: 'hr' }, button('go')]);

test('a message is read back with its sender, its time and what it answers', async () => {
  await using bot = await PlainBot.start();
  const asked = bot.feishu.say({ openId: 'ou_a', text: 'hi', sentAt: 1_790_000_000_123 });
  const body = { msg_type: 'text', content: '{"text":"hello"}', uuid: 'u-1' };
  const { data } = await bot.call('POST', `/im/v1/messages/${asked}/reply`, body);
  expect(await itemsOf(bot, `/im/v1/messages/${asked}`)).toMatchObject([
    {
      message_id: asked,
      msg_type: 'text',
      create_time: '1790000000123',
      deleted: false,
      sender: { id: 'ou_a', id_type: 'open_id', sender_type: 'user' },
      body: { content: '{"text":"hi"}' },
    },
  ]);
  const [answer] = await itemsOf(bot, `/im/v1/messages/${data.message_id}`);
  expect(answer).toMatchObject({ parent_id: asked, sender: { id: bot.feishu.appId, sender_type: 'app' } });
  expect(answer).not.toHaveProperty('uuid');
});

test('a message that was taken back says so and not what it was; one that is gone is not found', async () => {
  await using bot = await PlainBot.start();
  const recalled = bot.feishu.say({ openId: 'ou_a', text: 'a secret' });
  const deleted = bot.feishu.say({ openId: 'ou_a', text: 'a secret' });
  bot.feishu.remove(recalled, 'recalled');
  bot.feishu.remove(deleted, 'deleted');
  const [item] = await itemsOf(bot, `/im/v1/messages/${recalled}`);
  expect(item).toMatchObject({ deleted: true, body: { content: 'This message was recalled' } });
  expect((await bot.call('GET', `/im/v1/messages/${deleted}`)).body.code).toBe(230110);
  expect((await bot.call('GET', '/im/v1/messages/om_x')).body.code).toBe(231003);
});

test('a card is read back as its text, as its JSON to who asks, and as nothing where the platform is like that', async () => {
  await using bot = await PlainBot.start();
  const { data } = await bot.send('oc_1', 'interactive', card);
  const path = `/im/v1/messages/${data.message_id}`;
  const read = async (query = '') => {
    const [item] = await itemsOf(bot, `${path}${query}`);
    return JSON.parse(item?.body.content ?? '');
  };
  expect(await read()).toEqual({
    title: '',
    elements: [
      [
        { tag: 'text', text: '**Hi** ' },
        { tag: 'a', text: 'docs', href: 'https://x.org/a' },
      ],
      [{ tag: 'text', text: '| a |' }],
      [{ tag: 'text', text: '|-|' }],
      [{ tag: 'hr' }],
      [{ tag: 'button', text: 'go', type: 'default' }],
    ],
  });
  expect(await read('?card_msg_content_type=user_card_content')).toEqual(card);
  expect(JSON.parse((await read('?card_msg_content_type=raw_card_content')).json_card)).toEqual(card);
  bot.feishu.cardsReadAs = 'placeholder';
  expect(JSON.stringify(await read())).toContain('请升级至最新版本客户端');
  expect(await read('?card_msg_content_type=user_card_content')).toEqual(card);
  expect((await bot.call('GET', `${path}?card_msg_content_type=x`)).body.code).toBe(99992402);
});

test('the history of a chat has what both sides said between two seconds, in either order', async () => {
  await using bot = await PlainBot.start();
  const at = (sentAt: number) => bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: 'x', sentAt });
  const [late, early, middle] = [at(5_000_900), at(1_000_000), at(3_000_000)];
  bot.feishu.say({ openId: 'ou_a', chatId: 'oc_2', text: 'elsewhere' });
  const { data } = await bot.send('oc_1', 'interactive', card);
  const ids = async (query: string) => (await itemsOf(bot, `${list}${query}`)).map(({ message_id }) => message_id);
  expect(await ids('')).toEqual([early, middle, late, data.message_id]);
  expect(await ids('&start_time=3000&end_time=5000')).toEqual([middle, late]);
  expect(await ids('&end_time=5000&sort_type=ByCreateTimeDesc')).toEqual([late, middle, early]);
  expect((await itemsOf(bot, list)).at(-1)?.body.content).toContain('"tag":"button"');
});

test('the history comes in pages of at most 50', async () => {
  await using bot = await PlainBot.start();
  for (let count = 0; count < 120; count += 1) {
    bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: String(count), sentAt: 1_000_000 + count });
  }
  const seen: unknown[] = [];
  let token: unknown = '';
  let pages = 0;
  do {
    const { data } = await bot.call('GET', `${list}&page_size=50&page_token=${token}`);
    seen.push(...Object(data.items));
    token = data.page_token;
    pages += 1;
    expect(data.has_more).toBe(token !== '');
  } while (token !== '');
  expect(pages).toBe(3);
  expect(new Set(seen.map((item) => Object(item).message_id)).size).toBe(120);
  expect((await bot.call('GET', `${list}&page_size=51`)).status).toBe(400);
});

test('the history has whom a message mentions, and the name of a file that the bot sent by its key', async () => {
  await using bot = await PlainBot.start();
  bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: 'run it', mentionsBot: true });
  bot.feishu.say({ openId: 'ou_a', chatId: 'oc_1', text: 'lunch?' });
  bot.feishu.attach('om_x', { key: 'file_1', kind: 'file', name: 'a.txt', bytes: Buffer.from('x') });
  await bot.send('oc_1', 'file', { file_key: 'file_1' });
  const [mentioned, other, file] = await itemsOf(bot, list);
  expect(mentioned).toMatchObject({ mentions: [{ key: '@_user_1', id: 'ou_bot', id_type: 'open_id' }] });
  expect(other).not.toHaveProperty('mentions');
  expect(JSON.parse(file?.body.content ?? '')).toEqual({ file_key: 'file_1', file_name: 'a.txt' });
});

test('a uuid makes a repeat harmless as long as it is known', async () => {
  await using bot = await PlainBot.start();
  const send = () => bot.send('oc_1', 'text', { text: 'hi' }, 'u1');
  expect((await send()).data.message_id).toBe((await send()).data.message_id);
  bot.feishu.uuidWindowMs = 0;
  await send();
  expect(bot.feishu.sent).toHaveLength(2);
});

test('the history needs a permission, a chat, and times in seconds', async () => {
  await using bot = await PlainBot.start();
  expect((await bot.call('GET', '/im/v1/messages?container_id_type=thread')).body.code).toBe(230001);
  expect((await bot.call('GET', `${list}&start_time=1790000000000`)).body.code).toBe(230001);
  bot.feishu.canReadHistory = false;
  expect((await bot.call('GET', list)).body.code).toBe(230027);
});
