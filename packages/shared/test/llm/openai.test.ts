import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { ModelReply } from '../../../testkit/src/model-server.ts';
import { ModelServer } from '../../../testkit/src/model-server.ts';
import { waitFor } from '../../../testkit/src/wait.ts';
import type { ChatMessage, ChatModelErrorCode, ToolSpec } from '../../src/llm/llm.ts';
import { ChatModelError } from '../../src/llm/llm.ts';
import type { OpenAiTimings } from '../../src/llm/openai.ts';
import { openaiChatModel } from '../../src/llm/openai.ts';

const apiKey = 'sk-secret-key-0123456789';
const quick: OpenAiTimings = { retryBaseMs: 1 };
const hello: readonly ChatMessage[] = [{ role: 'user', content: 'hello' }];
const runShell: ToolSpec = {
  name: 'run_shell',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { command: { type: 'string' } } },
};

function modelAt(baseUrl: string, timings = quick) {
  return openaiChatModel({ baseUrl, apiKey, model: 'glm-4.7', logger: pino({ level: 'silent' }), timings });
}

async function complete(server: ModelServer, ...replies: readonly ModelReply[]) {
  server.enqueue(...replies);
  return await modelAt(server.url).complete({ messages: hello, tools: [runShell] });
}

async function failure(promise: Promise<unknown>): Promise<ChatModelError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ChatModelError) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}

test('an answer is shown as it grows, the whole text each time', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ text: 'A generator yields.', chunkSize: 7, usage: true, reasoning: 'hm' });
  const shown: string[] = [];
  const completion = await modelAt(server.url).complete({ messages: hello }, { onText: (text) => shown.push(text) });
  expect(shown).toEqual(['A gener', 'A generator yi', 'A generator yields.']);
  expect(completion).toEqual({ text: 'A generator yields.', toolCalls: [], finish: 'stop' });
});

test('an answer that is there at once is read in several turns, and others have theirs in between', async () => {
  const chunk = (text: string, end?: string) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: text }, finish_reason: end ?? null }] })}\n\n`;
  const body = `${chunk('word ').repeat(9)}${chunk('end', 'stop')}data: [DONE]\n\n`;
  await using server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let turn = 0;
  const counting = setInterval(() => (turn += 1), 1);
  const shownIn = new Set<number>();
  const onText = () => {
    shownIn.add(turn);
    const end = performance.now() + 8;
    while (performance.now() < end);
  };
  // It listens on TCP, so this is no pipe's name.
  const { port } = server.address() as AddressInfo;
  const answer = await modelAt(`http://127.0.0.1:${port}/v1`).complete({ messages: hello }, { onText });
  clearInterval(counting);
  expect(answer.text).toBe(`${'word '.repeat(9)}end`);
  expect(shownIn.size).toBeGreaterThan(4);
});

test('the request carries key, model, tools and temperature, and asks for a stream', async () => {
  await using server = await ModelServer.start({ brain: () => 'ok' });
  await modelAt(server.url).complete({ messages: hello, tools: [runShell], temperature: 0.2 });
  await modelAt(server.url).complete({ messages: hello, tools: [] });
  const [first, second] = server.requests;
  expect(first?.headers.authorization).toBe(`Bearer ${apiKey}`);
  expect(first?.body).toEqual({
    model: 'glm-4.7',
    stream: true,
    messages: [{ role: 'user', content: 'hello' }],
    tools: [{ type: 'function', function: runShell }],
    temperature: 0.2,
  });
  expect(second?.body).not.toHaveProperty('tools');
  expect(second?.body).not.toHaveProperty('temperature');
});

