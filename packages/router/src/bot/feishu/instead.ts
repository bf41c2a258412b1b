import * as z from 'zod';
import type { OutgoingMessage } from '../chat-channel.ts';
import type { MessagePart } from './render.ts';
import { fallbackParts, plainParts } from './render.ts';

const Card = z.object({ body: z.object({ elements: z.array(z.looseObject({ tag: z.string() })) }) });
/** In one language, whichever that is. */
const Post = z.record(z.string(), z.object({ content: z.array(z.array(z.looseObject({ tag: z.string() }))) }));

/**
 * What says the same as a part that Feishu does not take: in place of a card a post, in place of that a text. Undefined
 * where nothing is simpler. Pure, and so are the uuids.
 */
export function insteadOf(
  part: MessagePart,
  { actions = [], language }: Pick<OutgoingMessage, 'actions' | 'language'>,
): readonly MessagePart[] | undefined {
  const { messageType, content, uuid: id } = part;
  switch (messageType) {
    case 'interactive': {
      const { elements } = Card.parse(JSON.parse(content)).body;
      const text = elements.map(markdownOf).filter(Boolean).join('\n\n');
      const hasButtons = elements.some(({ tag }) => tag === 'button');
      return fallbackParts({ id, text, actions: hasButtons ? actions : [], language });
    }
    case 'post': {
      const posts = Object.values(Post.parse(JSON.parse(content)));
      const text = posts.flatMap((post) => post.content.map((line) => line.map(markdownOf).join(''))).join('\n');
      return plainParts({ id, text, actions: [], language });
    }
    default:
      return undefined;
  }
}

export function hasSimplerForm({ messageType }: MessagePart): boolean {
  return messageType === 'interactive' || messageType === 'post';
}

/** As it was before it was written for a card. */
function markdownOf(element: { readonly tag: string; readonly content?: unknown; readonly text?: unknown }): string {
  const markdown = element.tag === 'markdown' ? element.content : element.tag === 'md' ? element.text : undefined;
  return typeof markdown === 'string' ? markdown.replaceAll('&#60;', '<') : '';
}
