import { expect, test } from 'vitest';
import type { MessagePart } from '../../../src/bot/feishu/render.ts';
import { fallbackParts, plainParts, renderCard, renderMessage } from '../../../src/bot/feishu/render.ts';
import { cardOf, cardsOf, numbers, travelBytes } from './rendered.ts';

/** What a message says that becomes texts. */
function textsOf(text: string): string[] {
  return renderMessage({ id: 'send', text }).parts.map((part) => String(JSON.parse(part.content).text));
}

const bytesOf = (part: MessagePart) => travelBytes(part.content);

const yesNo = [
  { id: 'yes', label: 'Yes', style: 'primary' },
  { id: 'no', label: 'No', style: 'danger' },
] as const;

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

test.each([
  ['plain text', 'plain text'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['dos\r\nlines', 'dos\nlines'],
  ['<at user_id="all">everyone</at>', '＜at user_id="all">everyone＜/at>'],
  ['<AT id=all></AT>', '＜AT id=all>＜/AT>'],
  ['</ at>', '＜/ at>'],
  ['< at user_id="ou_x">', '＜ at user_id="ou_x">'],
  ['if (a <attempts) return;', 'if (a <attempts) return;'],
  ['invoice\u202Efdp.exe', 'invoice[U+202E]fdp.exe'],
  ['\u2066isolated\u2069', '[U+2066]isolated[U+2069]'],
  ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
  ['bell\u0007 null\u0000 delete\u007f', 'bell␇ null␀ delete␡'],
  ['c1 \u009b31m', 'c1 [U+009B]31m'],
  ['half a pair \ud83d.', 'half a pair \ufffd.'],
  ['', '…'],
  ['\n\n', '…'],
])('%j is sent as %j', (text, sent) => {
  expect(textsOf(text)).toEqual([sent]);
});

test.each([
  [
    'the answer to a command',
    'Connected Nodes:\n→ home-pc [ACTIVE] sessions=2 online 3h\n  work-server sessions=0 online 47m',
  ],
  ['a name with underscores', 'my_file_name.ts'],
  ['an address', 'It runs at http://127.0.0.1:8000/a?b=c'],
  ['a calculation', '2 * 3 * 4 = 24, a * b'],
])('%s stays a text', (_what, text) => {
  expect(textsOf(text)).toEqual([text]);
});

test.each([
  ['code', 'Run `npm i`'],
  ['a block of code', '```\na\n```'],
  ['a list', 'a\n- b'],
  ['a numbered list', '1. a\n2. b'],
  ['a heading', '# a'],
  ['a link', '[a](https://b.c)'],
  ['a table', '| a |\n| --- |\n| b |'],
  ['emphasis', 'This is **bold**'],
  ['emphasis in another way', 'This is *it*'],
  ['a quote', '> a'],
])('a text with %s is a card', (_what, text) => {
  expect(cardOf(text)).toBe(text);
});

test('a plain text that is long is a card, which has the width of the screen', () => {
  expect(cardOf('word '.repeat(1000))).toBe('word '.repeat(1000).trim());
});

test('a card says in its summary what it says first', () => {
  const summaryOf = (text: string) => JSON.parse(renderMessage({ id: 'm', text }).parts[0]?.content ?? '').config;
  expect(summaryOf('## **Done**: `a < b` <at id=all>\n\n- b')).toEqual({
    update_multi: true,
    summary: { content: 'Done: a < b ＜at id=all>' },
  });
  expect(summaryOf(`- [a link](https://x.y) ${'🦊'.repeat(200)}`).summary.content).toMatch(/^a link (🦊){45,46}…$/u);
  expect(summaryOf('```\ncode\n```').summary.content).toBe('code');
});

test('long answers are several cards, cut between paragraphs, and the buttons are under the last', () => {
  const paragraph = `${'word '.repeat(400).trim()}.`;
  const text = Array.from({ length: 39 }, () => paragraph).join('\n\n');
  const { parts, file } = renderMessage({ id: 'm', text, actions: yesNo });
  expect(file).toBeUndefined();
  expect(parts.length).toBe(3);
  for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
  const buttons = parts.map(({ content }) => JSON.parse(content).body.elements.length - 1);
  expect(buttons).toEqual([0, 0, 2]);
  expect(cardsOf({ text, actions: yesNo }).join('\n\n')).toBe(text);
});

test('a heading goes with what it is the heading of', () => {
  const text = `# a\n\n${'word '.repeat(5200)}\n\n## b\n\n${'word '.repeat(3000)}`;
  expect(cardsOf(text).map((card) => card.slice(0, 4))).toEqual(['# a\n', '## b']);
});

test('a paragraph of 100 KB of emoji is cut between characters, below what Feishu takes', () => {
  const family = '👨‍👩‍👧‍👦';
  for (const shift of [0, 1, 2, 3]) {
    const text = `**x**\n\n${'a'.repeat(shift)}${family.repeat(4_000)}`;
    const { parts } = renderMessage({ id: 'm', text });
    expect(parts.length).toBe(4);
    for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
    expect(cardsOf(text).map((card) => card.replaceAll(family, ''))).toEqual([
      `**x**\n\n${'a'.repeat(shift)}`,
      '',
      '',
      '',
    ]);
  }
});

test.each([
  ['quotes and backslashes', '"\\'.repeat(9_000)],
  ['tags', '<b>'.repeat(9_000)],
  ['line ends', '# a\n'.repeat(9_000)],
  ['escapes', '`x` \u001b[31m'.repeat(4_000)],
  ['fences', `\`\`\`\n${'``````````\n'.repeat(4_000)}`],
  ['a fence as long as a card', `\`\`\`\n${'`'.repeat(40_000)}\n`],
  ['a row as long as a card', `| a | b |\n|---|---|\n| ${'c '.repeat(20_000)} | d |`],
  ['a header as long as a card', `| ${'a '.repeat(20_000)} | b |\n|---|---|\n| c | d |`],
  ['a deep list', lines(3_000, (index) => `${'  '.repeat(index % 40)}- a`)],
])('what grows on its way is cut by what travels: %s', (_what, text) => {
  for (const part of renderMessage({ id: 'm', text: `# a\n\n${text}`, actions: yesNo }).parts) {
    expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
  }
});

test('twenty buttons with the longest labels fit under a long text', () => {
  const actions = Array.from(
    { length: 20 },
    (_, index) => ({ id: `${index}`, label: '长'.repeat(200), style: 'default' }) as const,
  );
  const { parts } = renderMessage({ id: 'm', text: 'word '.repeat(8_000), actions });
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
  expect(JSON.parse(parts.at(-1)?.content ?? '').body.elements.length).toBe(21);
});

test('an answer of 200,000 characters is two cards and a file with all of it as it was written', () => {
  const table = '| a | b |\n|---|---|\n| 1 | <b> |';
  const code = `\`\`\`ts\n${'const a = "<at id=all>";\n'.repeat(190)}\`\`\``;
  const blocks = Array.from({ length: 40 }, (_, index) => (index < 12 ? `${table}\n\n${code}` : code));
  const text = `## What the tests say: \u001b[31mred\n\n${blocks.join('\n\n')}`;
  expect(text.length).toBeGreaterThan(180_000);
  const { parts, file } = renderMessage({ id: 'm', text, actions: yesNo, language: 'en' });
  expect(parts.length).toBe(2);
  for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
  expect(file).toEqual({ name: 'What-the-tests-say-31mred.md', text: text.replace('\u001b', '␛') });
  const [first = '', last = ''] = cardsOf({ text, actions: yesNo });
  expect(first.length).toBeGreaterThan(14_000);
  expect(last).toMatch(/```\n\n\(The whole answer is in the file\.\)$/);
  expect(cardsOf({ text, language: 'zh' }).at(-1)).toMatch(/（完整的回答在文件里。）$/);
});

test('an answer that is too long only as it is written for Feishu has its file too', () => {
  const text = 'word <b> '.repeat(12_000);
  const { parts, file } = renderMessage({ id: 'm', text });
  expect(parts.length).toBe(2);
  expect(parts.at(-1)?.content).toContain('(The whole answer is in the file.)');
  expect(file?.text).toBe(text);
});

test('a list that goes on in another card begins at its margin, where it would be code otherwise', () => {
  const text = `- a\n${'  - word word word word word\n'.repeat(1_200)}- b`;
  const [first = '', second = ''] = cardsOf(text);
  expect(first.startsWith('- a\n    - word')).toBe(true);
  expect(second.startsWith('- word word word word word\n- word')).toBe(true);
  expect(second.endsWith('\n- b')).toBe(true);
});

test('what stands on a button mentions nobody and turns nothing', () => {
  const [part] = renderMessage({
    id: 'm',
    text: 'a',
    actions: [{ id: 'x', label: '<at id=all>\u202e', style: 'danger' }],
  }).parts;
  expect(JSON.parse(part?.content ?? '').body.elements[1]).toEqual({
    tag: 'button',
    text: { tag: 'plain_text', content: '＜at id=all>[U+202E]' },
    type: 'danger',
    width: 'fill',
    behaviors: [{ type: 'callback', value: { m: 'm', a: 'x' } }],
  });
});

test.each([
  ['# a/b:c? "d" <e>|*', 'a-b-c-d-e.md'],
  ['../../etc/passwd\n', 'etc-passwd.md'],
  ['总结：测试 结果', '总结-测试-结果.md'],
  ['con', 'answer.md'],
  ['!!!', 'answer.md'],
  [`${'very '.repeat(20)}long`, 'very-very-very-very-very-very-very-very.md'],
  ['x'.repeat(100), `${'x'.repeat(40)}.md`],
])('the file of an answer that begins with %j is called %s', (start, name) => {
  expect(renderMessage({ id: 'm', text: `${start}\n\n${'- word\n'.repeat(40_000)}` }).file?.name).toBe(name);
});

test.each([
  '*',
  '`',
  '|',
  '[',
  '](',
  '![',
  '\n',
  '<',
  '<at ',
  '\\',
  '>',
  '> ',
  '> > ',
  '#',
  '- ',
  '  - a\n',
  '```\n',
  '|-|\n',
  '| a ',
  '"',
  '\u202e',
  ' ',
  '\u001b',
  '](a "',
  '[a](b(c',
  '<https://x',
  'a`b``c```',
  '🦊',
  'word ',
])('a megabyte of %j holds nobody up', (piece) => {
  const text = piece.repeat(Math.ceil((1024 * 1024) / piece.length));
  const before = performance.now();
  renderMessage({ id: 'm', text });
  // Some 20 ms; with a pattern that starts over at each place it is minutes.
  expect(performance.now() - before).toBeLessThan(500);
});

test('the same message has the same parts each time, each with another uuid, in each form', () => {
  const text = `# a\n\n${'word '.repeat(12_000)}`;
  for (const id of ['b2f6c1de-4f5e-4d5a-9f0e-1a2b3c4d5e6f', 'x'.repeat(50)]) {
    const message = { id, text, actions: yesNo };
    const parts = [...renderMessage(message).parts, ...fallbackParts(message), ...plainParts(message)];
    expect([...renderMessage(message).parts, ...fallbackParts(message), ...plainParts(message)]).toEqual(parts);
    const uuids = parts.map((part) => part.uuid);
    expect(new Set(uuids).size).toBe(uuids.length);
    expect(Math.max(...uuids.map((uuid) => uuid.length))).toBeLessThanOrEqual(50);
  }
  const first = (id: string) => renderMessage({ id, text: 'a' }).parts[0]?.uuid;
  expect(first('one')).not.toBe(first('two'));
});

test('in posts an answer has its Markdown, no tables and no tags, and its buttons as a list', () => {
  const text = `**a** <b> [c](d)\n\n| e | f |\n|---|---|\n| g | h |\n\n${'word '.repeat(8_000)}`;
  const parts = fallbackParts({
    id: 'm',
    text,
    actions: [{ id: 'x', label: 'Use *this*', style: 'default' }],
    language: 'en',
  });
  expect(parts.map(({ messageType, uuid }) => [messageType, uuid])).toEqual([
    ['post', 'm-1p'],
    ['post', 'm-2p'],
  ]);
  const [first, last] = parts.map(({ content }) => JSON.parse(content).zh_cn.content[0][0]);
  expect(first.tag).toBe('md');
  expect(first.text).toContain('**a** ＜b> c (d)\n\n```\ne  f\n-  -\ng  h\n```');
  expect(last.text).toMatch(/word\n\n1\. Use \\\*this\\\*\n\nAnswer by typing the number/);
  for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
});

test('posts of an answer that has a file are its beginning too', () => {
  const parts = fallbackParts({ id: 'm', text: '- word\n'.repeat(60_000), actions: yesNo, language: 'en' });
  expect(parts.length).toBe(2);
  for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(28_000);
  expect(parts.at(-1)?.content).toContain('(The whole answer is in the file.)');
});

test('in texts an answer is as it was written, all of it, without mentions', () => {
  const random = numbers(7);
  const text = Array.from({ length: 60_000 }, () => ['word ', '"\\', '\n\n', '🦊', '- '][random(5)]).join('');
  const parts = plainParts({ id: 'm', text: `<at id=all>${text}`, actions: yesNo, language: 'zh' });
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) expect(bytesOf(part)).toBeLessThan(150_000);
  const said = parts.map(({ content }) => JSON.parse(content).text).join('');
  expect(said.replace(/\s+/g, '')).toContain(`＜atid=all>${text.replace(/\s+/g, '')}1.Yes2.No请输入`);
});

test('an answer as one card has its buttons, also where it would be a text; there is none where it needs two', () => {
  expect(renderCard({ id: 'm', text: 'Done', actions: yesNo })?.body.elements.map(({ tag }) => tag)).toEqual([
    'markdown',
    'button',
    'button',
  ]);
  expect(renderCard({ id: 'm', text: 'Done' })?.body.elements).toEqual([{ tag: 'markdown', content: 'Done' }]);
  expect(renderCard({ id: 'm', text: 'word '.repeat(8_000) })).toBeUndefined();
});
