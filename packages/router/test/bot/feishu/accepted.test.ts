import { expect, test } from 'vitest';
import { Setting } from './setting.ts';

const table = '| Name | Size |\n|---|--:|\n| a.ts | 12 |\n| b.ts | 7 |';
const code = '```ts\nconst a = "<at id=all>";\n```';
const times = (count: number, ...blocks: readonly string[]) => Array.from({ length: count }, () => blocks.join('\n\n'));

test.each([
  ['twelve tables', times(12, table)],
  ['tables in lists and quotes', times(6, '- a\n\n  | b | c |\n  |---|---|\n  | d | e |', '> | f |\n> |---|\n> | g |')],
  ['tables that are none', times(9, 'a\n|---|\n| b |', 'a | b\n---|---|---\nc | d')],
  ['forty blocks of code', times(40, code.replace('\n', `\n${'x = "y";\n'.repeat(40)}`))],
  [
    'images and mentions',
    times(20, '![a](img_v3_x) ![](https://x.y/z.png) <at id=all></at>', '`![a](b)`', '[![a](b)](c)'),
  ],
  ['a list of a thousand items', times(1, '- item\n  - **sub** `code`\n'.repeat(500))],
  ['one table of three hundred rows', [`${table}\n${'| c | d |\n'.repeat(300)}`]],
  ['everything, and too much of it', times(300, '# a', table, code, '- b\n- c', '> d', 'word '.repeat(100))],
])('Feishu takes %s as cards', async (_what, blocks) => {
  await using setting = await Setting.open();
  const actions = [{ id: 'yes', label: 'Yes', style: 'primary' }] as const;
  await setting.channel.send({ id: 'message', chatId: 'oc_team', text: blocks.join('\n\n'), actions });
  const refused = setting.feishu.calls.filter(({ status }) => status !== 200);
  expect(refused).toEqual([]);
  const kinds = setting.feishu.messagesIn('oc_team').map(({ messageType }) => messageType);
  expect(new Set(kinds.filter((kind) => kind !== 'file'))).toEqual(new Set(['interactive']));
  expect(kinds.length).toBeLessThanOrEqual(5);
});
