import type { Said } from '@phonework/shared/language';

/** Whether a turn has seen what a stranger wrote, such as a page of the web: such text may try to give orders. */
export type Taint = {
  /** Once true it stays so: from then on nothing with effects may happen in the turn unless the user said yes to it. */
  readonly isTainted: boolean;
  /** What was seen first, in words for the user: `content from the web`. Undefined while the turn is clean. */
  readonly source: Said | undefined;
  /** To be called before the model gets to see `text`. */
  mark(source: Said, text?: string): void;
  /**
   * Whether `words`, such as an address, stand in what the user or a stranger wrote. Words of no one else may leave a
   * tainted turn unasked: they could be made of things that the model was told to give away.
   */
  hasSeen(words: string): boolean;
};

/** Of a turn that begins with `message` of the user; empty for a command. */
export function createTaint(message = ''): Taint {
  const seen = [message];
  let first: Said | undefined;
  return {
    get isTainted() {
      return first !== undefined;
    },
    get source() {
      return first;
    },
    mark(source, text = '') {
      first ??= source;
      seen.push(text);
    },
    hasSeen: (words) => seen.some((text) => text.includes(words)),
  };
}
