import type { Forward } from './forward.ts';

/** Most forwards are answered sooner than that. */
const YOUNG_MS = 10;

/** What is not in the forward's row, or need not be read from there. */
type Youth = {
  /** Absent where it may have changed since it was made. */
  readonly forward?: Forward;
  /** ms since the epoch. */
  readonly sentAt?: number;
};

/**
 * Forwards that were made or sent a moment ago: one that is answered at once is not read from its row, and when it was
 * sent is never written there.
 */
export class YoungForwards {
  readonly #onSentLongAgo: (sentAt: ReadonlyMap<string, number>) => void;
  #younger = new Map<string, Youth>();
  #older = new Map<string, Youth>();
  #timer: NodeJS.Timeout | undefined;

  /** `onSentLongAgo` gets, by id, when each was sent that was not dropped meanwhile. */
  constructor(onSentLongAgo: (sentAt: ReadonlyMap<string, number>) => void) {
    this.#onSentLongAgo = onSentLongAgo;
  }

  /** To be told once its row is committed. */
  made(forward: Forward): void {
    this.#set(forward.id, { ...this.#find(forward.id), forward });
  }

  sent(id: string): void {
    this.#set(id, { ...this.#find(id), sentAt: Date.now() });
  }

  /** Its row was changed. */
  changed(id: string): void {
    const sentAt = this.sentAt(id);
    if (sentAt === undefined) this.drop(id);
    else this.#set(id, { sentAt });
  }

  /** Its row was deleted. */
  drop(id: string): void {
    this.#younger.delete(id);
    this.#older.delete(id);
  }

  /** The forward `id`, where it is known without its row. */
  find(id: string): Forward | undefined {
    const { forward, sentAt } = this.#find(id) ?? {};
    return forward === undefined || sentAt === undefined ? forward : { ...forward, startedAt: sentAt };
  }

  /** When `id` was sent, where its row does not tell. */
  sentAt(id: string): number | undefined {
    return this.#find(id)?.sentAt;
  }

  /** By id, when each was sent whose row does not tell. */
  get sendTimes(): ReadonlyMap<string, number> {
    return new Map([...sendTimes(this.#older), ...sendTimes(this.#younger)]);
  }

  /** Nothing is young any more. */
  growUp(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#turn();
    this.#turn();
  }

  #find(id: string): Youth | undefined {
    return this.#younger.get(id) ?? this.#older.get(id);
  }

  #set(id: string, youth: Youth): void {
    this.#older.delete(id);
    this.#younger.set(id, youth);
    this.#timer ??= setTimeout(() => this.#tick(), YOUNG_MS);
  }

  #tick(): void {
    this.#timer = undefined;
    this.#turn();
    if (this.#older.size > 0) this.#timer = setTimeout(() => this.#tick(), YOUNG_MS);
  }

  /** The older ones are old now, and the younger ones older. */
  #turn(): void {
    const sentAt = sendTimes(this.#older);
    this.#older = this.#younger;
    this.#younger = new Map();
    if (sentAt.size > 0) this.#onSentLongAgo(sentAt);
  }
}

function sendTimes(youths: ReadonlyMap<string, Youth>): Map<string, number> {
  const times = new Map<string, number>();
  for (const [id, { sentAt }] of youths) if (sentAt !== undefined) times.set(id, sentAt);
  return times;
}
