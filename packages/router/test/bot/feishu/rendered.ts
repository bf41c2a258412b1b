import type { MessageContent } from '../../../src/bot/feishu/render.ts';
import { renderMessage } from '../../../src/bot/feishu/render.ts';

type Rendered = Partial<MessageContent> & Pick<MessageContent, 'text'>;

/** The Markdown of each card that a message becomes. */
export function cardsOf(message: Rendered | string): string[] {
  const { parts } = renderMessage({ id: 'message', ...(typeof message === 'string' ? { text: message } : message) });
  return parts.map(({ messageType, content }) => {
    if (messageType !== 'interactive') throw new Error(`the part is no card but ${messageType}: ${content}`);
    return String(JSON.parse(content).body.elements[0].content);
  });
}

/** The Markdown of the only card that a message becomes. */
export function cardOf(message: Rendered | string): string {
  const [card, ...others] = cardsOf(message);
  if (card === undefined || others.length > 0) throw new Error(`not one card but ${others.length + 1}`);
  return card;
}

/** The bytes of a content as it travels: a JSON string in the JSON of the request. */
export function travelBytes(content: string): number {
  return Buffer.byteLength(JSON.stringify(content));
}

/** A source of numbers from 0 up to `below` that are the same for the same seed. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
