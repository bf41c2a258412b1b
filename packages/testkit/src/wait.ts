import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until `condition` gives something other than undefined, null or false, and resolves with that. Rejects, with
 * `what` in the message, after `timeoutMs`.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, what = 'the condition' }: { readonly timeoutMs?: number; readonly what?: string } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    // Narrowed by the comparison; TypeScript does not exclude from a bare type parameter.
    if (value !== undefined && value !== null && value !== false) return value as Exclude<T, undefined | null | false>;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${timeoutMs} ms`);
    await delay(10);
  }
}
