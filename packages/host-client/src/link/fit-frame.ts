import type { NodeFrame } from '@phonework/shared/protocol';
import { MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import { cutMiddle } from '../texts/cut.ts';
import { texts } from '../texts.ts';

/** For each text of a frame: two fit, with room for the frame's other fields. */
const MAX_TEXT_BYTES = (MAX_FRAME_BYTES - 64 * 1024) / 2;

const BACKSPACE = 8;
const VERTICAL_TAB = 11;
const CARRIAGE_RETURN = 13;
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);

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
  // Half a pair is written as six, and a whole one in UTF-8.
  const surrogateBytes = text.isWellFormed() ? 2 : 6;
  let kept = 0;
  for (let bytes = 0; kept < text.length; kept += 1) {
    // From both ends in turn, as the middle is what goes.
    const at = kept % 2 === 0 ? kept / 2 : text.length - (kept + 1) / 2;
    bytes += jsonBytes(text.charCodeAt(at), surrogateBytes);
    if (bytes > MAX_TEXT_BYTES) break;
  }
  return cutMiddle(text, kept, texts.cut);
}

/** What a UTF-16 unit of a string takes in JSON. */
function jsonBytes(unit: number, surrogateBytes: number): number {
  if (unit < 0x20) return unit >= BACKSPACE && unit <= CARRIAGE_RETURN && unit !== VERTICAL_TAB ? 2 : 6;
  if (unit < 0x80) return unit === QUOTE || unit === BACKSLASH ? 2 : 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? surrogateBytes : 3;
}
