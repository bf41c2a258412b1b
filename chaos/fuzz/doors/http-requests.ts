import { once } from 'node:events';
import { connect } from 'node:net';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import type { ConsoleVisitor } from '../console-visitor.ts';
import { visitConsole } from '../console-visitor.ts';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { SECRET, SiegeRouter } from '../siege-router.ts';
import { strangeText, textOf } from '../strange.ts';

/** What comes in over HTTP, written by hand: the console with its uploads, nodes' files, the upgrades, and noise. */
export const httpRequests = defineDoor({ name: 'http-requests', share: 5, open });

/** `allowed`: with what lets a browser or a node in. */
type Asked = { readonly head: string; readonly allowed: boolean; readonly body: Uint8Array };

async function open(): Promise<OpenDoor<Asked>> {
  const house = await SiegeRouter.start({ events: 'webhook' });
  const visitor = await visitConsole(house.router);
  return {
    cases: asked(),
    meet: (request) => meet(request, visitor),
    serves: async () => {
      expectThat(await house.isHealthy(), 'the router is not healthy');
      using page = await visitor.openPage();
      expectThat(page.isOpen, 'the page is closed');
    },
    close: async () => await house[Symbol.asyncDispose](),
  };
}

function asked(): Arbitrary<Asked> {
  const path = textOf(
    [
      ...[
        '/',
        '/console/',
        'files',
        'files/',
        'ws',
        'app.js',
        '/health',
        '/metrics',
        '/ws/node',
        '/node/files/',
        '/feishu/events',
      ],
      ...[
        '?token=',
        '?after=',
        '1',
        '-1',
        'x',
        '%',
        '%2f',
        '%00',
        '%ff',
        '..',
        '../',
        '//',
        '?',
        '&lang=zh',
        '#',
        '*',
        '[',
        '0',
      ],
    ],
    4,
  ).map((text) => (text.startsWith('/') ? text : `/${text}`).replace(/[\s\p{Cc}]/gu, '%20'));
  const method = fc.constantFrom(
    'GET',
    'GET',
    'POST',
    'PUT',
    'HEAD',
    'OPTIONS',
    'DELETE',
    'PATCH',
    'TRACE',
    'FOO',
    'get',
  );
  const header = fc.oneof(
    fc.constantFrom(
      ...[
        'content-length: 5',
        'content-length: 99999999999',
        'content-length: x',
        'content-length: -1',
        'expect: 100-continue',
      ],
      ...[
        'transfer-encoding: chunked',
        'transfer-encoding: gzip',
        'content-encoding: gzip',
        'if-none-match: *',
        'range: bytes=9-',
      ],
      ...[
        'content-type: application/json',
        'content-type: x',
        'content-type: multipart/form-data',
        'accept-language: zh;q=x,,',
      ],
      ...[
        'upgrade: websocket',
        'connection: upgrade',
        'sec-websocket-version: 13',
        'sec-websocket-version: 99',
        'upgrade: h2c',
      ],
      ...[
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-key: x',
        'origin: null',
        'host: evil',
        'x-node-id: home-pc',
      ],
    ),
    fc
      .tuple(fc.constantFrom('cookie', 'origin', 'authorization', 'x-node-id', 'x'), strangeText)
      .map((parts) => parts.join(': ')),
  );
  const head = fc
    .tuple(
      method,
      path,
      fc.array(header, { maxLength: 6 }),
      fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9'),
    )
    .map(([verb, target, headers, version]) => [`${verb} ${target} ${version}`, ...headers].join('\r\n'));
  return fc.record({
    head: fc.oneof({ weight: 20, arbitrary: head }, { weight: 1, arbitrary: strangeText }),
    allowed: fc.boolean(),
    body: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new TextEncoder().encode('5\r\nhello\r\n0\r\n\r\n'))),
  });
}

async function meet({ head, allowed, body }: Asked, { cookie, origin }: ConsoleVisitor): Promise<void> {
  const { host, port } = new URL(origin);
  const key = `\r\nhost: ${host}\r\norigin: ${origin}\r\ncookie: ${cookie}\r\nauthorization: Bearer ${SECRET}`;
  const answer = await exchange(Number(port), [`${head}${allowed ? key : ''}\r\n\r\n`, body]);
  const [, status = ''] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? [];
  // What is no request at all may be cut off without a word. 501 and 505 are about HTTP itself.
  const isFine = status === '' || Number(status) < 500 || ['501', '505'].includes(status);
  expectThat(isFine, `answered ${answer.slice(0, 300)}`);
  expectThat(!answer.includes('    at '), 'the answer shows a stack');
}

/** What was answered until the other end had closed. */
async function exchange(port: number, parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  const closed = once(socket, 'close').catch(() => {});
  for (const part of parts) socket.write(part);
  socket.end();
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}
