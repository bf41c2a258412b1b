/** See Progress. */
export function showProgress(
  send: (text: string, step: string | undefined) => void,
  { intervalMs }: { readonly intervalMs: number },
): Progress {
  return new Progress(send, intervalMs);
}

/** Sends the newest state of a turn, at most once in `intervalMs`: what comes in between replaces what waits. */
export class Progress {
  readonly #send: (text: string, step: string | undefined) => void;
  readonly #intervalMs: number;
  #latest: { readonly text: string; readonly step: string | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(send: (text: string, step: string | undefined) => void, intervalMs: number) {
    this.#send = send;
    this.#intervalMs = intervalMs;
  }

  show(text: string, step?: string): void {
    if (this.#isClosed) return;
    this.#latest = { text, step };
    this.#timer ??= setTimeout(() => this.#flush(), this.#intervalMs);
  }

  /** Nothing is sent after this. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#latest !== undefined) this.#send(this.#latest.text, this.#latest.step);
    this.#latest = undefined;
  }
}
