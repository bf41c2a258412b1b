import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { expectThat } from './door.ts';
import type { KnownFields } from './from-schema.ts';
import { fromSchema } from './from-schema.ts';
import type { Closing } from './peer.ts';
import { jsonOf, mutated, strangeText } from './strange.ts';

/** What goes out as one WebSocket message: a text, or bytes in a binary one. */
export type Frame = string | Uint8Array;

const MAX_FRAME_BYTES = 1024 * 1024;

/** Frames of these schemas: valid ones, ones with something wrong in them, and what are no frames at all. */
export function framesOf(schemas: readonly unknown[], known: KnownFields): Arbitrary<Frame> {
  const valid = fc.oneof(...schemas.map((schema) => fromSchema(schema, known)));
  return fc.oneof(
    { weight: 60, arbitrary: jsonOf(mutated(valid)) },
    { weight: 20, arbitrary: valid.map((frame) => JSON.stringify(frame)) },
    { weight: 6, arbitrary: strangeText },
    { weight: 6, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.tuple(jsonOf(valid), fc.integer({ min: -2, max: 2 })).map(big) },
  );
}

/** A frame of about the most bytes that there may be. */
function big([text, more]: readonly [string, number]): string {
  const missing = MAX_FRAME_BYTES - Buffer.byteLength(text) + more;
  return text.endsWith('}') && missing > 0 ? text.slice(0, -1) + ' '.repeat(missing) + text.slice(-1) : text;
}

/** How a frame is answered: it is taken, or the socket closed with one of these codes. */
export type Verdict = 'taken' | readonly number[];

export function isTooBig(frame: Frame, maxBytes = MAX_FRAME_BYTES): boolean {
  return Buffer.byteLength(frame) > maxBytes;
}

/** Throws unless the socket was closed, or not, as the verdict says; always with a reason that a person can read. */
export function checkClosing(closing: Closing | undefined, verdict: Verdict): void {
  const found = closing === undefined ? 'open' : `closed with ${closing.code} "${closing.reason}"`;
  if (verdict === 'taken') {
    expectThat(closing === undefined, `a good frame: ${found}`);
    return;
  }
  expectThat(closing !== undefined && verdict.includes(closing.code), `wanted ${verdict.join(' or ')}: ${found}`);
  // The library itself closes for what is too big, without a word.
  expectThat(closing.code === 1009 || /\p{L}{4}/u.test(closing.reason), `no reason: ${found}`);
}
