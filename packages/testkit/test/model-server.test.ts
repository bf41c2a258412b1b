import { expect, test } from 'vitest';
import type { ModelReply } from '../src/model-server.ts';
import { ModelServer } from '../src/model-server.ts';

async function ask(server: ModelServer, stream: boolean, content = 'hi'): Promise<Response> {
  return await fetch(new URL('chat/completions', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'glm-4.7', stream, messages: [{ role: 'user', content }] }),
  });
}

async function events(response: Response): Promise<string[]> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line) => line.slice('data: '.length));
}

test('the base URL ends in /v1/', async () => {
  await using server = await ModelServer.start();
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/$/);
});

test('a text is streamed in pieces and ends in a reason, token counts and [DONE]', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ text: 'Hello you', chunkSize: 5, usage: true });
  const response = await ask(server, true);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const all = await events(response);
  expect(all.at(-1)).toBe('[DONE]');
  const chunks = all.slice(0, -1).map((event) => JSON.parse(event));
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content).filter(Boolean)).toEqual(['Hello', ' you']);
  expect(chunks.at(-2).choices[0].finish_reason).toBe('stop');
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 15 } });
});

test('tool calls are streamed with their arguments split, and leave out what the script leaves out', async () => {
  await using server = await ModelServer.start();
  server.enqueue({
    toolCalls: [
      { name: 'a', arguments: { x: 1 } },
      { name: 'b', id: null, index: null },
    ],
    chunkSize: 4,
  });
  const all = await events(await ask(server, true));
  const deltas = all.slice(0, -1).flatMap((event) => JSON.parse(event).choices[0].delta.tool_calls ?? []);
  expect(deltas).toEqual([
    { index: 0, id: 'call_1', type: 'function', function: { name: 'a', arguments: '' } },
    { index: 0, function: { arguments: '{"x"' } },
    { index: 0, function: { arguments: ':1}' } },
    { type: 'function', function: { name: 'b' } },
  ]);
});

test('who does not ask for a stream gets one body', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ text: 'Hello', toolCalls: [{ name: 'a', arguments: { x: 1 } }] });
  const body: unknown = await (await ask(server, false)).json();
  expect(body).toMatchObject({
    choices: [
      {
        message: {
          content: 'Hello',
          tool_calls: [{ id: 'call_1', function: { name: 'a', arguments: '{"x":1}' } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
  });
});

test('the script goes first, then the brain, then an error that says the script ran out', async () => {
  await using server = await ModelServer.start({ brain: ({ body }) => `you said ${body.messages[0]?.content}` });
  server.enqueue('first');
  expect(await (await ask(server, false)).text()).toContain('first');
  expect(await (await ask(server, false, 'ping')).text()).toContain('you said ping');
  await using empty = await ModelServer.start();
  const response = await ask(empty, true);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('script of the model server ran out');
});

test('faults go out as they are scripted', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ status: 429, body: { error: { code: '1113' } }, headers: { 'retry-after': '7' } });
  const limited = await ask(server, true);
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
  expect(await limited.json()).toEqual({ error: { code: '1113' } });
  server.enqueue({ status: 503, body: '<html>' });
  expect((await ask(server, true)).headers.get('content-type')).toContain('text/html');
});

test.each<[string, ModelReply]>([
  ['a connection that tears', { text: 'Half', ending: 'cut' }],
  ['a server that closes while it hangs', { text: 'Half', ending: 'hang' }],
])('%s breaks the body off', async (_, reply) => {
  await using server = await ModelServer.start();
  server.enqueue(reply);
  const response = await ask(server, true);
  const body = response.text();
  await Promise.all([
    expect(body).rejects.toThrow(),
    typeof reply === 'object' && 'ending' in reply && reply.ending === 'hang' ? server.close() : undefined,
  ]);
});

test('closing twice is fine, also while a request is unanswered', async () => {
  const server = await ModelServer.start({ brain: () => ({ silence: true }) });
  const unanswered = ask(server, true);
  const closed = (async () => {
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    await server.close();
  })();
  await expect(unanswered).rejects.toThrow();
  await closed;
  expect(server.requests[0]).toMatchObject({ body: { model: 'glm-4.7' }, hungUp: true });
});
