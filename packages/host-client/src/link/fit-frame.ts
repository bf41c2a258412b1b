import type { NodeFrame } from '@phonework/shared/protocol';
import { MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import { cutMiddle } from '../texts/cut.ts';
import { texts } from '../texts.ts';

/** For each text of a frame: two fit, with room for the frame's other fields. */
const MAX_TEXT_BYTES = (MAX_FRAME_BYTES - 64 * 1024) / 2;

/**
 * The frame as it is, or, when its text is too large for one, with the text's middle left out and that said. Its texts
 * go through `redact` first.
 */
export function fitFrame<T extends NodeFrame>(frame: T, redact = (text: string) => text): T {
  const fit = (text: string) => fitText(redact(text));
  switch (frame.type) {
    case 'forward_response':
      return { ...frame, reply: fit(frame.reply), error: fit(frame.error) };
    case 'progress':
    case 'message':
      return { ...frame, text: fit(frame.text) };
    case 'task_complete':
      return { ...frame, result: fit(frame.result) };
    default:
      return frame;
  }
}

function fitText(text: string): string {
  // In JSON a character takes one to six bytes.
  if (text.length * 6 <= MAX_TEXT_BYTES) return text;
  let kept = Math.min(text.length, MAX_TEXT_BYTES);
  let fitted = cutMiddle(text, kept, texts.cut);
  for (let bytes = jsonBytes(fitted); bytes > MAX_TEXT_BYTES; bytes = jsonBytes(fitted)) {
    // Not quite in proportion: the words in the gap count too.
    kept = Math.floor((kept * MAX_TEXT_BYTES * 0.95) / bytes);
    fitted = cutMiddle(text, kept, texts.cut);
  }
  return fitted;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
