import { expect, test } from 'vitest';
import { MessagesApi } from '../src/messages-api.ts';
import { waitFor } from '../src/wait.ts';

type Ask = { readonly stream?: boolean; readonly tools?: readonly unknown[]; readonly path?: string };

async function ask(api: MessagesApi, { stream = true, tools = [{ name: 'Bash' }], path = '/v1/messages' }: Ask = {}) {
  return await fetch(`${api.url}${path}?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-opus', stream, tools, messages: [{ role: 'user', content: 'hi' }] }),
  });
}

async function eventsOf(response: Response) {
  const parts = (await response.text()).split('\n\n').filter((part) => part !== '');
  return parts.map((part) => {
    const [name = '', data = ''] = part.split('\n');
    const event = JSON.parse(data.slice('data: '.length));
    expect(name).toBe(`event: ${event.type}`);
    return event;
  });
}

test('a text is streamed in pieces between the start and the end of its block', async () => {
  await using api = await MessagesApi.start();
  api.enqueue({ text: 'Hello you', chunkSize: 5 });
  const events = await eventsOf(await ask(api));
  expect(events.map(({ type }) => type)).toEqual([
    ...['message_start', 'ping', 'content_block_start', 'content_block_delta', 'content_block_delta'],
    ...['content_block_stop', 'message_delta', 'message_stop'],
  ]);
  expect(events.flatMap(({ delta }) => delta?.text ?? [])).toEqual(['Hello', ' you']);
  expect(events.at(-2).delta.stop_reason).toBe('end_turn');
});

test('tools come after the text, each in a block with an id of its own', async () => {
  await using api = await MessagesApi.start();
  const toolUses = [1, 2].map((number) => ({ name: 'Bash', input: { command: `echo ${number}` } }));
  api.enqueue({ text: 'Now', toolUses });
  const events = await eventsOf(await ask(api));
  const blocks = events.flatMap(({ content_block: block }) => block ?? []);
  expect(blocks.map(({ type, name, input }) => [type, name, input])).toEqual([
    ['text', undefined, undefined],
    ['tool_use', 'Bash', {}],
    ['tool_use', 'Bash', {}],
  ]);
  expect(new Set(blocks.map(({ id }) => id)).size).toBe(3);
  const json = events.flatMap(({ index, delta }) => (index === 2 ? (delta?.partial_json ?? []) : [])).join('');
  expect(JSON.parse(json)).toEqual({ command: 'echo 2' });
  expect(events.at(-2).delta.stop_reason).toBe('tool_use');
});

test('who does not ask for a stream gets one body', async () => {
  await using api = await MessagesApi.start({ brain: ({ body }) => `${body.model} here` });
  expect(await (await ask(api, { stream: false })).json()).toMatchObject({
    role: 'assistant',
    content: [{ type: 'text', text: 'claude-opus here' }],
    stop_reason: 'end_turn',
  });
});

test('token counts and requests without tools do not use up the script', async () => {
  await using api = await MessagesApi.start();
  api.enqueue('for the conversation');
  expect(await (await ask(api, { path: '/v1/messages/count_tokens' })).json()).toEqual({ input_tokens: 10 });
  expect(await (await ask(api, { tools: [], stream: false })).text()).not.toContain('for the conversation');
  expect(api.requests).toEqual([]);
  expect(await (await ask(api)).text()).toContain('for the');
  expect(api.requests).toHaveLength(1);
});

test('faults go out with their headers, and in the words of the API', async () => {
  await using api = await MessagesApi.start();
  api.enqueue({ status: 429, headers: { 'retry-after': '7' } }, { status: 529 });
  const limited = await ask(api);
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
  expect(await limited.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  expect(await (await ask(api)).json()).toMatchObject({ error: { type: 'overloaded_error' } });
  expect((await ask(api)).status).toBe(400);
});

test('who hangs up in a slow stream is remembered', async () => {
  await using api = await MessagesApi.start();
  api.enqueue({ text: 'Half', ending: 'hang' });
  const response = await ask(api);
  await response.body?.cancel();
  await waitFor(() => api.requests[0]?.hungUp);
});

test('a stream that tears breaks the body off', async () => {
  await using api = await MessagesApi.start();
  api.enqueue({ text: 'Half', ending: 'cut' });
  await expect((await ask(api)).text()).rejects.toThrow();
});
