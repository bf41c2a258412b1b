import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { LocalServer } from './http/local-server.ts';
import type { MetasoFault } from './metaso/faults.ts';
import { sendFault } from './metaso/faults.ts';
import type { MetasoCall, MetasoReply } from './metaso/tools.ts';
import { createToolServer } from './metaso/tools.ts';

export type { MetasoFault } from './metaso/faults.ts';
export type { MetasoCall, MetasoReply } from './metaso/tools.ts';

/** An HTTP request that came in; `rpcMethod` is empty where it carries no JSON-RPC request. */
export type MetasoRequest = {
  readonly httpMethod: string;
  readonly rpcMethod: string;
  readonly headers: IncomingHttpHeaders;
};

export type MetasoServerOptions = {
  /** What clients must present; `mk-test-key`. */
  readonly apiKey?: string;
  /** Answers in one piece of JSON instead of a stream of events. */
  readonly json?: boolean;
  /** Tools that it has not. */
  readonly without?: readonly string[];
};

/**
 * A real MCP server over streamable HTTP with Metaso's three tools: `POST /api/mcp`, with sessions. Enqueued replies
 * are used up first; without any it answers with an empty text.
 */
export class MetasoServer {
  readonly #server: LocalServer;
  readonly #options: MetasoServerOptions;
  readonly #sessions = new Map<string, StreamableHTTPServerTransport>();
  readonly #script: MetasoReply[] = [];
  readonly #calls: MetasoCall[] = [];
  readonly #requests: MetasoRequest[] = [];
  #hungUp = 0;
  #fault: { readonly fault: MetasoFault; readonly at: string } | undefined;

  private constructor(options: MetasoServerOptions) {
    this.#options = options;
    this.#server = new LocalServer((request, response) => this.#serve(request, response));
  }

  static async start(options: MetasoServerOptions = {}): Promise<MetasoServer> {
    const server = new MetasoServer(options);
    await server.#server.listen();
    return server;
  }

  get url(): string {
    return `${this.#server.origin}/api/mcp`;
  }

  get apiKey(): string {
    return this.#options.apiKey ?? 'mk-test-key';
  }

  /** The calls of tools, oldest first; those that a fault kept from their answer too. */
  get calls(): readonly MetasoCall[] {
    return this.#calls;
  }

  get requests(): readonly MetasoRequest[] {
    return this.#requests;
  }

  /** How many clients have not said goodbye. */
  get openSessions(): number {
    return this.#sessions.size;
  }

  /** How many answers the client did not wait for. */
  get hungUp(): number {
    return this.#hungUp;
  }

  enqueue(...replies: readonly MetasoReply[]): void {
    this.#script.push(...replies);
  }

  /** From now on, each request of that JSON-RPC method gets `fault`. */
  breakWith(fault: MetasoFault, at: 'initialize' | 'notifications/initialized' | 'tools/call' = 'tools/call'): void {
    this.#fault = { fault, at };
  }

  mend(): void {
    this.#fault = undefined;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await Promise.all([...this.#sessions.values()].map((transport) => transport.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const message = parseMessage(await readText(request));
    const { method: httpMethod = '', headers } = request;
    const rpcMethod = message?.method ?? '';
    this.#requests.push({ httpMethod, rpcMethod, headers });
    response.on('close', () => {
      if (!response.writableFinished) this.#hungUp += 1;
    });
    if (request.url !== new URL(this.url).pathname) return void response.writeHead(404).end();
    if (headers.authorization !== `Bearer ${this.apiKey}`) return void response.writeHead(401).end('no such key');
    if (this.#fault?.at === rpcMethod) {
      if (rpcMethod === 'tools/call' && message?.params !== undefined) this.#calls.push(message.params);
      return await sendFault(response, this.#fault.fault, message?.id);
    }
    const transport = await this.#session(headers['mcp-session-id']);
    if (transport === undefined) return void response.writeHead(404).end();
    await transport.handleRequest(request, response, message);
  }

  /** A new one for a client that has none; undefined for one that was never begun, or is over. */
  async #session(id: string | string[] | undefined): Promise<StreamableHTTPServerTransport | undefined> {
    if (id !== undefined) return this.#sessions.get(String(id));
    const { json = false, without = [] } = this.#options;
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: json,
      onsessioninitialized: (started) => void this.#sessions.set(started, transport),
      onsessionclosed: (ended) => void this.#sessions.delete(ended),
    });
    const server = createToolServer({
      isMissing: (name) => without.includes(name),
      answer: (call) => {
        this.#calls.push(call);
        return this.#script.shift() ?? '';
      },
    });
    // The class declares its callbacks in a way that exactOptionalPropertyTypes does not take for the interface's.
    await server.connect(transport as Transport);
    return transport;
  }
}

type Message = { readonly id?: unknown; readonly method?: string; readonly params?: MetasoCall };

function parseMessage(text: string): Message | undefined {
  if (text === '') return undefined;
  // The real client wrote it, and the SDK looks at it again.
  return JSON.parse(text) as Message;
}
