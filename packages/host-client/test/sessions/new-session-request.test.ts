import { expect, test } from 'vitest';
import { parseNewSession } from '../../src/sessions/new-session-request.ts';

test.each([
  ['', {}],
  ['demo', { path: 'demo' }],
  ['demo: create hello.txt with hi', { path: 'demo', prompt: 'create hello.txt with hi' }],
  ['demo:do it', { path: 'demo', prompt: 'do it' }],
  ['demo：你好', { path: 'demo', prompt: '你好' }],
  ['a/b --timeout 120: fix: the bug', { path: 'a/b', timeoutS: 120, prompt: 'fix: the bug' }],
  ['--timeout 120 a/b', { path: 'a/b', timeoutS: 120 }],
  ['demo --timeout=90:go', { path: 'demo', timeoutS: 90, prompt: 'go' }],
  ['demo —timeout 120: go', { path: 'demo', timeoutS: 120, prompt: 'go' }],
  ['--timeout 5', { timeoutS: 5 }],
  ['"my app": x', { path: 'my app', prompt: 'x' }],
  ['“my: app”: x', { path: 'my: app', prompt: 'x' }],
  ["'--timeout': x", { path: '--timeout', prompt: 'x' }],
  [': hi', { prompt: 'hi' }],
  [String.raw`C:\x\y: go`, { path: String.raw`C:\x\y`, prompt: 'go' }],
  ['C:/x/y', { path: 'C:/x/y' }],
  ['~/app : go', { path: '~/app', prompt: 'go' }],
  ['demo:', { path: 'demo' }],
  ['demo: \n ', { path: 'demo' }],
] as const)('/new %s', (argument, request) => {
  expect(parseNewSession(argument)).toEqual(request);
});

test('a prompt is kept as it was written, but for one space before it', () => {
  const prompt = '  first line\r\n\n\t"second": --timeout 3\u3000\n';
  expect(parseNewSession(`demo: ${prompt}`)).toEqual({ path: 'demo', prompt });
  expect(parseNewSession(`demo:\n${prompt}`)).toEqual({ path: 'demo', prompt: `\n${prompt}` });
});

test.each([
  ['demo --timeout soon: x', '"soon"'],
  ['demo --timeout 0', '"0"'],
  ['demo --timeout -5', '"-5"'],
  ['demo --timeout 1.5', '"1.5"'],
  ['demo --timeout 999999', '"999999"'],
  ['demo --timeout', 'whole seconds'],
  ['demo --timeout: x', 'whole seconds'],
  ['demo --fast: x', '--fast'],
  ['"my app: x', 'never closed'],
  ['""', 'empty'],
  ['fix the bug', '/new fix: do this'],
  ['please look into the thing that we talked about last week: now', '/new name: what to do'],
] as const)('/new %s is answered with how to write it', (argument, hint) => {
  const request = parseNewSession(argument);
  expect(request).toEqual({ usage: { en: expect.stringContaining(hint), zh: expect.stringContaining('/new ') } });
});

test('a long line costs nothing', () => {
  const began = performance.now();
  for (const part of ['"', 'a ', ' ', '--timeout 1 ', ':']) parseNewSession(part.repeat(100_000));
  expect(performance.now() - began).toBeLessThan(500);
});
