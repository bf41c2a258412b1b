import { expect, test } from 'vitest';
import type { NodeFrame } from '../src/protocol.ts';
import { decodeNodeFrame, encode, MAX_FRAME_BYTES, MAX_SESSIONS, ProtocolError } from '../src/protocol.ts';
import { id, sides } from './fakes/frames.ts';

/** Of a type that nobody knows, so that nothing but the number of its parts can be wrong with it. */
function frameOf(parts: string): string {
  return `{"type":"hologram","levels":${parts}}`;
}

function repeated(part: string, times: number): string {
  return Array(times).fill(part).join(',');
}

function numbered(times: number, toPart: (index: number) => string): string {
  return Array.from({ length: times }, (_, index) => toPart(index)).join(',');
}

const laborious = {
  'arrays in arrays': `[${repeated(`${'['.repeat(200)}${']'.repeat(200)}`, 1000)}]`,
  'one array in the other': `${'['.repeat(400_000)}${']'.repeat(400_000)}`,
  'empty objects': `[${repeated('{}', 300_000)}]`,
  'empty texts': `[${repeated('""', 300_000)}]`,
  'the same field': `{${repeated('"a":0', 30_000)}}`,
  'ever new fields': `{${numbered(70_000, (index) => `"f${index}":0`)}}`,
  'objects of ever new fields': `[${numbered(6000, (index) => `{"a${index}":0,"b${index}":0,"c${index}":0}`)}]`,
  // Where a text ends has to be seen in spite of what stands in it.
  'arrays behind a text of backslashes': `["${'\\\\'.repeat(100)}",${repeated('[]', 300_000)}]`,
  'arrays behind a text of quotes': `["${'\\"'.repeat(101)}",${repeated('[]', 300_000)}]`,
} as const;

test.each(Object.entries(laborious))('a frame that is full of %s is refused before it is parsed', (_what, parts) => {
  const text = frameOf(parts);
  expect(JSON.parse(text)).toHaveProperty('type', 'hologram');
  expect(text.length).toBeLessThan(MAX_FRAME_BYTES);
  for (const { decode } of sides) {
    expect(() => decode(text)).toThrow(new ProtocolError('a frame has too many parts'));
  }
});

test.each(['[{},', ':"a"', '"', '\\"', '\\', '"\\\\",['])('a text may be full of %j', (piece) => {
  const text = piece.repeat(300_000 / piece.length);
  const frame: NodeFrame = { type: 'progress', id, text };
  expect(decodeNodeFrame(encode(frame))).toEqual(frame);
});

test.each<NodeFrame>([
  { type: 'status', sessions: Array.from({ length: MAX_SESSIONS }, sessionOf), tasks: 0 },
  {
    type: 'register',
    node_id: 'home-pc',
    display_name: '',
    serves_users: Array.from({ length: 10_000 }, (_, index) => `ou_${String(index).padStart(32, '0')}`),
    working_dir: '',
    capabilities: [],
    version: '',
    instance_id: '',
  },
])('a $type of as many parts as it may have is no such frame', (frame) => {
  expect(decodeNodeFrame(encode(frame))).toEqual(frame);
});

test.each(['"', '\\"', '"\\'])('%j without an end is refused like any other text that is no frame', (piece) => {
  const text = piece.repeat(Math.floor(MAX_FRAME_BYTES / piece.length));
  for (const { decode } of sides) expect(() => decode(text)).toThrow(new ProtocolError('a frame is not JSON'));
});

function sessionOf(_: unknown, index: number) {
  return { id: `s${index}`, name: `the session with the number ${index}`, state: 'idle' };
}
