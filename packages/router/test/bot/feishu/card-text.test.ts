import { expect, test } from 'vitest';
import { readCard } from '../../../src/bot/feishu/card-text.ts';

const card = {
  schema: '2.0',
  config: { summary: { content: 'what notifications show' } },
  header: { title: { tag: 'plain_text', content: 'Report' } },
  body: {
    elements: [
      { tag: 'markdown', content: '**12** tests pass' },
      { tag: 'hr' },
      { tag: 'column_set', columns: [{ tag: 'column', elements: [{ tag: 'markdown', content: 'left' }] }] },
      { tag: 'div', text: { tag: 'lark_md', content: 'a word' } },
      { tag: 'button', text: { tag: 'plain_text', content: 'Allow' } },
    ],
  },
};
const words = 'Report\n**12** tests pass\n\nleft\na word';

test.each<[string, unknown, string | null]>([
  ['as it was sent', card, words],
  ['wrapped', { json_card: JSON.stringify(card) }, words],
  [
    'as a kind of post',
    {
      title: 'Report',
      elements: [
        [
          { tag: 'text', text: 'see ' },
          { tag: 'a', text: 'this', href: 'https://x.y' },
        ],
        [{ tag: 'button', text: 'Allow' }],
        [{ tag: 'text', text: 'bye' }],
      ],
    },
    'Report\nsee this\n\nbye',
  ],
  ['of the first schema', { elements: [{ tag: 'div', text: { tag: 'plain_text', content: 'old' } }] }, 'old'],
  [
    'that asks to upgrade',
    { title: null, elements: [[{ tag: 'text', text: '请升级至最新版本客户端，以查看内容' }]] },
    null,
  ],
  ['with nothing to read', { body: { elements: [{ tag: 'img', img_key: 'k' }] } }, null],
  ['that is none', 'odd', null],
  ['that is broken', { json_card: '{' }, null],
])('a card %s is read', (_what, content, text) => {
  expect(readCard(content)).toBe(text);
});