test('history goes out as the API wants it: calls with their results behind them, and nothing it would refuse', async () => {
  await using server = await ModelServer.start({ brain: () => 'ok' });
  const messages: readonly ChatMessage[] = [
    { role: 'system', content: 'You are a mailboy.' },
    { role: 'user', content: 'look' },
    {
      role: 'assistant',
      content: '',
      toolCalls: [
        { id: 'a', name: 'run_shell', arguments: '{"command":"ls"}' },
        { id: 'b', name: 'no such tool!', arguments: '{"comm' },
        { id: 'c', name: '', arguments: '' },
      ],
    },
    { role: 'tool', toolCallId: 'a', content: 'half a pair: \ud83d' },
    { role: 'tool', toolCallId: 'b', content: 'no' },
    { role: 'tool', toolCallId: 'c', content: 'no' },
    { role: 'assistant', content: 'One file.' },
  ];
  await modelAt(server.url).complete({ messages });
  const call = (id: string, name: string, text: string) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  });
  expect(server.requests[0]?.body.messages).toEqual([
    { role: 'system', content: 'You are a mailboy.' },
    { role: 'user', content: 'look' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        call('a', 'run_shell', '{"command":"ls"}'),
        call('b', 'no_such_tool_', '{}'),
        call('c', 'unnamed', '{}'),
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: 'half a pair: \ufffd' },
    { role: 'tool', tool_call_id: 'b', content: 'no' },
    { role: 'tool', tool_call_id: 'c', content: 'no' },
    { role: 'assistant', content: 'One file.' },
  ]);
});

const ls = { name: 'run_shell', arguments: { command: 'ls -la /home' } };
const pwd = { name: 'run_shell', arguments: { command: 'pwd' } };
const both = [JSON.stringify(ls.arguments), JSON.stringify(pwd.arguments)];

test.each([
  ['in pieces', [ls, pwd]],
  [
    'all with index 0',
    [
      { ...ls, index: 0 },
      { ...pwd, index: 0 },
    ],
  ],
  [
    'without an index',
    [
      { ...ls, index: null },
      { ...pwd, index: null },
    ],
  ],
  [
    'without ids',
    [
      { ...ls, id: null },
      { ...pwd, id: null },
    ],
  ],
  [
    'with neither index nor id',
    [
      { ...ls, index: null, id: null },
      { ...pwd, index: null, id: null },
    ],
  ],
  [
    'with the same id twice',
    [
      { ...ls, id: 'x' },
      { ...pwd, id: 'x' },
    ],
  ],
  [
    'with an index that begins at 1',
    [
      { ...ls, index: 1 },
      { ...pwd, index: 2 },
    ],
  ],
])('two tool calls arrive %s', async (_, toolCalls) => {
  await using server = await ModelServer.start();
  const completion = await complete(server, { text: 'Let me look.', toolCalls, chunkSize: 5 });
  expect(completion.toolCalls.map((call) => call.arguments)).toEqual(both);
  expect(completion.toolCalls.map((call) => call.name)).toEqual(['run_shell', 'run_shell']);
  expect(new Set(completion.toolCalls.map((call) => call.id)).size).toBe(2);
  expect(completion.toolCalls.every((call) => call.id !== '')).toBe(true);
  expect(completion).toMatchObject({ text: 'Let me look.', finish: 'tool_calls' });
});

test('a server that repeats id and name with every piece makes one call, and arguments may come as an object', async () => {
  await using server = await ModelServer.start();
  const piece = (text: unknown) => ({
    tool_calls: [{ index: 0, id: 'x', function: { name: 'run_shell', arguments: text } }],
  });
  const repeated = await complete(server, { deltas: [piece('{"command":'), piece('"ls"}')] });
  expect(repeated.toolCalls).toEqual([{ id: 'x', name: 'run_shell', arguments: '{"command":"ls"}' }]);
  const asObject = await complete(server, { deltas: [piece({ command: 'ls' })] });
  expect(asObject.toolCalls).toEqual([{ id: 'x', name: 'run_shell', arguments: '{"command":"ls"}' }]);
});

test('left-out arguments are empty, and a megabyte of them arrives whole', async () => {
  await using server = await ModelServer.start();
  const none = await complete(server, { toolCalls: [{ name: 'run_shell' }] });
  expect(none.toolCalls[0]?.arguments).toBe('');
  const command = 'x'.repeat(1024 * 1024);
  const huge = await complete(server, { toolCalls: [{ name: 'run_shell', arguments: { command } }], chunkSize: 1000 });
  expect(JSON.parse(huge.toolCalls[0]?.arguments ?? '')).toEqual({ command });
});

