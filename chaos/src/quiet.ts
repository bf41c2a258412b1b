import { setTimeout as delay } from 'node:timers/promises';
import { Offers } from './offers.ts';
import type { Scene } from './scene.ts';

/** How often it looks: each look goes through all that was sent. */
const LOOK_MS = 200;

/** Without a word from the bot: for a second copy of an answer to come, and for an answer that is missing. */
const STILL_MS = 800;
const MISSING_MS = 4_000;

/**
 * Resolves when nothing is on its way any more: all events acknowledged, all queues empty, and no word from the bot for a
 * while, which is longer as long as answers are missing. Rejects when the bot has not said anything for `timeoutMs` although
 * something waits, with what that is: a long queue is worked off for as long as that takes.
 */
export async function quiet(
  scene: Scene,
  { timeoutMs = 180_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  let deadline = performance.now() + timeoutMs;
  let lastWord = { count: -1, at: performance.now() };
  for (;;) {
    const waiting = await whatWaits(scene);
    const count = scene.house.feishu.sentCount;
    if (count !== lastWord.count) deadline = performance.now() + timeoutMs;
    if (waiting.length > 0 || count !== lastWord.count) lastWord = { count, at: performance.now() };
    const stillMs = performance.now() - lastWord.at;
    if (stillMs > MISSING_MS || (stillMs > STILL_MS && scene.answeredIds().size >= scene.sentCount)) return;
    if (performance.now() > deadline) {
      throw new Error(`not quiet after ${timeoutMs / 1000} s: ${waiting.join(', ') || 'the bot keeps talking'}`);
    }
    await delay(LOOK_MS);
  }
}

/** In a few words each; none when all is done that the programs know of. */
async function whatWaits(scene: Scene): Promise<string[]> {
  const health = await scene.house.health();
  if (health === undefined) return ['the router does not answer'];
  const { inbox = 0, outbox = 0 } = health.queue ?? {};
  const offers = new Offers(scene.house.feishu);
  const open = scene.sentIds.filter((id) => !offers.of(id).some(({ acceptedAt }) => acceptedAt !== undefined));
  const offline = health.nodes?.filter(({ status }) => status !== 'online') ?? [];
  return [
    ...(open.length > 0 ? [`${open.length} events are not acknowledged`] : []),
    ...(inbox > 0 ? [`${inbox} messages wait for a node`] : []),
    ...(outbox > 0 ? [`${outbox} answers wait for Feishu`] : []),
    ...offline.map((node) => `${node.node_id} is offline`),
  ];
}
