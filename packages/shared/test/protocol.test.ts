import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import {
  decodeNodeFrame,
  decodeRouterFrame,
  encode,
  MAX_FRAME_BYTES,
  NodeFrame,
  ProtocolError,
  RouterFrame,
} from '../src/protocol.ts';

const id = '8f6c1d0e-6a3b-4b0e-9d3c-0d4f5a6b7c8d';
const to = { user_id: 'ou_alice', chat_id: 'oc_1' };

/** Each frame with all of its fields. */
const nodeFrames: readonly NodeFrame[] = [
  {
    type: 'register',
    node_id: 'home-pc',
    display_name: '家里的电脑',
    serves_users: ['ou_alice'],
    working_dir: '/home/alice/projects',
    capabilities: ['claude_code', 'shell', 'file_ops', 'web', 'scheduler'],
    protocol: 1,
    version: '0.1.0',
    instance_id: id,
  },
  { type: 'status', sessions: [{ id: 'a1b2c3', name: 'todo_app', state: 'idle' }], tasks: 2 },
  {
    type: 'forward_response',
    id,
    reply: 'Done 🎉\u2028',
    error: '',
    actions: [{ id: 'retry', label: 'Retry', style: 'primary' }],
  },
  { type: 'task_complete', id, task_id: 't1', ...to, result: 'ok' },
  {
    type: 'message',
    id,
    ...to,
    text: 'Half done',
    actions: [{ id: 'stop', label: 'Stop', style: 'danger' }],
    replaces: 'earlier',
  },
  { type: 'file', id, ...to, name: 'report.pdf', size: 12, sha256: 'a'.repeat(64) },
  { type: 'progress', id, text: 'Reading…', step: 'run_shell' },
  { type: 'ack', id },
  { type: 'pong' },
];
const routerFrames: readonly RouterFrame[] = [
  { type: 'registered', protocol: 1, heartbeat_interval_s: 0.5, error: 'home-pc is taken' },
  {
    type: 'forward',
    id,
    ...to,
    text: 'fix the login bug',
    attachments: [{ id: 'f1', kind: 'image', name: 'a.png', size: 0 }],
    quoted: 'an earlier answer',
  },
  { type: 'action', id, ...to, message_id: 'm1', action_id: 'retry' },
  { type: 'cancel', id },
  { type: 'ack', id },
  { type: 'ping' },
];

type Side = {
  readonly name: string;
  readonly frames: readonly (NodeFrame | RouterFrame)[];
  readonly options: readonly z.ZodObject[];
  readonly decode: (text: string) => NodeFrame | RouterFrame | null;
};
const sides: readonly Side[] = [
  { name: 'a node', frames: nodeFrames, options: NodeFrame.options, decode: decodeNodeFrame },
  { name: 'the router', frames: routerFrames, options: RouterFrame.options, decode: decodeRouterFrame },
];

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

test('no frame, however mangled, does more than be refused', () => {
  const random = generator(20_260_101);
  const frames = [...nodeFrames, ...routerFrames];
  let accepted = 0;
  for (let round = 0; round < 6000; round += 1) {
    const text = mangle(frames[random(frames.length)], random);
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

function accepts(field: unknown, value: unknown): boolean {
  // Fields of the frames' own schemas.
  return (field as z.ZodType).safeParse(value).success;
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
