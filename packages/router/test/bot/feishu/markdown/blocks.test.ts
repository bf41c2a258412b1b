import { expect, test } from 'vitest';
import { cardOf } from '../rendered.ts';

const lines = (...each: string[]) => each.join('\n');

test.each([
  ['a heading', '## Result', '## Result'],
  ['a rule', lines('# a', '', '---', '', 'b'), lines('# a', '', '---', '', 'b')],
  ['a list', lines('Do:', '- a', '- b', '1. c', '2. d'), lines('Do:', '- a', '- b', '1. c', '2. d')],
  ['a loose list', lines('- a', '', '', '- b'), lines('- a', '', '- b')],
  [
    'a list in a list, by whatever indent, as Feishu counts',
    lines('1. a', '  - b', '    * c', '- d', '   - e', '     f'),
    lines('1. a', '    - b', '        * c', '- d', '    - e', '        f'),
  ],
  ['a list of things to do', lines('- [ ] a', '- [x] b'), lines('- ☐ a', '- ☑ b')],
  ['a paragraph in a list', lines('- a', '', '  b'), lines('- a', '', '    b')],
  ['a quote', lines('>a', '> > b'), lines('> a', '> > b')],
  ['a quote deeper than anyone reads', '>'.repeat(50), '> > >'],
])('%s is shown as it is meant', (_what, text, expected) => {
  expect(cardOf(text)).toBe(expected);
});

test.each([
  ['tildes', lines('~~~py', 'a', '~~~'), lines('```py', 'a', '```')],
  ['a word of explanation', lines('``` ts title="x"', 'a', '```'), lines('```ts', 'a', '```')],
  ['fences inside', lines('````md', '```', 'a', '```', '````'), lines('````md', '```', 'a', '```', '````')],
  ['no end', lines('```ts', 'a'), lines('```ts', 'a', '```')],
  ['tags and mentions', lines('```', '<div> <at id=all></at>', '```'), lines('```', '<div> ＜at id=all>＜/at>', '```')],
  [
    'a place in a list',
    lines('1. a', '   ```sh', '   b', '     c', '   ```', '   d', '2. e'),
    lines('1. a', '```sh', 'b', '  c', '```', 'd', '2. e'),
  ],
  ['the line of an item', lines('- ```sh', '  a', '  ```', '- b'), lines('-', '```sh', 'a', '```', '- b')],
  ['a place in a quote', lines('> a', '> ```', '> b', '> ```'), lines('> a', '```', 'b', '```')],
  ['no end but that of its quote', lines('> ```', '> a', 'b <c>'), lines('```', 'a', '```', 'b &#60;c>')],
  [
    'nothing but an indent',
    lines('# a', '', '    <b>', '      c', '', 'd'),
    lines('# a', '', '```', '<b>', '  c', '```', '', 'd'),
  ],
])('code with %s begins at the margin', (_what, text, expected) => {
  expect(cardOf(text)).toBe(expected);
});

test('a list that goes on behind code is no code itself', () => {
  const text = lines('- a', '  - b', '    ```', '    c', '    ```', '', '    d', '', '    - e', '- f');
  expect(cardOf(text)).toBe(lines('- a', '    - b', '```', 'c', '```', '', 'd', '', '- e', '- f'));
});

test('a table is written out in full, and kept apart from what is around it', () => {
  const text = lines('See', 'a | b', '--|:-:', '`x\\|y` | <b><br>c', '1', '| 2 |', 'end');
  expect(cardOf(text)).toBe(
    lines('See', '', '| a | b |', '| --- | :---: |', '| `x\\|y` | &#60;b> c |', '', '1', '| 2 |', 'end'),
  );
});

test('what is a table to careless readers only is none', () => {
  expect(cardOf(lines('**x**', '| a | b |', '|---|'))).toBe(lines('**x**', '| a | b |', '\\|---|'));
});

const tableOf = (name: string, cell: string, { columns = 2, rows = 2 } = {}) => {
  const row = (cells: string) => `|${` ${cells} |`.repeat(columns)}`;
  return lines(row(name), `|${'---|'.repeat(columns)}`, ...Array.from({ length: rows }, () => row(cell)));
};

test('of many tables three are tables, the others columns', () => {
  const card = cardOf(Array.from({ length: 12 }, (_, index) => tableOf(`t${index}`, '值')).join('\n\n'));
  expect(card.match(/\| --- \|/g)?.length).toBe(3);
  expect(card).toContain(lines('| t2 | t2 |', '| --- | --- |', '| 值 | 值 |'));
  expect(card).toContain(lines('```', 't3  t3', '--  --', '值  值', '值  值', '```'));
  expect(card).toContain('t11  t11');
});

test('columns are as wide as what they hold, numbers to the right', () => {
  const text = `${`${tableOf('a', 'b')}\n\n`.repeat(3)}| 名字 | size |\n|---|--:|\n| a\\|b | **7** |\n| 一二三 | 12 |`;
  expect(cardOf(text)).toContain(lines('```', '名字    size', '------  ----', 'a|b        7', '一二三    12', '```'));
});

test('a table that is too wide for a phone is spelt out, and its links stay links', () => {
  const text = `${`${tableOf('a', 'b')}\n\n`.repeat(3)}| Name | Says | Where |\n|---|---|---|\n| x | | [y](https://z) |\n| \`k\` | v | w |`;
  expect(cardOf(text)).toContain(
    lines('**Name: x**', '- Where: [y](https://z)', '', 'Name: `k`', '- Says: v', '- Where: w'),
  );
  const wide = cardOf(tableOf('head', 'a longer cell', { columns: 11, rows: 1 }));
  expect(wide).toBe(lines('**head: a longer cell**', ...Array.from({ length: 10 }, () => '- head: a longer cell')));
});

test('a long table says its header again', () => {
  const card = cardOf(tableOf('head', 'cell', { rows: 70 }));
  expect(card).not.toContain('|');
  expect(card.match(/head {2}head/g)?.length).toBe(3);
  expect(card.match(/cell {2}cell/g)?.length).toBe(70);
});
