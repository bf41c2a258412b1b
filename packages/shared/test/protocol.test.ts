import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import type { NodeFrame } from '../src/protocol.ts';
import { decodeNodeFrame, decodeRouterFrame, encode, MAX_FRAME_BYTES, ProtocolError } from '../src/protocol.ts';
import { id, sides, to } from './fakes/frames.ts';

function typesOf(options: readonly z.ZodObject[]): unknown[] {
  return options.map((option) => Object(option.shape.type).value);
}

/** What decoding throws; fails when it does not. */
function errorOf(decode: (text: string) => unknown, frame: unknown): ProtocolError {
  const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
  try {
    decode(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    if (error instanceof ProtocolError) return error;
  }
  throw new Error(`was accepted: ${text.slice(0, 300)}`);
}

test.each(sides)('every frame that $name says arrives as it was sent', ({ frames, options, decode }) => {
  expect(frames.map((frame) => frame.type)).toEqual(typesOf(options));
  for (const frame of frames) expect(decode(encode(frame))).toEqual(frame);
});

test.each(sides)('an optional field that $name leaves out stays absent', ({ frames, options, decode }) => {
  for (const [index, { type }] of frames.entries()) {
    const required = Object.entries(options[index]?.shape ?? {}).filter(([, field]) => !accepts(field, undefined));
    const full = new Map<string, unknown>(Object.entries(frames[index] ?? {}));
    const frame = Object.fromEntries(required.map(([name]) => [name, full.get(name)]));
    expect(decode(JSON.stringify(frame))).toMatchObject({ ...frame, type });
  }
});

test.each(sides)('a type that $name may say one day is ignored, whatever else is in the frame', ({ decode }) => {
  expect(decode('{"type":"hologram","id":7}')).toBeNull();
  expect(decode('{"type":"__proto__"}')).toBeNull();
  expect(decode('{"type":""}')).toBeNull();
});

test('a frame of the other side is not understood', () => {
  expect(decodeNodeFrame(encode({ type: 'ping' }))).toBeNull();
  expect(decodeRouterFrame(encode({ type: 'pong' }))).toBeNull();
});

test('fields that a newer peer adds do no harm', () => {
  expect(decodeRouterFrame(JSON.stringify({ type: 'cancel', id, reason: { by: 'user' } }))).toEqual({
    type: 'cancel',
    id,
  });
});

const marker = 'CONTENT-THAT-NOBODY-MAY-LOG';

test.each(sides)('what $name says that is no frame is refused without quoting it', ({ decode }) => {
  const broken = [marker, `{"type":"ack","id":"${marker}`, '', 'null', '7', `"${marker}"`, `["${marker}"]`, '{}'];
  const typeless = [
    { id: marker },
    { type: null },
    { type: 7, id: marker },
    { type: { a: marker } },
    { type: [marker] },
  ];
  for (const frame of [...broken, ...typeless]) {
    expect(inspect(errorOf(decode, frame), { depth: 9 })).not.toContain('CONTENT');
  }
});

test.each(sides)(
  'each field of $name is checked, and a wrong one is named without its value',
  ({ frames, options, decode }) => {
    for (const [index, frame] of frames.entries()) {
      for (const [name, field] of Object.entries(options[index]?.shape ?? {})) {
        if (name === 'type') continue;
        const wrong = [undefined, null, 7, -1, 1.5, true, marker, [marker], { [marker]: marker }, [{ id: marker }]];
        // A task_complete without an id takes its task's.
        const refused = wrong.filter(
          (value) =>
            !accepts(field, value) && !(frame.type === 'task_complete' && name === 'id' && value === undefined),
        );
        expect(refused.length, `${frame.type}.${name}`).toBeGreaterThan(4);
        for (const value of refused) {
          const error = errorOf(decode, { ...frame, [name]: value });
          expect(error.message).toMatch(new RegExp(`^${frame.type}: ${name}(\\.|: )`));
          expect(inspect(error, { depth: 9 })).not.toContain('CONTENT');
        }
      }
    }
  },
);

test('ids, names and lists have an end', () => {
  const long = 'x'.repeat(129);
  for (const { frames, decode } of sides) {
    for (const frame of frames) {
      for (const name of Object.keys(frame).filter((field) =>
        /^(id|(node|user|chat|message|action)_id|replaces)$/.test(field),
      )) {
        errorOf(decode, { ...frame, [name]: long.repeat(2) });
        errorOf(decode, { ...frame, [name]: '' });
      }
    }
  }
  errorOf(decodeNodeFrame, { type: 'ack', id: long });
  errorOf(decodeRouterFrame, { type: 'cancel', id: long });
  const message = { type: 'message', id, ...to, text: '' };
  errorOf(decodeNodeFrame, { ...message, actions: Array.from({ length: 21 }, () => ({ id: 'a', label: 'b' })) });
  errorOf(decodeNodeFrame, { ...message, actions: [{ id: 'a', label: 'b', style: marker }] });
  errorOf(decodeNodeFrame, { type: 'register', node_id: 'a', capabilities: Array.from({ length: 101 }, () => 'x') });
  errorOf(decodeNodeFrame, { type: 'file', id, ...to, name: 'a', size: -1, sha256: 'a'.repeat(64) });
  errorOf(decodeNodeFrame, { type: 'file', id, ...to, name: 'a', size: 1, sha256: 'A'.repeat(64) });
});

test.each(['', ' ', 'a b', 'a/b', '../a', 'é', 'a\n', 'a"b', '<b>', 'x'.repeat(65)])(
  'the node_id %j is refused',
  (node_id) => {
    expect(errorOf(decodeNodeFrame, { type: 'register', node_id }).message).toMatch(/^register: node_id: /);
  },
);

test.each(['a', 'home-pc', 'Work_server.2', 'x'.repeat(64)])('the node_id %j is accepted', (node_id) => {
  expect(decodeNodeFrame(JSON.stringify({ type: 'register', node_id }))).toMatchObject({ node_id });
});

test('a frame is sent up to the limit, in bytes, and refused beyond it', () => {
  const frameOf = (text: string): NodeFrame => ({ type: 'progress', id, text });
  const rest = Buffer.byteLength(encode(frameOf('')));
  const ascii = 'x'.repeat(MAX_FRAME_BYTES - rest);
  expect(Buffer.byteLength(encode(frameOf(ascii)))).toBe(MAX_FRAME_BYTES);
  expect(() => encode(frameOf(`${ascii}x`))).toThrow(ProtocolError);
  const chinese = '家'.repeat(Math.floor((MAX_FRAME_BYTES - rest) / 3));
  expect(Buffer.byteLength(encode(frameOf(chinese)))).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  expect(() => encode(frameOf(`${chinese}家`))).toThrow(/^the progress frame is larger than 1048576 bytes$/);
});

test('a peer that knows only the first fields of each frame is understood', () => {
  const register = {
    type: 'register',
    node_id: 'home-pc',
    serves_users: ['ou_alice'],
    working_dir: 'C:/Users/me/projects',
    capabilities: ['claude_code', 'shell'],
    display_name: '',
  };
  const decoded = decodeNodeFrame(JSON.stringify(register));
  expect(decoded).toEqual({ ...register, version: '', instance_id: '' });
  const response = { type: 'forward_response', id, reply: 'hi', error: '' };
  expect(decodeNodeFrame(JSON.stringify(response))).toEqual(response);
  const complete = { type: 'task_complete', task_id: 't1', ...to, result: 'ok' };
  expect(decodeNodeFrame(JSON.stringify(complete))).toEqual({ ...complete, id: 't1' });
  const forward = { type: 'forward', id, ...to, text: 'hi' };
  expect(decodeRouterFrame(JSON.stringify(forward))).toEqual(forward);
  expect(decodeRouterFrame('{"type":"ping"}')).toEqual({ type: 'ping' });
  expect(decodeNodeFrame('{"type":"pong"}')).toEqual({ type: 'pong' });
});

function accepts(field: unknown, value: unknown): boolean {
  // Fields of the frames' own schemas.
  return (field as z.ZodType).safeParse(value).success;
}
