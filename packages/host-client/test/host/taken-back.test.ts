import type { ModelReply } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { WholeNode } from '../fakes/whole-node.ts';

/** The first message keeps the mailboy busy until `finish`. */
async function busyNode(): Promise<{ readonly node: WholeNode; readonly finish: () => void }> {
  const node = await WholeNode.start();
  const { promise, resolve } = Promise.withResolvers<ModelReply>();
  node.model.answerWith(async ({ body }) =>
    body.messages.at(-1)?.content === 'first' ? await promise : `answer to ${body.messages.at(-1)?.content}`,
  );
  await node.say('m1', 'first');
  await waitFor(() => node.model.requests.length === 1);
  return { node, finish: () => resolve('answer to first') };
}

/** What the model was asked, without what came before. */
function asked(node: WholeNode): readonly unknown[] {
  return node.model.requests.map(({ body }) => body.messages.at(-1)?.content);
}

test('a message that is taken back while it waits is answered with nothing, and never run or remembered', async () => {
  const { node, finish } = await busyNode();
  await using _ = node;
  await node.say('m2', 'a zebra');
  await node.say('m3', 'third');
  await node.recall('m2');
  await node.recall('m2');
  await waitFor(() => node.answersTo('m2').length > 0);
  expect(node.answersTo('m2')).toEqual([{ type: 'forward_response', id: 'm2', reply: '', error: '' }]);
  finish();
  expect(await node.answerTo('m3')).toBe('answer to third');
  expect(asked(node)).toEqual(['first', 'third']);
  expect(JSON.stringify(node.model.requests.at(-1)?.body)).not.toContain('zebra');
});

test('a message whose turn has begun goes on, and what is answered already stays answered once', async () => {
  const { node, finish } = await busyNode();
  await using _ = node;
  await node.recall('m1');
  finish();
  expect(await node.answerTo('m1')).toBe('answer to first');
  await node.recall('m1');
  await node.say('m2', 'second');
  expect(await node.answerTo('m2')).toBe('answer to second');
  expect(node.answersTo('m1')).toHaveLength(1);
});

test('a prompt that waits for its session is taken back too', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', '/new app');
  await node.answerTo('m1');
  await node.say('m2', '/direct');
  await node.say('m3', 'first');
  const agent = await node.runner.agent();
  await waitFor(() => agent.sent.length === 1);
  await node.say('m4', 'second');
  await node.recall('m4');
  await node.recall('m3');
  expect(await node.answerTo('m4')).toBe('');
  expect(agent.interrupts).toBe(0);
  agent.finish('done first');
  expect(await node.answerTo('m3')).toBe('done first');
  expect(agent.sent.map(({ text }) => text)).toEqual(['first']);
});
