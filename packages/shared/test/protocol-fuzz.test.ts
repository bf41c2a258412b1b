import { expect, test } from 'vitest';
import type { NodeFrame, RouterFrame } from '../src/protocol.ts';
import { encode, ProtocolError } from '../src/protocol.ts';
import type { Side } from './fakes/frames.ts';
import { sides } from './fakes/frames.ts';

test('no frame, however mangled, does more than be refused', () => {
  const random = generator(20_260_101);
  const all = sides.flatMap(({ frames }) => frames);
  let accepted = 0;
  for (let round = 0; round < 6000; round += 1) {
    const text = mangle(all[random(all.length)], random);
    for (const { decode } of sides) {
      const frame = decodeOrRefuse(decode, text);
      if (frame === null) continue;
      accepted += 1;
      expect(decode(encode(frame))).toEqual(frame);
    }
  }
  // Mutations that break everything would prove little.
  expect(accepted).toBeGreaterThan(500);
});

function decodeOrRefuse(decode: Side['decode'], text: string): NodeFrame | RouterFrame | null {
  try {
    return decode(text);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw new Error(`not refused but broken by ${text.slice(0, 300)}`, { cause: error });
  }
}

type Random = (below: number) => number;

/** Whole numbers below a limit, the same ones for a seed (mulberry32). */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const strangeValues: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, 1.5, 2 ** 53, '', 'x', '\ud800', '\u0000', 'x'.repeat(500), [], {}, [[]], [null]],
  ...['__proto__', 'constructor', { type: 'ack' }, { toString: 1 }, { length: -1 }, [{ id: 'a', label: 'b' }]],
];

/** The frame's text with one to three things wrong in its structure, or in its text. */
function mangle(frame: unknown, random: Random): string {
  const copy: unknown = structuredClone(frame);
  for (let left = 1 + random(3); left > 0; left -= 1) mutate(copy, random);
  const text = JSON.stringify(copy);
  const at = random(text.length);
  switch (random(12)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return `${text.slice(0, at)}${String.fromCharCode(random(256))}${text.slice(at + 1)}`;
    case 2:
      return text.replace('{', '{"__proto__":{"id":"a","type":"ack"},');
    case 3:
      return text.replace('{', `{"type":${JSON.stringify(strangeValues[random(strangeValues.length)])},`);
    case 4:
      return text.replace(/"[^"]*"(?=[,}\]])/, `${'['.repeat(5000)}${']'.repeat(5000)}`);
    default:
      return text;
  }
}

function mutate(value: unknown, random: Random): void {
  if (typeof value !== 'object' || value === null) return;
  const names = Object.keys(value);
  const name = names[random(names.length + 1)] ?? 'added';
  const child: unknown = Reflect.get(value, name);
  if (typeof child === 'object' && random(2) === 0) mutate(child, random);
  else if (random(4) === 0) Reflect.deleteProperty(value, name);
  else Reflect.set(value, name, structuredClone(strangeValues[random(strangeValues.length)]));
}
