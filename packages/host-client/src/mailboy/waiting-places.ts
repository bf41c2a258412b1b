import type { Logger } from '@phonework/shared/log';
import type { Inbox } from '@phonework/shared/mail';
import type { ForwardRequest } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { RunningTurns } from './running-turns.ts';

/** How many messages of a lane that wait are told their place; after them one now and then. */
const MAX_TOLD = 20;
const TOLD_AGAIN_MS = 30_000;

export type WaitingPlacesOptions = {
  readonly store: Store;
  readonly inbox: Inbox<ForwardRequest>;
  readonly running: RunningTurns;
  /** Told inside `store.write` of a message that has waited for a while, and still does; `place` counts from 1. */
  readonly onWaiting: (forward: ForwardRequest, place: number) => void;
  /** Does it after that while. */
  readonly later: (work: () => void) => void;
  readonly logger: Logger;
};

/** Tells users the places of messages that wait behind others of theirs. */
export class WaitingPlaces {
  readonly #options: WaitingPlacesOptions;
  /** How many messages of each lane were told since it began, and when the last one was. */
  readonly #told = new Map<string, { readonly count: number; readonly lastAt: number }>();
  #stopped = false;

  constructor(options: WaitingPlacesOptions) {
    this.#options = options;
  }

  /** Tells it in a while, if the message waits by then. */
  tellLater(forward: ForwardRequest): void {
    const { user_id: lane } = forward;
    const { count, lastAt } = this.#told.get(lane) ?? { count: 0, lastAt: 0 };
    const now = performance.now();
    // Of a flood of messages the first are told: the rest knows from them.
    if (count >= MAX_TOLD && now - lastAt < TOLD_AGAIN_MS) return;
    this.#told.set(lane, { count: count + 1, lastAt: now });
    this.#options.later(() => void this.#tell(forward));
  }

  /** Nothing waits in `lane` any more. */
  laneEnded(lane: string): void {
    this.#told.delete(lane);
  }

  /** Nobody is told any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Never rejects. */
  async #tell(forward: ForwardRequest): Promise<void> {
    const { store, inbox, running, onWaiting, logger } = this.#options;
    const { id, user_id: lane } = forward;
    if (this.#stopped) return;
    const place = inbox.place(id) - (running.isRunning(lane) ? 1 : 0);
    if (place < 1) return;
    try {
      await store.write(() => onWaiting(forward, place));
    } catch (error) {
      logger.warn({ err: error, id }, 'a message could not be told its place');
    }
  }
}
