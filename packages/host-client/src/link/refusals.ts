import type { Logger } from '@phonework/shared/log';

/** What only a person can mend: it is said once, however often it comes. */
export class Refusals {
  readonly #logger: Logger;
  readonly #retryMs: number;
  #said: string | undefined;
  #isRefused = false;

  constructor({ logger, retryMs }: { readonly logger: Logger; readonly retryMs: number }) {
    this.#logger = logger;
    this.#retryMs = retryMs;
  }

  /** Whether this attempt was refused. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** A new attempt. */
  begin(): void {
    this.#isRefused = false;
  }

  /** This attempt is refused; nothing happens without a text. */
  refuse(text: string | undefined): void {
    // The router's own words come before the close, and say it better.
    if (text === undefined || this.#isRefused) return;
    this.#isRefused = true;
    if (this.#said === text) return;
    this.#said = text;
    this.#logger.error(`${text} Trying again every ${this.#retryMs / 1000} s.`);
  }

  /** It is mended. */
  forget(): void {
    this.#said = undefined;
  }
}
