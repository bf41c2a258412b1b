import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { expect, test } from 'vitest';
import { FeishuRouter } from './feishu-router.ts';
import { answersTo, untilAnswered, WholeTurn } from './whole-turn.ts';

const reply = '/im/v1/messages/:message_id/reply';
const reactions = '/im/v1/messages/:message_id/reactions';
const card = '/cardkit/v1/cards/:card_id';
const content = `${card}/elements/:element_id/content`;

/** Every call that a conversation needs. */
const calls = [
  ['POST', reply],
  ['POST', '/im/v1/messages'],
  ['POST', '/im/v1/files'],
  ['POST', reactions],
  ['DELETE', `${reactions}/:reaction_id`],
  ['POST', '/cardkit/v1/cards'],
  ['PUT', content],
  ['PUT', card],
] as const;

const kinds = ['interactive', 'interactive', 'interactive', 'file', 'text', 'text'];

const refusal = (code: number): FaultEffect => ({ kind: 'answer', status: 400, code });

test.concurrent.each<[string, FaultEffect]>([
  [
    '429 and the time to wait',
    { kind: 'answer', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '1' } },
  ],
  ['230020', refusal(230020)],
  ['500', { kind: 'answer', status: 500 }],
  ['500 after it was done', { kind: 'answer', status: 500, perform: true }],
  ['an end of the connection after it was done', { kind: 'cut', perform: true }],
])(
  'where each kind of call meets %s, every answer comes once, in order',
  async (_what, effect) => {
    await using router = await FeishuRouter.start();
    for (const [method, path] of calls) router.feishu.fail({ method, path, effect });
    const first = await WholeTurn.begin(router, 'one?');
    await first.shows('I am half through.');
    first.answer('answer one');
    router.feishu.say({ openId: 'ou_alice', text: 'two?' });
    await router.node.answer(`answer two\n\n${'word '.repeat(40_000)}`);
    router.feishu.say({ openId: 'ou_alice', text: 'three?' });
    await router.node.answer('answer three');
    const address = { user_id: 'ou_alice', chat_id: router.feishu.chatOf('ou_alice') };
    router.node.send({ type: 'message', id: 'push', ...address, text: 'It is finished.' });
    await untilAnswered(router, 6);
    const answers = answersTo(router).filter((line) => /^(answer|It is)/.test(line));
    expect(answers).toEqual(['answer one', 'answer two', 'answer three', 'It is finished.']);
    // The second one is two cards, and a file with all of it.
    expect(router.shown().map(({ messageType }) => messageType)).toEqual(kinds);
  },
  60_000,
);

test('where the token is taken back in the middle of a stream, it goes on, and the answer takes its place', async () => {
  await using router = await FeishuRouter.start();
  const turn = await WholeTurn.begin(router, 'one?');
  for (const text of ['word', 'word word', 'word word word']) {
    router.feishu.invalidateTokens();
    await turn.shows(text);
  }
  router.feishu.invalidateTokens();
  turn.answer('answer one');
  await untilAnswered(router, 1);
  expect(answersTo(router)).toEqual(['answer one']);
  expect(router.shown()).toHaveLength(1);
});

test('where Feishu has ended the stream of a card, it goes on, and the answer takes its place', async () => {
  await using router = await FeishuRouter.start();
  router.feishu.streamingLimitMs = 200;
  const turn = await WholeTurn.begin(router, 'one?');
  await turn.shows('word');
  await turn.shows('word word');
  await turn.shows('word word word');
  turn.answer('answer one');
  await untilAnswered(router, 1);
  expect(answersTo(router)).toEqual(['answer one']);
  expect(router.shown()).toHaveLength(1);
  const reopened = router.feishu.calls.filter(({ route }) => route === `${card}/settings`);
  expect(reopened.length).toBeGreaterThan(0);
});

test.each([11310, 230099, 300305])(
  'where Feishu refuses the final card with %i, the answer is a message',
  async (code) => {
    await using router = await FeishuRouter.start();
    const turn = await WholeTurn.begin(router, 'one?');
    router.feishu.fail({ method: 'PUT', path: card, effect: refusal(code) });
    turn.answer('answer one\n\n| a | b |\n|---|---|\n| 1 | 2 |');
    router.feishu.say({ openId: 'ou_alice', text: 'two?' });
    await router.node.next('forward');
    router.node.send({ type: 'forward_response', id: router.node.all('forward')[1]?.id, reply: 'answer two' });
    await untilAnswered(router, 2);
    expect(answersTo(router)).toEqual(['answer one', 'answer two']);
  },
);

test.each([
  [11310, 1, 'post'],
  [230099, 1, 'post'],
  [11310, 2, 'text'],
  [230099, 2, 'text'],
])('where it refuses that message with %i too, %i times, the answer is a %s', async (code, times, kind) => {
  await using router = await FeishuRouter.start();
  const turn = await WholeTurn.begin(router, 'one?');
  router.feishu.fail({ method: 'PUT', path: card, effect: refusal(code) });
  router.feishu.fail({ method: 'POST', path: reply, effect: refusal(code), times });
  turn.answer('answer one\n\n| a | b |\n|---|---|\n| 1 | 2 |');
  await untilAnswered(router, 1);
  expect(answersTo(router)).toEqual(['answer one']);
  expect(router.shown().map(({ messageType }) => messageType)).toEqual(['interactive', kind]);
});

test('an answer that took too long to take the place of its card stands below it, and before the next one', async () => {
  await using router = await FeishuRouter.start({ timings: { inPlaceMs: 0 } });
  const turn = await WholeTurn.begin(router, 'one?');
  router.feishu.fail({ method: 'POST', path: reply, effect: { kind: 'cut', perform: true } });
  router.feishu.fail({ method: 'PUT', path: card, effect: refusal(230020) });
  turn.answer('answer one');
  router.feishu.say({ openId: 'ou_alice', text: 'two?' });
  await router.node.answer('answer two');
  await untilAnswered(router, 2);
  expect(answersTo(router)).toEqual(['answer one', 'answer two']);
  expect(router.said()[0]).toMatch(/^✓ .* · The answer is below\.$/);
});
