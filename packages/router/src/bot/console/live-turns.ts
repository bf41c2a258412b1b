import type { TurnView } from '../chat-channel.ts';
import type { LiveTurn } from './frames.ts';

const defaultForgetMs = 10 * 60_000;

/** What all pages get again with each word: people read the end of it. */
const maxCharacters = 32_000;
const maxTurns = 32;

/** The turns that run, for pages that open in the middle of one. */
export class LiveTurns {
  readonly #forgetMs: number;
  readonly #onForgotten: (turnId: string) => void;
  /** The one that began first is first. */
  readonly #turns = new Map<string, { readonly turn: LiveTurn; readonly timer: NodeJS.Timeout }>();

  /** `onForgotten` is told of a turn that had no news for `forgetMs`, or for which there is no room. */
  constructor(options: { readonly forgetMs?: number; readonly onForgotten: (turnId: string) => void }) {
    this.#forgetMs = options.forgetMs ?? defaultForgetMs;
    this.#onForgotten = options.onForgotten;
  }

  list(): readonly LiveTurn[] {
    return [...this.#turns.values()].map(({ turn }) => turn);
  }

  /** Takes the newest state of a turn; returns it as pages see it. */
  show({ id, replyTo, startedAt, text, step }: TurnView): LiveTurn {
    const turn = { turnId: id, replyTo, startedAt, text: endOf(text), ...(step !== undefined && { step }) };
    const timer = this.#turns.get(id)?.timer.refresh() ?? setTimeout(() => this.#forget(id), this.#forgetMs);
    this.#turns.set(id, { turn, timer });
    const [oldest = id] = this.#turns.keys();
    if (this.#turns.size > maxTurns) this.#forget(oldest);
    return turn;
  }

  end(turnId: string): void {
    clearTimeout(this.#turns.get(turnId)?.timer);
    this.#turns.delete(turnId);
  }

  /** Forgets all of them, without a word. Closing twice is fine. */
  close(): void {
    for (const turnId of this.#turns.keys()) this.end(turnId);
  }

  #forget(turnId: string): void {
    this.end(turnId);
    this.#onForgotten(turnId);
  }
}

function endOf(text: string): string {
  if (text.length <= maxCharacters) return text;
  const end = text.slice(-maxCharacters);
  return `…\n${end.slice(end.indexOf('\n') + 1)}`.toWellFormed();
}
