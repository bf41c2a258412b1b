import { expect, test } from 'vitest';
import { button, cardOf, markdown, PlainBot } from './plain-bot.ts';

const options = { userOpenId: 'ou_a' };

/** The chat of `ou_a` after a card with this Markdown. */
async function pageWith(text: string): Promise<string> {
  await using bot = await PlainBot.start();
  const sent = await bot.send(bot.feishu.chatOf('ou_a'), 'interactive', cardOf([markdown(text)]));
  expect(sent.status).toBe(200);
  return bot.feishu.phonePage(bot.feishu.chatOf('ou_a'), options);
}

test('the phone shows who said what, with reactions, files and what was taken back', async () => {
  await using bot = await PlainBot.start();
  const { feishu } = bot;
  const asked = feishu.say({ openId: 'ou_a', text: 'run the tests\nnow' });
  feishu.react('ou_a', asked, 'Typing');
  await bot.call('POST', `/im/v1/messages/${asked}/reply`, { msg_type: 'text', content: '{"text":"all green"}' });
  feishu.sendFile({ openId: 'ou_a', kind: 'file', name: 'report.pdf', bytes: Buffer.from('x') });
  feishu.sendFile({ openId: 'ou_a', kind: 'image', name: 'a.png', bytes: Buffer.from('x') });
  feishu.remove(feishu.say({ openId: 'ou_a', text: 'a secret' }), 'recalled');
  feishu.say({ openId: 'ou_b', chatId: 'oc_other', text: 'elsewhere' });
  const html = feishu.phonePage(feishu.chatOf('ou_a'), options);
  expect(html).toMatch(/class="message mine">.*run the tests<br>now.*class="reactions"><span>Typing/);
  expect(html).toMatch(/class="message">.*PhoneWork.*class="quoted">run the tests<.*all green/);
  expect(html).toMatch(/class="chip">.*report\.pdf/);
  expect(html).toContain('took a message back');
  expect(html).not.toContain('a secret');
  expect(html).not.toContain('elsewhere');
});

test.each([
  ['bold and italics', '**b** and *i*', '<b>b</b> and <i>i</i>'],
  ['a heading', '## Title', '<h2>Title</h2>'],
  ['a link', '[docs](https://x.org)', '<a href="https://x.org">docs</a>'],
  ['inline code', 'run `a < b`', '<code>a &lt; b</code>'],
  ['a code block', '```ts\nlet a = "<b>";\n```', '<pre>let a = &quot;&lt;b&gt;&quot;;</pre>'],
  ['a list', '- one\n  - two', '<span>two</span>'],
  ['a table', '| a | b |\n|--|--|\n| 1 | **2** |', '<tr><td>1</td><td><b>2</b></td></tr>'],
  ['a line', 'a\n\n---\nb', '<p>a</p><hr><p>b</p>'],
  ['a quote', '> said', '<blockquote>said</blockquote>'],
  ['an entity', '&#60;at&#62;', '&#60;at&#62;'],
  ['a mark that is none', '\\*a\\*', '&#42;a&#42;'],
])('the phone draws %s of a card', async (_what, text, expected) => {
  expect(await pageWith(text)).toContain(expected);
});

test('the phone draws buttons, columns and panels', async () => {
  await using bot = await PlainBot.start();
  const panel = {
    tag: 'collapsible_panel',
    expanded: true,
    header: { title: { tag: 'plain_text', content: 'More' } },
    elements: [markdown('inside')],
  };
  const columns = { tag: 'column_set', columns: [{ tag: 'column', elements: [markdown('left')] }] };
  const danger = { ...button('Deny'), type: 'danger', width: 'fill' };
  await bot.send('oc_1', 'interactive', cardOf([{ ...button('Allow'), type: 'primary' }, danger, panel, columns]));
  const html = bot.feishu.phonePage('oc_1', options);
  expect(html).toContain('<span class="button primary">Allow</span>');
  expect(html).toContain('<span class="button danger fill">Deny</span>');
  expect(html).toMatch(/<details open><summary>More<\/summary>.*inside.*<\/details>/);
  expect(html).toMatch(/class="columns"><div class="column">.*left/);
});

test('nothing that anyone wrote is more than text, and nothing comes from elsewhere', async () => {
  await using bot = await PlainBot.start();
  const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>" onclick="x';
  const chatId = bot.feishu.chatOf('ou_a');
  bot.feishu.say({ openId: 'ou_a', text: evil });
  bot.feishu.sendFile({ openId: 'ou_a', kind: 'file', name: evil, bytes: Buffer.from('x') });
  const link = '[a](javascript:alert(1)) [b](https://x.org/"onclick="x) [c](&#106;avascript:alert(1))';
  await bot.send(chatId, 'interactive', cardOf([markdown(`${evil}\n${link}\n\`\`\`${evil}\n${evil}\n\`\`\``)]));
  await bot.send(chatId, 'post', { zh_cn: { title: evil, content: [[{ tag: 'text', text: evil }]] } });
  const html = bot.feishu.phonePage(chatId, options);
  expect(html).not.toContain('<script');
  expect(html).not.toContain('<img');
  expect(html).not.toMatch(/<[^>]*onclick="/);
  expect(html).not.toContain('href="javascript');
  expect(html).not.toContain('href="&#106;');
  expect(html).not.toMatch(/(?:src|@import|url)\s*[=(]\s*["']?http/);
});
