import { toPlainLine, toPlainText } from '@phonework/shared/terminal-text';
import { findTyped, findYesOrNo } from '@phonework/shared/typed-answer';
import * as fc from 'fast-check';
import { readCard } from '../../../../packages/router/src/bot/feishu/card-text.ts';
import { toFileName } from '../../../../packages/router/src/bot/feishu/file-name.ts';
import { readOggOpus } from '../../../../packages/router/src/bot/feishu/ogg-opus.ts';
import { readPost } from '../../../../packages/router/src/bot/feishu/post.ts';
import { fallbackParts, plainParts, renderMessage } from '../../../../packages/router/src/bot/feishu/render.ts';
import { decideByRules } from '../../../../packages/router/src/routing/rules.ts';
import { expectThat } from '../../door.ts';
import { jsonOf, mutated, textOf } from '../../strange.ts';
import type { Reader } from './reader.ts';

const markdown = textOf(
  [
    ...[
      '# ',
      '## ',
      '- ',
      '1. ',
      '> ',
      '    ',
      '\t',
      '\n',
      '\n\n',
      '```',
      '```ts\n',
      '~~~',
      '`',
      '``',
      '**',
      '*',
      '_',
      '~~',
    ],
    ...[
      '|',
      '| a | b |\n',
      '|---|:-:|\n',
      '[',
      '](',
      ')',
      '![a](img_v3_x)',
      '<at id=all></at>',
      '<b',
      '&lt;',
      '\\',
      '---',
      ': ',
    ],
    ...[
      'word',
      ' ',
      'https://x.y/z',
      '中文',
      '🦊',
      '\u202e',
      '\u001b[31m',
      '\r\n',
      '@all',
      '<!--',
      '(',
      '"',
      '1) ',
      '+ ',
      '[x] ',
    ],
  ],
  30,
);

const actions = [{ id: 'a', label: 'Yes <at id=all>', style: 'primary' }] as const;

const nodes = ['home-pc', 'work.server', '桌面机'].map((nodeId, index) => ({
  nodeId,
  displayName: ['Home PC', '服务器', '[a](b)'][index] ?? nodeId,
  online: index < 2,
  active: index === 1,
  sessions: ['todo_app', '登录修复'],
  capabilities: ['shell'],
}));

/** What reads and writes what people see. */
export const chatReaders: readonly Reader[] = [
  { name: 'cards of a message', inputs: markdown, read: rendersCards, isApart: true },
  { name: 'posts of a message', inputs: markdown, read: rendersParts(fallbackParts), isApart: true },
  { name: 'texts of a message', inputs: markdown, read: rendersParts(plainParts), isApart: true },
  {
    name: 'routing rules',
    inputs: textOf([
      ...[
        '@',
        '＠',
        'on ',
        '在',
        '上',
        ',',
        '，',
        ':',
        ' ',
        'all',
        '所有',
        '/new',
        '/status',
        'fix it',
        '桌面',
        'Home PC',
      ],
      ...nodes.flatMap(({ nodeId, sessions }) => [nodeId, ...sessions]),
    ]),
    read: (text) => {
      const decision = decideByRules({ text, nodes, quotedNodeId: 'home-pc' });
      const isKnown = decision.kind !== 'node' || nodes.some(({ nodeId }) => nodeId === decision.nodeId);
      return () => expectThat(isKnown, 'a node that is none');
    },
  },
  {
    name: 'plain text of a terminal',
    inputs: textOf([
      ...[
        '\u001b[31m',
        '\u001b]0;title\u0007',
        '\r\n',
        '\r',
        '\b',
        '\u0007',
        'word',
        '\u001b',
        '[',
        '\u009b',
        '\n',
        '\t',
        '🦊',
      ],
    ]),
    read: (text) => {
      const [plain, line] = [toPlainText(text), toPlainLine(text)];
      return () => {
        expectThat(!/[^\P{Cc}\n\t]/u.test(plain), 'a control character is left');
        expectThat(!/\p{Cc}/u.test(line), 'the line is none');
      };
    },
  },
  {
    name: 'a typed answer',
    inputs: textOf(['1', '２', 'y', 'YES', '允许', '不', ' ', '.', '-', '?', '"', 'Allow once'], 4),
    read: (text) => {
      findTyped(actions, text);
      findYesOrNo(actions, text);
      return undefined;
    },
  },
  {
    name: 'the name of a file',
    inputs: markdown,
    read: (text) => {
      const name = toFileName(text);
      return () => expectThat(!/[/\\\0]/.test(name), 'a path');
    },
  },
  { name: 'a post', inputs: jsonOf(mutated(fc.constant(post()))), read: readsWith(readPost) },
  { name: 'a card that is quoted', inputs: jsonOf(mutated(fc.constant(quotedCard()))), read: readsWith(readCard) },
  {
    name: 'a sound',
    inputs: textOf(['OggS', '\0', '\u0002', 'OpusHead', 'OpusTags', '\u00ff', '\u0001', '\u0013'], 60),
    read: (text) => {
      readOggOpus(Buffer.from(text, 'latin1'));
      return undefined;
    },
  },
];

function rendersCards(text: string): () => void {
  const { parts, file } = renderMessage({ id: 'm', text, actions });
  return () => {
    expectThat(parts.length > 0, 'no part');
    for (const part of parts) expectThat(Buffer.byteLength(JSON.stringify(part)) < 30_000, 'a card that is too big');
    expectLetters(text, file?.text ?? shownIn(parts));
  };
}

type Renderer = typeof plainParts;

function rendersParts(render: Renderer): (text: string) => () => void {
  return (text) => {
    const message = { id: 'm', text, actions };
    const parts = render(message);
    return () => {
      const isFile = render === fallbackParts && renderMessage(message).file !== undefined;
      if (!isFile) expectLetters(text, shownIn(parts));
    };
  };
}

function shownIn(parts: ReturnType<Renderer>): string {
  return parts.map(({ content }) => content).join('');
}

/** These are in no mark of Markdown: each has to be shown, in its place. */
function expectLetters(text: string, shown: string): void {
  // What stands behind the mark of a block of code names its language.
  const wanted = lettersOf(text.replace(/(?:`{3,}|~{3,}).*/g, ''));
  const found = lettersOf(shown);
  let at = 0;
  for (const letter of wanted) {
    at = found.indexOf(letter, at) + 1;
    expectThat(at > 0, `the letter ${letter} is lost`);
  }
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{Script=Han}🦊]/gu, '');
}

function readsWith(read: (content: unknown) => string | null): Reader['read'] {
  return (text) => {
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      // As the callers do: what is no JSON has no words.
      return undefined;
    }
    const words = read(content);
    return () => expectThat(words === null || typeof words === 'string', 'no text');
  };
}

function post(): unknown {
  const line = [
    { tag: 'text', text: 'hello', style: ['bold'] },
    { tag: 'a', text: 'link', href: 'https://x.y' },
    { tag: 'at', user_id: '@_user_1' },
    { tag: 'code_block', language: 'TS', text: 'a\n' },
    { tag: 'img', image_key: 'img_1' },
  ];
  return { title: 'T', content: [line, [{ tag: 'hr' }, { tag: 'media', file_key: 'f', image_key: 'i' }]] };
}

function quotedCard(): unknown {
  const elements = [
    { tag: 'markdown', content: 'hi' },
    { tag: 'div', text: { tag: 'plain_text', content: 'x' } },
  ];
  return { header: { title: { content: 'T' } }, body: { elements }, elements: [[{ tag: 'text', text: 'y' }]] };
}