const written = '<tool_call>run_shell\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>\n</tool_call>';

test('a tool call that the model wrote as text is a tool call, and the user never sees it', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ text: `One moment. ${written}`, chunkSize: 4 });
  const shown: string[] = [];
  const completion = await modelAt(server.url).complete(
    { messages: hello, tools: [runShell] },
    { onText: (text) => shown.push(text) },
  );
  expect(completion).toMatchObject({ text: 'One moment.', finish: 'tool_calls' });
  expect(completion.toolCalls).toEqual([
    { id: expect.stringMatching(/./), name: 'run_shell', arguments: '{"command":"ls"}' },
  ]);
  expect(shown.filter((text) => text.includes('<'))).toEqual([]);
});

test('a tool call in the reasoning counts only when the model said nothing else', async () => {
  await using server = await ModelServer.start();
  const silent = await complete(server, { reasoning: `I should look. ${written}` });
  expect(silent).toMatchObject({ text: '', toolCalls: [{ name: 'run_shell', arguments: '{"command":"ls"}' }] });
  const speaking = await complete(server, { reasoning: `I could ${written}`, text: 'No need.' });
  expect(speaking).toEqual({ text: 'No need.', toolCalls: [], finish: 'stop' });
});

test('real tool calls win over the same ones written as text', async () => {
  await using server = await ModelServer.start();
  const completion = await complete(server, { text: written, toolCalls: [ls] });
  expect(completion.toolCalls.map((call) => call.id)).toEqual(['call_1']);
  expect(completion.text).toBe('');
});

test('a written tool call that makes no sense is reported, and one of a tool not offered too', async () => {
  await using server = await ModelServer.start();
  for (const text of ['<tool_call>{"name"</tool_call>', '<tool_call>rm_all</tool_call>']) {
    expect(await complete(server, { text })).toEqual({ text: '', toolCalls: [], finish: 'stop', malformed: true });
  }
});

test('an answer that ran into the length limit says so', async () => {
  await using server = await ModelServer.start();
  expect(await complete(server, { text: 'And then', finishReason: 'length' })).toMatchObject({
    text: 'And then',
    finish: 'length',
  });
});

const serverError: ModelReply = { status: 500, body: { error: { message: 'oops' } } };
const htmlError: ModelReply = { status: 503, body: '<html>Service Unavailable</html>' };
const tooMany: ModelReply = { status: 429, body: { error: { code: '1302', message: '并发数过高' } } };

test.each<[string, readonly ModelReply[]]>([
  ['429, 500 and 503', [tooMany, serverError, htmlError]],
  ['a stream that is cut', [{ text: 'Half an ans', ending: 'cut' }]],
  ['a stream that ends too early', [{ text: 'Half an ans', ending: 'unfinished' }]],
  ['a chunk that is not JSON', [{ events: ['{"choices":[{"del'] }]],
  ['a chunk of another shape', [{ events: ['{"choices":"none"}'] }]],
  ['empty choices and nothing else', [{ events: ['{"choices":[]}'] }]],
  ['a web page', [{ status: 200, body: '<html>Log in</html>' }]],
  ['an error in the middle of the stream', [{ events: ['{"error":{"code":"1234","message":"网络错误"}}'] }]],
  ['an answer that the server gave up', [{ text: 'Half', finishReason: 'network_error' }]],
])('the user gets one whole answer after %s', async (_, replies) => {
  await using server = await ModelServer.start();
  expect(await complete(server, ...replies, 'A whole answer.')).toEqual({
    text: 'A whole answer.',
    toolCalls: [],
    finish: 'stop',
  });
  expect(server.requests).toHaveLength(replies.length + 1);
});

test('the text starts anew after a stream that was cut', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ text: 'Half an', ending: 'cut' }, 'Whole.');
  const shown: string[] = [];
  await modelAt(server.url).complete({ messages: hello }, { onText: (text) => shown.push(text) });
  expect(shown).toEqual(['Half an', 'Whole.']);
});

