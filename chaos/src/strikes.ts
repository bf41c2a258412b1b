import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from './scene.ts';

/** A strike falls somewhere in the life of the message after which it comes. */
const MAX_DELAY_MS = 60;

/**
 * Sends the fault's messages, and calls `strike` at random moments, on average once for `messagesEach`. The next strike
 * waits for the one before: it is of programs that run. What `strike` draws, it draws before it awaits anything, so that
 * the plan does not depend on how long that takes; `struck` is the moment to strike.
 */
export async function trafficWithStrikes(
  scene: Scene,
  {
    messagesEach,
    strike,
  }: { readonly messagesEach: number; readonly strike: (struck: Promise<void>) => Promise<void> },
): Promise<void> {
  const strikes = new Set(scene.random.someBetween(scene.messages / messagesEach, 1, scene.messages));
  let back = Promise.resolve();
  await scene.traffic(scene.messages, {
    perSecond: 20,
    after: async (sent) => {
      if (!strikes.has(sent)) return;
      await back;
      back = strike(delay(scene.random.between(0, MAX_DELAY_MS)));
      // Awaited before the next one, and until then nobody's.
      back.catch(() => {});
    },
  });
  await back;
}
