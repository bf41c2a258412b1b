/** How long parcels are sent at a time. */
const MAX_TURN_MS = 4;

/**
 * Sends what is to go out in a turn of the event loop after the one that brought it: that one stored it, which for a
 * large answer takes as long as sending it does. In order.
 */
export class Departures<Parcel> {
  readonly #send: (parcel: Parcel) => void;
  #waiting: Parcel[] = [];
  #turn: NodeJS.Immediate | undefined;

  constructor(send: (parcel: Parcel) => void) {
    this.#send = send;
  }

  add(parcel: Parcel): void {
    this.#waiting.push(parcel);
    this.#turn ??= setImmediate(() => this.#depart());
  }

  /** Forgets what has not gone out. */
  clear(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#waiting = [];
  }

  #depart(): void {
    this.#turn = undefined;
    const endsAt = performance.now() + MAX_TURN_MS;
    do {
      const parcel = this.#waiting.shift();
      if (parcel === undefined) return;
      this.#send(parcel);
    } while (performance.now() < endsAt);
    this.#turn ??= setImmediate(() => this.#depart());
  }
}
