import type { ForwardResponse } from '@phonework/shared/protocol';
import { decodeNodeFrame, encode, MAX_FRAME_BYTES } from '@phonework/shared/protocol';
import { expect, test } from 'vitest';
import { fitFrame } from '../../src/link/fit-frame.ts';

const response = (reply: string, error = ''): ForwardResponse => ({
  type: 'forward_response',
  id: 'x'.repeat(128),
  reply,
  error,
});

test('a frame that fits is sent as it is', () => {
  const frame = response('Done.', 'a warning');
  expect(fitFrame(frame)).toEqual(frame);
  const large = response('x'.repeat(400_000));
  expect(fitFrame(large)).toEqual(large);
  const progress = { type: 'progress', id: 'p', text: 'Reading…', step: 'run_shell' } as const;
  expect(fitFrame(progress)).toEqual(progress);
});

test.each([
  ['letters', 'x'],
  ['Chinese', '家'],
  ['emoji, each of two halves', '🎉'],
  ['control characters, which JSON writes as six', '\u0001'],
  ['halves of characters', '\ud83c'],
  ['quotes', '"'],
])('a text of any size fits a frame (%s), keeps both its ends and says how much is left out', (_, character) => {
  for (const size of [500_000, 1_000_003, 8_000_000]) {
    const text = `BEGIN${character.repeat(size / character.length)}END`;
    const frame = fitFrame(response(text, text));
    const encoded = encode(frame);
    expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(decodeNodeFrame(encoded)).toEqual(frame);
    for (const fitted of [frame.reply, frame.error]) {
      expect(fitted.startsWith('BEGIN')).toBe(true);
      expect(fitted.endsWith('END')).toBe(true);
      if (fitted === text) continue;
      const [, leftOut] = /\[… (\d+) characters left out …\]/.exec(fitted) ?? [];
      expect(Number(leftOut)).toBeGreaterThan(0);
      const [head = '', tail = ''] = fitted.split(/\n\n\[… \d+ characters left out …\]\n\n/);
      expect(head.length + tail.length + Number(leftOut)).toBe(text.length);
    }
  }
});

test.each([
  ['x', 1],
  ['\n', 2],
  ['"', 2],
  ['é', 2],
  ['家', 3],
  ['🎉', 4],
  ['\u001b', 6],
])('no more of a text of %j is left out than has to be', (character, bytes) => {
  const { reply } = fitFrame(response(character.repeat(1_000_000)));
  expect((reply.length / character.length) * bytes).toBeGreaterThan(490_000);
});

test('progress is cut as well, and no half of a character is sent', () => {
  const frame = fitFrame({ type: 'progress', id: 'p', text: `a${'🎉'.repeat(2_000_000)}` });
  expect(Buffer.byteLength(encode(frame))).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  expect(frame.text.isWellFormed()).toBe(true);
});

test('secrets are taken out of what goes to a chat, whatever kind of frame it is', () => {
  const redact = (text: string) => text.replaceAll('sk-0123456789', '[redacted]');
  const to = { id: 'm', user_id: 'ou_alice', chat_id: 'chat' };
  const frames = [
    response('it is sk-0123456789', 'sk-0123456789 is refused'),
    { type: 'message', ...to, text: 'sk-0123456789' } as const,
    { type: 'task_complete', ...to, task_id: 't', result: 'key: sk-0123456789' } as const,
    { type: 'progress', id: 'p', text: 'sk-0123456789' } as const,
  ];
  const sent = frames.map((frame) => encode(fitFrame(frame, redact))).join();
  expect(sent).not.toContain('sk-0123456789');
  expect(sent.match(/\[redacted\]/g)).toHaveLength(5);
});
