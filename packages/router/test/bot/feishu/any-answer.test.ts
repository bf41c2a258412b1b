import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FeishuRouter } from './feishu-router.ts';
import { answersTo, untilAnswered, WholeTurn } from './whole-turn.ts';

const times = (count: number, block: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => block(index)).join('\n\n');

const table = (index: number) => `Part ${index + 1}:\n\n| Name | Size |\n|---|--:|\n| file-${index}.ts | 12 |`;
const code = (index: number) => `\`\`\`ts\nconst a${index} = "<at id=all>";\n${'x = "y";\n'.repeat(40)}\`\`\``;
const paragraphs = times(2100, (index) => `${index}: ${'word '.repeat(18)}`);

test.each([
  ['twelve tables', times(12, table), times(12, (index) => `file-${index}.ts`)],
  ['forty blocks of code', times(40, code), times(40, (index) => `const a${index} =`)],
])('%s arrive whole, in order, before the next answer, and Feishu refuses nothing', async (_what, reply, parts) => {
  await using router = await FeishuRouter.start();
  const turn = await WholeTurn.begin(router, 'one?');
  turn.answer(`answer one\n\n${reply}`);
  await untilAnswered(router, 1);
  router.feishu.say({ openId: 'ou_alice', text: 'two?' });
  await router.node.answer('answer two');
  await waitFor(() => router.said().at(-1) === 'answer two');
  await router.untilQuiet();
  const all = router.said().join('\n');
  const places = parts.split('\n\n').map((part) => all.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(router.feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
});

test('an answer of 200,000 characters is its beginning, and a file with all of it', async () => {
  await using router = await FeishuRouter.start();
  const turn = await WholeTurn.begin(router, 'one?');
  const reply = `answer one\n\n${paragraphs}`.slice(0, 200_000);
  expect(reply).toHaveLength(200_000);
  turn.answer(reply);
  router.feishu.say({ openId: 'ou_alice', text: 'two?' });
  await router.node.answer('answer two');
  await waitFor(() => router.said().at(-1) === 'answer two');
  await router.untilQuiet();
  expect(answersTo(router)[0]).toBe('answer one');
  expect(answersTo(router).filter((line) => line === 'answer one')).toHaveLength(1);
  expect(router.feishu.uploads.map(({ bytes }) => bytes.toString())).toEqual([reply]);
  expect(router.feishu.calls.filter(({ status }) => status !== 200)).toEqual([]);
});
