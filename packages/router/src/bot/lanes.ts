import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@phonework/shared/log';
import type { Inbox, Letter } from '@phonework/shared/mail';

type LanesOptions<Body> = {
  readonly inbox: Inbox<Body>;
  /** Settles the letter in the inbox. When it rejects, it is tried again a while later. */
  readonly work: (letter: Letter<Body>, signal: AbortSignal) => Promise<void>;
  /** What the log says when `work` rejects. */
  readonly complaint: string;
  readonly logger: Logger;
};

const RETRY_MS = 1000;

/** Works on what is in an inbox: in order within a lane, and on lanes side by side. */
export class Lanes<Body> {
  readonly #options: LanesOptions<Body>;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: LanesOptions<Body>) {
    this.#options = options;
  }

  /** Goes on with what an earlier process left behind. */
  start(): void {
    for (const lane of this.#options.inbox.lanes()) this.wake(lane);
  }

  /** To be called once something new in `lane` is committed. */
  wake(lane: string): void {
    if (this.#stopping.signal.aborted || this.#lanes.has(lane)) return;
    this.#lanes.set(
      lane,
      Promise.resolve().then(() => this.#keepWorking(lane)),
    );
  }

  /** What is not settled waits for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#lanes.values());
  }

  /** Never rejects. */
  async #keepWorking(lane: string): Promise<void> {
    const { inbox, work, complaint, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const letter = inbox.next(lane);
        if (letter === undefined) break;
        await work(letter, signal);
      } catch (error) {
        if (signal.aborted) break;
        logger.error({ err: error }, complaint);
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    // In the same tick as the last look: whoever comes later finds no lane and wakes a new one.
    this.#lanes.delete(lane);
  }
}
