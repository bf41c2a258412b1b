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
