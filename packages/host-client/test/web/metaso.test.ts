import type { MetasoServerOptions } from '@phonework/testkit/metaso-server';
import { MetasoServer } from '@phonework/testkit/metaso-server';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, describe, expect, test } from 'vitest';
import type { MetasoLimits } from '../../src/web/metaso.ts';
import { Metaso } from '../../src/web/metaso.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger, entries } = await recordingLogger();
const key = 'mk-0123456789abcdef';
const never = new AbortController().signal;

let server: MetasoServer;
afterEach(async () => {
  await server.close();
  entries.length = 0;
});

async function start(
  options: MetasoServerOptions = {},
  changes: { readonly apiKey?: string; readonly url?: string; readonly limits?: Partial<MetasoLimits> } = {},
): Promise<Metaso> {
  server = await MetasoServer.start({ apiKey: key, ...options });
  return new Metaso({ url: server.url, apiKey: key, logger, ...changes });
}

describe.each([{ json: true }, { json: false }])('with a server that answers as %o', (options) => {
  test('a search gives results', async () => {
    const metaso = await start(options);
    server.enqueue(JSON.stringify({ webpages: [{ title: 'Vite', link: 'https://vite.dev', snippet: 'fast' }] }));
    expect(await metaso.search({ query: 'vite', scope: 'paper', size: 5 }, never)).toEqual([
      { title: 'Vite', url: 'https://vite.dev', snippet: 'fast', date: '' },
    ]);
    expect(server.calls).toEqual([
      { name: 'metaso_web_search', arguments: { q: 'vite', scope: 'paper', size: 5, includeSummary: true } },
    ]);
  });

  test('a page comes as Markdown', async () => {
    const metaso = await start(options);
    server.enqueue('# Vite');
    expect(await metaso.read('https://vite.dev/guide/#top', never)).toMatchObject({ text: '# Vite' });
    expect(server.calls).toEqual([
      { name: 'metaso_web_reader', arguments: { url: 'https://vite.dev/guide/', format: 'markdown' } },
    ]);
  });

  test('a question gets an answer', async () => {
    const metaso = await start(options);
    server.enqueue('{"answer":"Yes."}');
    expect(await metaso.ask('is vite fast?', never)).toMatchObject({ text: 'Yes.' });
    expect(server.calls).toEqual([{ name: 'metaso_chat', arguments: { message: 'is vite fast?' } }]);
  });

  test('an answer that is too large is dropped on the way', async () => {
    const metaso = await start(options);
    server.breakWith({ kind: 'huge', bytes: 10_000_000 });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('1000 kB'),
    });
  });
});

test('no session stays open at the server, and nothing listens for its news', async () => {
  const metaso = await start();
  await metaso.ask('one', never);
  await metaso.ask('two', never);
  await waitFor(() => server.openSessions === 0, { what: 'the goodbye' });
  expect(server.requests.map(({ httpMethod }) => httpMethod)).not.toContain('GET');
});

test('results that have another shape are shown as they are', async () => {
  const metaso = await start();
  server.enqueue('I found: Vite');
  expect(await metaso.search({ query: 'vite' }, never)).toBe('I found: Vite');
});

test('a text in a resource, or in structured content alone, is an answer too', async () => {
  const metaso = await start();
  const resource = { uri: 'metaso://1', text: 'in a resource' };
  server.enqueue({ result: { content: [{ type: 'resource', resource }] } });
  server.enqueue({ result: { content: [], structuredContent: { answer: 'structured' } } });
  expect(await metaso.ask('?', never)).toMatchObject({ text: 'in a resource' });
  expect(await metaso.ask('?', never)).toMatchObject({ text: 'structured' });
});

test('what looks like a command is text like any other', async () => {
  const metaso = await start();
  const text = '$(touch /tmp/pwned) `id` ; rm -rf ~ && open https://evil.example';
  server.enqueue(text);
  expect(await metaso.ask('?', never)).toMatchObject({ text });
});

test('an address inside a private network never leaves the house', async () => {
  const metaso = await start();
  await expect(metaso.read('http://192.168.1.1/admin', never)).rejects.toMatchObject({ code: 'internal_address' });
  expect(server.requests).toEqual([]);
});

