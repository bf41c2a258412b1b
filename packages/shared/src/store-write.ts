import type { Logger } from './log.ts';

/** One step of a transaction. `done` and `fail` end it; which of them is called, and when, is the store's to know. */
export type Write = {
  /** Nobody waits for it. */
  readonly isDeferred: boolean;
  run(): void;
  done(): void;
  fail(error: unknown): void;
};

/** A write whose result somebody waits for. */
export class AwaitedWrite<T> implements Write {
  readonly isDeferred = false;
  readonly promise: Promise<T>;
  readonly #work: () => T;
  #resolve: (value: T) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #result: { readonly value: T } | undefined;

  constructor(work: () => T) {
    this.#work = work;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  run(): void {
    this.#result = { value: this.#work() };
  }

  done(): void {
    if (this.#result !== undefined) this.#resolve(this.#result.value);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}

/** A write that may be lost in a crash without harm. */
export class DeferredWrite implements Write {
  readonly isDeferred = true;
  readonly run: () => void;
  readonly #logger: Logger;

  constructor(work: () => void, logger: Logger) {
    this.run = work;
    this.#logger = logger;
  }

  done(): void {}

  fail(error: unknown): void {
    this.#logger.error({ err: error }, 'a deferred write failed');
  }
}
