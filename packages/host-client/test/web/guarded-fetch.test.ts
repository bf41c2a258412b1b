import { expect, test } from 'vitest';
import { guardedFetch } from '../../src/web/guarded-fetch.ts';

test('the key goes to the origin of the service and to no other, whoever asks', async () => {
  const sent: string[] = [];
  const guarded = guardedFetch({
    url: new URL('https://metaso.example/api/mcp'),
    apiKey: 'mk-0123456789',
    maxBytes: 1000,
    maxRequests: 10,
    signal: new AbortController().signal,
    onFault: () => {},
    fetch: (target, init) => {
      sent.push(`${target} ${new Headers(init?.headers).get('authorization')}`);
      return Promise.resolve(new Response('{}'));
    },
  });
  for (const target of [
    'https://evil.example/api/mcp',
    'https://metaso.example.evil.example/',
    'https://metaso.example:8443/api/mcp',
    'http://metaso.example/api/mcp',
  ]) {
    await expect(guarded(target, { method: 'POST' })).rejects.toMatchObject({ code: 'moved' });
  }
  await guarded('https://metaso.example/api/mcp/', { method: 'POST' });
  expect(sent).toEqual(['https://metaso.example/api/mcp/ Bearer mk-0123456789']);
});

test.each([
  ['one object of very many members', `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
  ['a list of very many', `[${'{},'.repeat(50_000)}1]`],
  ['very many events behind lines with a quote', `: "\ndata: {"a":[]}\n\n`.repeat(20_000)],
])('an answer with %s is dropped before anybody reads it', async (_, answer) => {
  const faults: string[] = [];
  const guarded = guard(answer, (code) => faults.push(code));
  const response = await guarded('https://metaso.example/api/mcp', { method: 'POST' });
  await expect(response.text()).rejects.toMatchObject({ code: 'too_large' });
  expect(faults).toEqual(['too_large']);
});

test('a long page is no such answer, whatever stands in its text', async () => {
  const answer = JSON.stringify({ text: '{"a": [1, 2, "x\\"]},\n'.repeat(10_000) });
  const response = await guard(answer)('https://metaso.example/api/mcp', { method: 'POST' });
  expect(await response.text()).toBe(answer);
});

function guard(answer: string, onFault: (code: string) => void = () => {}): ReturnType<typeof guardedFetch> {
  return guardedFetch({
    url: new URL('https://metaso.example/api/mcp'),
    apiKey: 'mk-0123456789',
    maxBytes: 1_000_000,
    maxRequests: 10,
    signal: new AbortController().signal,
    onFault: ({ code }) => onFault(code),
    fetch: () => Promise.resolve(new Response(answer)),
  });
}
