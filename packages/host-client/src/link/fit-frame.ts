import type { NodeFrame } from '@phonework/shared/protocol';
import { MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import { texts } from '../texts.ts';

/** Room for a frame's other fields. */
const MAX_TEXT_BYTES = MAX_FRAME_BYTES - 64 * 1024;

/** The frame as it is, or, when its text is too large for one, with the text's middle left out and that said. */
export function fitFrame<T extends NodeFrame>(frame: T): T {
  switch (frame.type) {
    case 'forward_response':
      return { ...frame, reply: fitText(frame.reply), error: fitText(frame.error) };
    case 'progress':
    case 'message':
      return { ...frame, text: fitText(frame.text) };
    case 'task_complete':
      return { ...frame, result: fitText(frame.result) };
    default:
      return frame;
  }
}

function fitText(text: string): string {
  let kept = text.length;
  let fitted = text;
  // In JSON a character takes up to six bytes: count what is really sent.
  while (kept * 6 > MAX_TEXT_BYTES / 2 && Buffer.byteLength(JSON.stringify(fitted)) > MAX_TEXT_BYTES / 2) {
    kept = Math.floor(kept * 0.7);
    const head = text.slice(0, Math.ceil(kept / 2)).toWellFormed();
    const tail = text.slice(text.length - Math.floor(kept / 2)).toWellFormed();
    fitted = head + texts.cut(text.length - kept) + tail;
  }
  return fitted;
}
