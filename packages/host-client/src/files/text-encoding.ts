import { withoutCutBeginning } from '../texts/utf8.ts';

/** Said by the first bytes of a file. */
export type ByteOrderMark = 'utf-16le' | 'utf-16be';

export function readMark(beginning: Buffer): ByteOrderMark | undefined {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le';
  if (beginning[0] === 0xfe && beginning[1] === 0xff) return 'utf-16be';
  return undefined;
}

/**
 * A part of a file as text; undefined when it is none. A character that is cut at either end is left out. What is no
 * UTF-8 is taken for GB18030 (the encoding of older Chinese files) where it is valid as that.
 */
export function decodeText(bytes: Buffer, mark: ByteOrderMark | undefined): string | undefined {
  const text = mark === undefined ? decodeUnmarked(bytes) : decode(mark, bytes, false)?.replace(/^\ufffd/, '');
  return text !== undefined && isMostlyText(text) ? text : undefined;
}

function decodeUnmarked(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  const whole = withoutCutBeginning(bytes);
  return decode('utf-8', whole, true) ?? decode('gb18030', bytes, true) ?? decode('utf-8', whole, false);
}

function decode(encoding: string, bytes: Buffer, fatal: boolean): string | undefined {
  try {
    // As a stream, so that a character that is cut at the end is waited for, not replaced.
    return new TextDecoder(encoding, { fatal }).decode(bytes, { stream: true });
  } catch {
    // The only way that TextDecoder has to say so.
    return undefined;
  }
}

function isMostlyText(text: string): boolean {
  let strange = 0;
  for (let index = 0; index < text.length; index++) if (isStrange(text.charCodeAt(index))) strange += 1;
  return strange <= text.length / 10;
}

/** Replacement characters, and controls other than white space, backspace and escape. */
function isStrange(code: number): boolean {
  return code === 0xfffd || code < 0x08 || (code > 0x0d && code < 0x20 && code !== 0x1b);
}
