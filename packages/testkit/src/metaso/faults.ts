import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** What a request gets instead of its answer. */
export type MetasoFault =
  /** A page of the web server, or of a proxy in front of it. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Accepted, and never answered. */
  | { readonly kind: 'hang' }
  /** A right answer with a text of so many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Notifications without an end, as fast as they are taken. */
  | { readonly kind: 'endless' }
  /** Questions to the client, so many, and never an answer. */
  | { readonly kind: 'pings'; readonly count: number }
  /** The connection tears in the middle of a stream of events. */
  | { readonly kind: 'cut' }
  /** Sent as it is. */
  | { readonly kind: 'raw'; readonly type: string; readonly body: string };

/** `id` is that of the JSON-RPC request, or undefined. Rejects when the client hangs up. */
export async function sendFault(response: ServerResponse, fault: MetasoFault, id: unknown): Promise<void> {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers }).end(fault.body ?? '');
      return;
    case 'hang':
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      return await sendAll(response, hugeAnswer(fault.bytes, id));
    case 'endless':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return await sendAll(response, notifications());
    case 'pings':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let n = 0; n < fault.count; n += 1) response.write(toEvent({ method: 'ping', id: `ping-${n}` }));
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': soon\n\n', () => response.destroy());
      return;
    case 'raw':
      response.writeHead(200, { 'content-type': fault.type }).end(fault.body);
      return;
  }
}

async function sendAll(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  for (const piece of pieces) {
    if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
  }
  response.end();
}

function* hugeAnswer(bytes: number, id: unknown): Generator<string> {
  yield `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[{"type":"text","text":"`;
  for (let sent = 0; sent < bytes; sent += 65_536) yield 'x'.repeat(Math.min(65_536, bytes - sent));
  yield '"}]}}';
}

function* notifications(): Generator<string> {
  const message = { level: 'info', data: 'x'.repeat(200) };
  for (;;) yield toEvent({ method: 'notifications/message', params: message });
}

function toEvent(message: Readonly<Record<string, unknown>>): string {
  return `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
}
