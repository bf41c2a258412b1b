import type { Token, Tokens } from 'marked';
import { Lexer } from 'marked';
import { expect, test } from 'vitest';
import { cardsOf, numbers, travelBytes } from '../rendered.ts';

/** Everything that another reader of Markdown finds in a text, at any depth. */
function tokensOf(markdown: string): Token[] {
  const found: Token[] = [];
  const waiting: Token[] = [...Lexer.lex(markdown)];
  for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
    found.push(token);
    if (token.type === 'table') {
      const { header, rows } = token as Tokens.Table;
      for (const cell of [...header, ...rows.flat()]) waiting.push(...cell.tokens);
    } else if (token.type === 'list') waiting.push(...(token as Tokens.List).items);
    waiting.push(...('tokens' in token ? (token.tokens ?? []) : []));
  }
  return found;
}

const ofType = (tokens: readonly Token[], ...types: string[]) => tokens.filter(({ type }) => types.includes(type));

function expectHarmless(card: string): void {
  const tokens = tokensOf(card);
  expect(ofType(tokens, 'html', 'image', 'def').map(({ raw }) => raw)).toEqual([]);
  for (const link of ofType(tokens, 'link')) expect((link as Tokens.Link).href).toMatch(/^(https?:\/\/|mailto:)/);
  expect(ofType(tokens, 'table').length).toBeLessThanOrEqual(3);
  expect(card).not.toMatch(/<\s*(\/\s*)?at\b/i);
}

const shards = [
  '<',
  '<at id=all>',
  '</at>',
  '<font color=red>',
  '<b',
  '>',
  '&lt;',
  '\\',
  '\\<',
  '`',
  '``',
  '```',
  '~~~',
  '\n',
  '\n\n',
  '[',
  ']',
  '](',
  '](javascript:x)',
  '](https://x.y)',
  '![',
  '![a](img_v3_x)',
  '[a]: lark://x',
  ':',
  '(',
  ')',
  '"',
  "'",
  '|',
  '| a | b |\n',
  '|---|---|\n',
  '-',
  '- ',
  '1. ',
  '    ',
  '  ',
  '> ',
  '# ',
  '---',
  '***',
  '**',
  '*',
  '_',
  '<br>',
  '\t',
  '中文',
  '🦊',
  'word',
  ' ',
  'https://x.y/z',
  '<https://x.y>',
  '<!--',
  '\u202e',
  '\u001b[31m',
  '@all',
  '<https://x.y/[a](b)>',
];

test('no text, however it is made, shows an image, a tag or a link that leads elsewhere', () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const next = numbers(seed);
    const length = 1 + next(30);
    const text = Array.from({ length }, () => shards[next(shards.length)]).join('');
    for (const card of cardsOf(`# ${seed}\n\n${text}`)) expectHarmless(card);
  }
});

type Written = { readonly text: string; readonly words: readonly string[]; readonly code: readonly string[] };

/** A long answer of everything that answers are made of, each of its words another. */
function answer(seed: number): Written {
  const next = numbers(seed);
  const words: string[] = [];
  const code: string[] = [];
  const word = () => words[words.push(`w${words.length}z`) - 1] ?? '';
  const coded = () => code[code.push(`c${code.length}z`) - 1] ?? '';
  const several = (most: number, make: () => string, separator: string) =>
    Array.from({ length: 1 + next(most) }, make).join(separator);
  const sentence = () => `${several(40, word, ' ')}${next(4) === 0 ? ` \`${coded()} <b>\`` : ''}.`;
  const fence = (indent: string) => {
    const lines = several(60, () => `${indent}  ${coded()} = "<at id=all>" \\n;`, '\n');
    return `${indent}\`\`\`ts\n${lines}\n${indent}\`\`\``;
  };
  const blocks = [
    () => several(6, sentence, ' '),
    () => several(6, sentence, '\n'),
    () => `## ${word()}`,
    () => fence(''),
    () => several(8, () => `- ${sentence()}\n  - ${sentence()}`, '\n'),
    () => `1. ${word()}\n${fence('   ')}\n   ${word()}`,
    () => several(5, () => `> ${sentence()}`, '\n'),
    () => `| ${word()} | ${word()} |\n|---|---|\n${several(12, () => `| ${word()} | ${sentence()} |`, '\n')}`,
    () => `| ${word()} |\n|---|\n${several(70, () => `| ${word()} |`, '\n')}`,
  ];
  const text = Array.from({ length: 1 + next(60) }, () => blocks[next(blocks.length)]?.()).join('\n\n');
  return { text, words, code };
}

test('an answer of everything comes out whole, in order, within the limits of a card, with its code as code', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const { text, words, code } = answer(seed);
    const message = { text, actions: [{ id: 'a', label: 'Yes', style: 'primary' }] } as const;
    const cards = cardsOf(message);
    for (const card of cards) {
      expect(travelBytes(card)).toBeLessThan(28_000);
      expectHarmless(card);
    }
    if (cards.at(-1)?.includes('(The whole answer is in the file.)')) continue;
    const all = cards.join('\n');
    // The names of columns are said again where a table is cut, and behind the first cell where it is spelt out.
    expect(new Set(all.match(/w\d+z/g))).toEqual(new Set(words));
    expect(all.match(/c\d+z/g) ?? []).toEqual(code);
    const tokens = cards.flatMap((card) => tokensOf(card));
    const inCode = ofType(tokens, 'code', 'codespan')
      .map(({ raw }) => raw)
      .join('\n');
    expect(new Set(inCode.match(/c\d+z/g))).toEqual(new Set(code));
  }
});

test('a list is cut between its items, a code block between its lines, which go on in their language', () => {
  const items = Array.from({ length: 700 }, (_, index) => `- item ${index} ${'word '.repeat(10)}`);
  for (const card of cardsOf(items.join('\n'))) {
    for (const line of card.split('\n'))
      expect(items).toContain(line.padEnd((items[0] ?? '').length + 2).match(/^- item \d+ (word )*/)?.[0] ?? line);
  }
  const code = Array.from({ length: 2000 }, (_, index) => `const a${index} = "b";`);
  const cards = cardsOf(`\`\`\`ts\n${code.join('\n')}\n\`\`\``);
  expect(cards.length).toBeGreaterThan(1);
  expect(
    cards.flatMap((card) =>
      card
        .replace(/^```ts\n/, '')
        .replace(/\n```$/, '')
        .split('\n'),
    ),
  ).toEqual(code);
});
