import type { Socket } from 'node:net';

/** What a proxy does to the bytes that go through it. */
export type ProxyWeather = {
  /** Bytes wait as long as it is true, and so do the ends of connections: nobody can tell it from a dead peer. */
  readonly isBlackHole?: boolean;
  /** New connections are reset as soon as they come. */
  readonly refuses?: boolean;
  /** In each direction of each connection. */
  readonly bytesPerS?: number;
  /** How long the next piece of data is on its way; asked for each. */
  readonly latencyMs?: () => number;
};

/** What may be on its way at once; more waits in the sender. */
const MAX_UNDERWAY_BYTES = 256 * 1024;

/** One direction of a connection through a proxy: bytes and their end, in order, as the weather lets them through. */
export class ProxiedPipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => ProxyWeather;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What has been read; undefined is the end. Each with the time (performance.now) of its arrival. */
  readonly #underway: { readonly bytes: Buffer | undefined; readonly at: number }[] = [];
  #underwayBytes = 0;
  #isMoving = false;
  #closed = false;

  constructor(from: Socket, to: Socket, weather: () => ProxyWeather) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#take(undefined));
    from.on('close', () => {
      // A reset has no end: what it cuts off is the connection's business.
      if (from.readableEnded) return;
      this.close();
    });
    to.on('drain', () => this.#move());
    to.on('close', () => this.close());
  }

  /** Nothing moves now, whatever comes. */
  get isHeld(): boolean {
    return this.#weather().isBlackHole === true;
  }

  weatherChanged(): void {
    this.#move();
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #take(bytes: Buffer | undefined): void {
    const latencyMs = this.#weather().latencyMs?.() ?? 0;
    const notBefore = this.#underway.at(-1)?.at ?? 0;
    this.#underway.push({ bytes, at: Math.max(notBefore, performance.now() + latencyMs) });
    this.#underwayBytes += bytes?.length ?? 0;
    if (this.#underwayBytes > MAX_UNDERWAY_BYTES) this.#from.pause();
    this.#move();
  }

  #move(): void {
    if (this.#isMoving) return;
    for (;;) {
      const next = this.#underway[0];
      if (next === undefined || this.#closed || this.isHeld || this.#to.writableNeedDrain) return;
      const waitMs = next.at - performance.now();
      if (waitMs > 0) {
        this.#moveAfter(waitMs);
        return;
      }
      const { bytesPerS } = this.#weather();
      if (next.bytes !== undefined && bytesPerS !== undefined) {
        this.#moveAfter(this.#passPiece(next.bytes, Math.max(1, Math.floor(bytesPerS / 20))) * (1000 / bytesPerS));
        return;
      }
      this.#underway.shift();
      this.#pass(next.bytes);
    }
  }

  /** Passes the first bytes on. Returns how many. */
  #passPiece(bytes: Buffer, most: number): number {
    const piece = bytes.subarray(0, most);
    const rest = bytes.subarray(most);
    const first = this.#underway[0];
    if (rest.length > 0 && first !== undefined) this.#underway[0] = { bytes: rest, at: first.at };
    else this.#underway.shift();
    this.#pass(piece);
    return piece.length;
  }

  #pass(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      this.#to.end();
      return;
    }
    this.#underwayBytes -= bytes.length;
    this.#to.write(bytes);
    if (this.#underwayBytes <= MAX_UNDERWAY_BYTES) this.#from.resume();
  }

  #moveAfter(ms: number): void {
    this.#isMoving = true;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#isMoving = false;
      this.#move();
    }, ms);
    this.#timers.add(timer);
  }
}
