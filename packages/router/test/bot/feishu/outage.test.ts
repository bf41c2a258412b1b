import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { FeishuRouter } from './feishu-router.ts';
import { answersTo, untilAnswered, WholeTurn } from './whole-turn.ts';

const minuteMs = 60_000;

test('Feishu answers 500 to everything for a minute: what was answered meanwhile comes after it, once, in order', async () => {
  await using router = await FeishuRouter.start();
  const { feishu, node } = router;
  const turn = await WholeTurn.begin(router, 'one?');
  feishu.fail({ times: Number.POSITIVE_INFINITY, effect: { kind: 'answer', status: 500 } });
  const begun = performance.now();
  turn.answer('answer one');
  for (const text of ['two', 'three']) {
    feishu.say({ openId: 'ou_alice', text: `${text}?` });
    await node.answer(`answer ${text}`);
  }
  await waitFor(() => performance.now() - begun > minuteMs, { timeoutMs: 2 * minuteMs });
  expect(answersTo(router)).toEqual([]);
  feishu.clearFaults();
  await waitFor(() => answersTo(router).length >= 3, { timeoutMs: minuteMs, what: 'the answers' });
  await untilAnswered(router, 3);
  expect(answersTo(router)).toEqual(['answer one', 'answer two', 'answer three']);
}, 150_000);
