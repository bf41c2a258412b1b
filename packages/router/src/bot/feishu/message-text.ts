import * as z from 'zod';
import { readCard } from './card-text.ts';
import { readPost } from './post.ts';

const TextContent = z.object({ text: z.string() });

/** The words of a message of this type, mentions as their keys; null where there is nothing to read. */
export function readMessageText(messageType: string, content: unknown): string | null {
  switch (messageType) {
    case 'text':
      return TextContent.safeParse(content).data?.text ?? null;
    case 'post':
      return readPost(content);
    case 'interactive':
      return readCard(content);
    default:
      return null;
  }
}

/** Undefined for what is no JSON: of a message that was taken back, the content is none. */
export function parseContent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Content that can't be read has no words and no files.
    return undefined;
  }
}
