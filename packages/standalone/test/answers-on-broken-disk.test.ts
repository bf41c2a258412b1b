import { startHouse } from '@phonework/testkit/house';
import { allowWrites, denyWrites } from '@phonework/testkit/small-disk';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

/** Feishu's patience and its schedule of redelivery, shortened. */
const feishu = { ackTimeoutMs: 500, redeliverAfterMs: Array.from({ length: 60 }, () => 400) };

test('answers that come while the disk of the router is broken are shown once it is well again, in order', async () => {
  await using house = await startHouse({ feishu });
  const release = Promise.withResolvers<void>();
  house.model.answerWith(async ({ body }) => {
    await release.promise;
    return `re: ${body.messages.at(-1)?.content ?? ''}`;
  });
  const router = await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  for (const text of ['one', 'two', 'three']) house.feishu.say({ openId: 'ou_alice', text });
  await waitFor(() => node.log.filter(({ step }) => step === 'forward.acked').length === 3, {
    what: 'the node to have all messages',
  });
  denyWrites(router.pid);
  release.resolve();
  await waitFor(() => router.log.some(({ msg }) => msg === "a node's frame could not be stored"), {
    what: 'an answer that can not be stored',
  });
  allowWrites(router.pid);
  const answers = await waitFor(
    () => {
      const texts = house.textsTo('ou_alice').filter((text) => text.startsWith('re: '));
      return texts.length >= 3 && texts;
    },
    { what: 'the answers', timeoutMs: 15_000 },
  );
  expect(answers).toEqual(['re: one', 're: two', 're: three']);
});