describe('what goes wrong is said, with what to do', () => {
  test('a key that is refused', async () => {
    const metaso = await start({ apiKey: 'another-key' });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({
      code: 'bad_key',
      message: 'Metaso refuses the key: check METASO_API_KEY.',
      said: { zh: '秘塔拒绝了这个密钥：请检查 METASO_API_KEY。' },
    });
  });

  test('a key that can not be sent, which is not spelled out', async () => {
    const metaso = await start({}, { apiKey: `${key}\n密钥` });
    const error: unknown = await metaso.ask('?', never).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'bad_key' });
    expect(`${inspected(error)} ${JSON.stringify(entries)}`).not.toContain(key);
  });

  test.each([
    [503, 'unavailable', '503'],
    [500, 'unavailable', '500'],
    [429, 'quota', 'balance'],
    [402, 'quota', 'balance'],
    [404, 'not_mcp', 'METASO_MCP_URL'],
  ])('status %i', async (status, code, words) => {
    const metaso = await start();
    for (const at of ['initialize', 'tools/call'] as const) {
      server.breakWith({ kind: 'status', status, body: `no, ${key}` }, at);
      const error: unknown = await metaso.ask('?', never).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
      // The page of the error repeats the key, as careless proxies do.
      expect(`${inspected(error)} ${JSON.stringify(entries)}`).not.toContain(key);
    }
  });

  test('a server that is not there', async () => {
    const metaso = await start();
    await server.close();
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code: 'unreachable' });
    expect(JSON.stringify(entries)).toContain('the web service gave no answer');
  });

  test('a connection that breaks off, at once', async () => {
    const metaso = await start();
    server.breakWith({ kind: 'cut' });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test.each(['initialize', 'notifications/initialized', 'tools/call'] as const)(
    'no answer to %s within the time',
    async (at) => {
      const metaso = await start({}, { limits: { timeoutMs: 300, askTimeoutMs: 200 } });
      server.breakWith({ kind: 'hang' }, at);
      await expect(metaso.ask('?', never)).rejects.toMatchObject({
        code: 'timed_out',
        message: 'Metaso gave no answer within 1 s: try again, or ask for something smaller.',
      });
      await expect(metaso.search({ query: '?' }, never)).rejects.toMatchObject({ code: 'timed_out' });
    },
  );

  test('an address of Metaso that leads elsewhere, where the key does not go', async () => {
    const metaso = await start();
    await using elsewhere = await MetasoServer.start({ apiKey: key });
    server.breakWith({ kind: 'status', status: 307, headers: { location: elsewhere.url } });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code: 'moved' });
    server.breakWith({ kind: 'status', status: 302, headers: { location: elsewhere.url } }, 'initialize');
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code: 'moved' });
    expect(elsewhere.requests).toEqual([]);
  });

  test.each([
    ['a web page', { type: 'text/html', body: '<html>welcome</html>' }, 'not_mcp'],
    ['half a JSON text', { type: 'application/json', body: '{"jsonrpc":"2.0",' }, 'malformed'],
    ['JSON that is no message', { type: 'application/json', body: '{"hello":"world"}' }, 'malformed'],
    ['an event that is no JSON', { type: 'text/event-stream', body: 'data: {oops\n\n' }, 'malformed'],
    ['a result of another shape', { type: 'application/json', body: resultOf('{"content":"words"}') }, 'malformed'],
  ] as const)('%s in place of an answer', async (_, answer, code) => {
    const metaso = await start();
    server.breakWith({ kind: 'raw', ...answer });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code });
  });

  test('a tool that the server has not', async () => {
    const metaso = await start({ without: ['metaso_chat'] });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({
      code: 'no_tool',
      message: expect.stringContaining('no tool metaso_chat'),
    });
  });

  test("an error of the tool, whose words stay apart from ours and don't hold the key", async () => {
    const metaso = await start();
    server.enqueue({ error: `quota of ${key} used up` });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({
      code: 'failed',
      message: 'Metaso could not do it.',
      detail: 'quota of [redacted] used up',
    });
  });
});

describe('a hostile server', () => {
  test('that never stops talking is hung up on', async () => {
    const metaso = await start();
    server.breakWith({ kind: 'endless' });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code: 'too_large' });
    await waitFor(() => server.hungUp === 1, { what: 'the end of the stream' });
  });

  test('can not make the node send more than a few requests', async () => {
    const metaso = await start();
    server.breakWith({ kind: 'pings', count: 500 });
    await expect(metaso.ask('?', never)).rejects.toMatchObject({ code: 'malformed' });
    expect(server.requests.length).toBeLessThan(25);
  });
});

describe('a user who stops waiting', () => {
  test.each(['initialize', 'tools/call'] as const)('ends a call that hangs at %s', async (at) => {
    const metaso = await start();
    server.breakWith({ kind: 'hang' }, at);
    const stop = new AbortController();
    const answer = metaso.ask('?', stop.signal);
    const reason = new Error('stopped');
    const rejected = expect(answer).rejects.toBe(reason);
    await waitFor(() => server.requests.some(({ rpcMethod }) => rpcMethod === at));
    stop.abort(reason);
    await rejected;
    await waitFor(() => server.hungUp === 1, { what: 'the end of the connection' });
    expect(entries).toEqual([]);
  });

  test('has no call begin', async () => {
    const metaso = await start();
    await expect(metaso.ask('?', AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    expect(server.requests).toEqual([]);
  });
});

function resultOf(json: string): string {
  return `{"jsonrpc":"2.0","id":1,"result":${json}}`;
}

/** All of an error that a log could show, causes included. */
function inspected(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack} ${JSON.stringify(error)} ${inspected(error.cause)}`;
}