test('a connection that tears or hangs behind the end of the answer does no harm', async () => {
  await using server = await ModelServer.start();
  const end = '{"choices":[{"delta":{"content":"Done."},"finish_reason":"stop"}]}';
  expect((await complete(server, { events: [end], ending: 'cut' })).text).toBe('Done.');
  expect((await complete(server, { events: [end], ending: 'hang' })).text).toBe('Done.');
  expect(server.requests).toHaveLength(2);
});

test.each<[string, ModelReply, ChatModelErrorCode, RegExp]>([
  ['401', { status: 401 }, 'unauthorized', /^The model refused the API key: check OPENAI_API_KEY on this machine\.$/],
  ['403', { status: 403 }, 'unauthorized', /OPENAI_API_KEY/],
  ['404', { status: 404 }, 'unknown_model', /"glm-4\.7".*OPENAI_MODEL/],
  [
    "OpenAI's unknown model",
    { status: 400, body: { error: { code: 'model_not_found' } } },
    'unknown_model',
    /"glm-4\.7".*OPENAI_MODEL/,
  ],
  [
    "GLM's unknown model",
    { status: 400, body: { error: { code: '1211', message: '模型不存在' } } },
    'unknown_model',
    /"glm-4\.7".*OPENAI_MODEL/,
  ],
  ["GLM's code as a number", { status: 400, body: { error: { code: 1211 } } }, 'unknown_model', /OPENAI_MODEL/],
  ["GLM's empty account", { status: 429, body: { error: { code: '1113' } } }, 'refused', /no balance or quota/],
  [
    "OpenAI's empty account",
    { status: 429, body: { error: { type: 'insufficient_quota', code: null } } },
    'refused',
    /no balance or quota/,
  ],
  ['a content filter', { status: 400, body: { error: { code: '1301' } } }, 'refused', /content filter/],
  ['an answer that the filter stopped', { text: 'So', finishReason: 'sensitive' }, 'refused', /content filter/],
  [
    'a conversation too long',
    { status: 400, body: { error: { code: 'context_length_exceeded' } } },
    'refused',
    /too long.*\/clear/,
  ],
  ['a body too large', { status: 413, body: '<html></html>' }, 'refused', /too long.*\/clear/],
  ['another 400', { status: 400, body: { error: { message: 'bad' } } }, 'refused', /\/clear/],
  ['a long wait', { ...tooMany, headers: { 'retry-after': '120' } }, 'rate_limited', /next 2m/],
])('%s is said at once in one sentence, and not tried again', async (_, reply, code, sentence) => {
  await using server = await ModelServer.start();
  const error = await failure(complete(server, reply));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(sentence);
  expect(server.requests).toHaveLength(1);
});

test.each<[string, ModelReply, ChatModelErrorCode]>([
  ['429', tooMany, 'rate_limited'],
  ['500', serverError, 'unavailable'],
  ['503', htmlError, 'unavailable'],
  ['a cut stream', { text: 'Half', ending: 'cut' }, 'unavailable'],
  ['broken chunks', { events: ['{'] }, 'malformed'],
  ['a web page', { status: 200, body: '<html>Log in</html>' }, 'malformed'],
])('%s again and again is given up after four attempts', async (_, reply, code) => {
  await using server = await ModelServer.start({ brain: () => reply });
  const error = await failure(modelAt(server.url).complete({ messages: hello }));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/try again/);
  expect(server.requests).toHaveLength(4);
});

test.each([
  ['seconds', () => '1'],
  ['a date', () => new Date(Date.now() + 2000).toUTCString()],
])('a wait that the server asks for in %s is kept', async (_, retryAfter) => {
  await using server = await ModelServer.start();
  const started = performance.now();
  await complete(server, { ...tooMany, headers: { 'retry-after': retryAfter() } }, 'ok');
  expect(performance.now() - started).toBeGreaterThan(900);
});

test('a host that nobody answers at is named, and the key is not', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const address = closed.address();
  const port = typeof address === 'object' ? address?.port : 0;
  closed.close();
  const error = await failure(modelAt(`http://user:pass@127.0.0.1:${port}/v1/`).complete({ messages: hello }));
  expect(error).toMatchObject({ code: 'unavailable', cause: { code: 'ECONNREFUSED' } });
  expect(error.message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} can't be reached`));
  expect(error.message).not.toContain('pass');
});

