import { runApart } from '@phonework/shared/apart';
import type { OutgoingMessage } from '../chat-channel.ts';
import type { Card } from './card.ts';
import { insteadOf } from './instead.ts';
import type { MessageContent, MessagePart, RenderedMessage } from './render.ts';
import { plainParts, renderCard, renderMessage } from './render.ts';

/** Longer texts can be written so that rendering them takes longer than anybody else should wait. */
const MAX_CHARS_AT_ONCE = 6000;

/** Even the worst megabyte takes less than a second. */
const TIMEOUT_MS = 30_000;

/** What the thread is asked. */
export type RenderingOrder =
  | { readonly as: 'message' | 'card' | 'texts'; readonly message: MessageContent }
  | { readonly as: 'simpler-parts'; readonly part: MessagePart; readonly message: Actions };

type Actions = Pick<OutgoingMessage, 'actions' | 'language'>;

/** As the functions of the same names, but nobody waits while a long text is rendered. All reject with ApartError. */
export const apart = {
  async renderMessage(message: MessageContent): Promise<RenderedMessage> {
    if (isShort(message.text)) return renderMessage(message);
    return await order<RenderedMessage>({ as: 'message', message: contentOf(message) });
  },

  async renderCard(message: MessageContent): Promise<Card | undefined> {
    if (isShort(message.text)) return renderCard(message);
    return await order<Card | undefined>({ as: 'card', message: contentOf(message) });
  },

  async plainParts(message: MessageContent): Promise<readonly MessagePart[]> {
    if (isShort(message.text)) return plainParts(message);
    return await order<readonly MessagePart[]>({ as: 'texts', message: contentOf(message) });
  },

  async insteadOf(part: MessagePart, { actions = [], language }: Actions): Promise<readonly MessagePart[] | undefined> {
    const message = { actions, ...(language !== undefined && { language }) };
    if (isShort(part.content)) return insteadOf(part, message);
    return await order<readonly MessagePart[] | undefined>({ as: 'simpler-parts', part, message });
  },
};

/** In the thread. */
export function render(rendering: RenderingOrder): unknown {
  switch (rendering.as) {
    case 'message':
      return renderMessage(rendering.message);
    case 'card':
      return renderCard(rendering.message);
    case 'texts':
      return plainParts(rendering.message);
    case 'simpler-parts':
      return insteadOf(rendering.part, rendering.message);
  }
}

async function order<Result>(rendering: RenderingOrder): Promise<Result> {
  const thread = new URL('./render-thread.ts', import.meta.url);
  return await runApart<Result>(thread, rendering, AbortSignal.timeout(TIMEOUT_MS));
}

/** Of a message, what can be copied into a thread. */
function contentOf({ id, text, actions = [], language }: MessageContent): MessageContent {
  return { id, text, actions, language };
}

function isShort(text: string): boolean {
  return text.length <= MAX_CHARS_AT_ONCE;
}
