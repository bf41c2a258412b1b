import { tailOf } from '../texts/cut.ts';

/** Of what is shown: a phone shows a few screens, and each update carries all of it. */
const maxShown = 8000;

/** What is written in a turn, in bounded memory: its end, which is what a reader waits for. */
export class TurnText {
  /** Messages that are complete. */
  #complete = '';
  /** What the model writes now. */
  #partial = '';
  #isCut = false;

  write(delta: string): void {
    this.#partial = this.#bounded(this.#partial + delta);
  }

  /** `text` is what the deltas since the last one come to. */
  complete(text: string): void {
    this.#partial = '';
    if (text.trim() !== '') this.#complete = this.#bounded(joined(this.#complete, text));
  }

  clear(): void {
    this.#complete = '';
    this.#partial = '';
    this.#isCut = false;
  }

  /** All of it, or its last lines behind a "…". */
  get end(): string {
    const whole = joined(this.#complete, this.#partial).trim();
    if (whole.length <= maxShown && !this.#isCut) return whole;
    return `…\n${fromLine(whole, Math.max(0, whole.length - maxShown))}`;
  }

  /** Cuts seldom, so that a thousand small pieces don't copy the text a thousand times. */
  #bounded(text: string): string {
    if (text.length <= maxShown * 2) return text;
    this.#isCut = true;
    return tailOf(text, maxShown);
  }
}

function joined(complete: string, partial: string): string {
  return complete === '' || partial === '' ? complete + partial : `${complete}\n\n${partial}`;
}

/** `text` from the next line on, where one begins soon after `start`; else from `start`, with whole characters. */
function fromLine(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  if (start > 0 && text[start - 1] === '\n') return text.slice(start);
  if (end >= 0 && end < start + maxShown / 2) return text.slice(end + 1);
  return tailOf(text, text.length - start);
}