test.each<[string, ModelReply]>([
  ['before its first word', { silence: true }],
  ['in the middle', { text: 'Half', ending: 'hang' }],
])('a model that falls silent %s is asked again, then given up', async (_, reply) => {
  await using server = await ModelServer.start({ brain: () => reply });
  const model = modelAt(server.url, { ...quick, firstTokenMs: 80, betweenTokensMs: 80, maxAttempts: 2 });
  const error = await failure(model.complete({ messages: hello }));
  expect(error.code).toBe('timed_out');
  expect(error.message).toMatch(/took too long/);
  expect(server.requests).toHaveLength(2);
  await waitFor(() => server.requests.every((request) => request.hungUp), { what: 'hanging up' });
});

test('a model that trickles on without end is given up after the longest time', async () => {
  await using server = await ModelServer.start({ brain: () => ({ text: 'x'.repeat(10_000), delayMs: 5 }) });
  const model = modelAt(server.url, { ...quick, totalMs: 200 });
  expect((await failure(model.complete({ messages: hello }))).code).toBe('timed_out');
});

test('a slow answer that keeps coming is waited for', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ text: 'Slow but sure, to the end.', chunkSize: 2, delayMs: 20 });
  const model = modelAt(server.url, { ...quick, firstTokenMs: 150, betweenTokensMs: 150 });
  expect((await model.complete({ messages: hello })).text).toBe('Slow but sure, to the end.');
});

test.each<[string, ModelReply]>([
  ['before the first word', { silence: true }],
  ['in the middle', { text: 'Half', ending: 'hang' }],
  ['while it waits for its next attempt', { ...tooMany, headers: { 'retry-after': '20' } }],
])('stopping %s ends the call at once', async (_, reply) => {
  await using server = await ModelServer.start();
  server.enqueue(reply);
  const stop = new AbortController();
  const shown: string[] = [];
  const call = failure(
    modelAt(server.url).complete({ messages: hello }, { signal: stop.signal, onText: (text) => shown.push(text) }),
  );
  const half = typeof reply === 'object' && 'text' in reply;
  await waitFor(() => server.requests.length === 1 && (!half || shown.length > 0), { what: 'the request' });
  const stopped = performance.now();
  stop.abort();
  expect((await call).code).toBe('aborted');
  expect(performance.now() - stopped).toBeLessThan(500);
});

test('a call that is stopped beforehand asks nobody', async () => {
  await using server = await ModelServer.start({ brain: () => 'ok' });
  const call = modelAt(server.url).complete({ messages: hello }, { signal: AbortSignal.abort() });
  expect((await failure(call)).code).toBe('aborted');
  expect(server.requests).toHaveLength(0);
});

test('a key that no header can carry is a wrong key', async () => {
  await using server = await ModelServer.start({ brain: () => 'ok' });
  for (const wrong of ['', 'sk-秘密', 'sk-abc\ndef']) {
    const logger = pino({ level: 'silent' });
    const model = openaiChatModel({ baseUrl: server.url, apiKey: wrong, model: 'glm-4.7', logger });
    expect((await failure(model.complete({ messages: hello }))).code).toBe('unauthorized');
  }
});

test('neither the key nor what was said gets into errors and logs', async () => {
  await using server = await ModelServer.start();
  const sink = new PassThrough();
  const logger = pino({ level: 'debug' }, sink);
  const model = openaiChatModel({ baseUrl: server.url, apiKey, model: 'glm-4.7', logger, timings: quick });
  const echo = { error: { message: `key ${apiKey} asked: private words`, code: `private words ${apiKey}` } };
  server.enqueue({ status: 500, body: echo }, { status: 400, body: echo });
  const error = await failure(model.complete({ messages: [{ role: 'user', content: 'private words' }] }));
  logger.error({ err: error }, 'the turn failed');
  sink.end();
  const log = await readText(sink);
  expect(log).toMatch(/model call failed, trying again/);
  for (const text of [log, error.stack ?? '', String(error.cause)]) {
    expect(text).not.toContain(apiKey);
    expect(text).not.toContain('private words');
  }
});
