import { RestError } from './rest-error.ts';

type Limit = { readonly count: number; readonly perMs: number };

const perApi: readonly Limit[] = [
  { count: 50, perMs: 1_000 },
  { count: 1_000, perMs: 60_000 },
];
const perChat: Limit = { count: 5, perMs: 1_000 };
const perMessage: Limit = { count: 5, perMs: 1_000 };
const perCard: Limit = { count: 10, perMs: 1_000 };
const longestMs = 60_000;

/** How often the platform lets an app call. A call that is refused does not count. */
export class Rates {
  /** Nothing is refused, nor counted, while it is false. */
  isOn = false;
  /** When the calls of one kind came that were let in, oldest first. */
  readonly #admitted = new Map<string, number[]>();

  /** At the gateway, before anything is looked at; `api` is a method and a route. Throws RestError. */
  enter(api: string): void {
    this.#admit(`api ${api}`, perApi, ({ count }, waitMs) => {
      const seconds = String(Math.ceil(waitMs / 1000));
      const headers = { 'x-ogw-ratelimit-limit': String(count), 'x-ogw-ratelimit-reset': seconds };
      return new RestError(99991400, 'request trigger frequency limit', 429, headers);
    });
  }

  sendTo(chatId: string): void {
    this.#admit(`chat ${chatId}`, [perChat], tooOften);
  }

  patch(messageId: string): void {
    this.#admit(`message ${messageId}`, [perMessage], tooOften);
  }

  changeCard(cardId: string): void {
    this.#admit(`card ${cardId}`, [perCard], tooOften);
  }

  #admit(key: string, limits: readonly Limit[], refusal: (limit: Limit, waitMs: number) => RestError): void {
    if (!this.isOn) return;
    const now = Date.now();
    const times = (this.#admitted.get(key) ?? []).filter((time) => now - time < longestMs);
    this.#admitted.set(key, times);
    for (const limit of limits) {
      // The oldest of those that fill the window: once it has left, there is room.
      const oldest = times.at(-limit.count);
      if (oldest !== undefined && now - oldest < limit.perMs) {
        throw refusal(limit, oldest + limit.perMs - now);
      }
    }
    times.push(now);
  }
}

function tooOften(): RestError {
  return new RestError(230020, 'This operation triggers the frequency limit.');
}

/** The most that lie within any `perMs`; `times` is in order. */
export function peakOf(times: readonly number[], perMs: number): number {
  let peak = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while (time - (times[first] ?? time) >= perMs) first += 1;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}
