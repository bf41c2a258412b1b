import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalServer } from './http/local-server.ts';
import { sendJson } from './http/send-json.ts';
import type { ModelReply, ScriptedAnswer, ScriptedEvents, ScriptedFault } from './model/reply.ts';
import { toCompletion, toEvents } from './model/stream.ts';

export type { ModelReply } from './model/reply.ts';

/** A request's body, as far as tests look at it. */
export type ModelRequestBody = {
  readonly model: string;
  readonly stream?: boolean;
  readonly temperature?: number;
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string | null;
    readonly tool_call_id?: string;
    readonly tool_calls?: readonly {
      readonly id: string;
      readonly type: string;
      readonly function: { readonly name: string; readonly arguments: string };
    }[];
  }[];
  readonly tools?: readonly {
    readonly type: string;
    readonly function: { readonly name: string; readonly description?: string; readonly parameters?: unknown };
  }[];
};

export type ModelRequest = { readonly body: ModelRequestBody; readonly headers: IncomingHttpHeaders };

/** A request that came in. `hungUp`: the client closed before it had the whole answer. */
export type RecordedRequest = ModelRequest & { readonly hungUp: boolean };

/** Decides the answer where the script has none. */
export type ModelBrain = (request: ModelRequest) => ModelReply | Promise<ModelReply>;

/**
 * A chat-completion server with a script: `POST /v1/chat/completions`, streaming or not. Enqueued replies are used up
 * first, then the brain is asked; without either it answers 500.
 */
export class ModelServer {
  readonly #server: LocalServer;
  readonly #script: ModelReply[] = [];
  readonly #requests: RecordedRequest[] = [];
  #brain: ModelBrain | undefined;

  private constructor(brain: ModelBrain | undefined) {
    this.#brain = brain;
    this.#server = new LocalServer((request, response) => this.#serve(request, response));
  }

  static async start(options: { readonly brain?: ModelBrain; readonly port?: number } = {}): Promise<ModelServer> {
    const server = new ModelServer(options.brain);
    await server.#server.listen(options.port);
    return server;
  }

  /** The base URL for a client; ends in `/v1/`. */
  get url(): string {
    return `${this.#server.origin}/v1/`;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  enqueue(...replies: readonly ModelReply[]): void {
    this.#script.push(...replies);
  }

  answerWith(brain: ModelBrain): void {
    this.#brain = brain;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parseBody(await readText(request));
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      return sendJson(response, 404, { error: { message: `no such path: ${request.method} ${request.url}` } });
    }
    if (body === undefined) return sendJson(response, 400, { error: { message: 'the body is no chat request' } });
    const recorded = { body, headers: request.headers, hungUp: false };
    this.#requests.push(recorded);
    response.on('close', () => {
      recorded.hungUp = !response.writableFinished;
    });
    await this.#answer(recorded, response, await this.#nextReply(recorded));
  }

  async #nextReply(request: ModelRequest): Promise<ModelReply> {
    const ranOut = { status: 500, body: { error: { message: 'the script of the model server ran out' } } };
    return this.#script.shift() ?? (await this.#brain?.(request)) ?? ranOut;
  }

  async #answer(request: ModelRequest, response: ServerResponse, reply: ModelReply): Promise<void> {
    if (typeof reply === 'string') return await this.#answer(request, response, { text: reply });
    if (isFault(reply)) return sendFault(response, reply);
    const { model } = request.body;
    if ('events' in reply) return await this.#stream(response, reply);
    if (request.body.stream === true) return await this.#stream(response, toEvents(reply, model));
    sendJson(response, 200, toCompletion(reply, model));
  }

  async #stream(response: ServerResponse, { events, delayMs = 0, ending = 'done' }: ScriptedEvents): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.flushHeaders();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    for (const event of events) {
      if (delayMs > 0) await delay(delayMs, undefined, { signal: gone.signal });
      if (!response.write(`data: ${event}\n\n`)) {
        await once(response, 'drain', { signal: gone.signal });
      }
    }
    if (ending === 'hang') return;
    // After the last chunk has left, so that the client has read it before the connection tears.
    if (ending === 'cut') response.write(': cut\n\n', () => response.destroy());
    else response.end(ending === 'unfinished' ? '' : 'data: [DONE]\n\n');
  }
}

function isFault(reply: ScriptedAnswer | ScriptedEvents | ScriptedFault): reply is ScriptedFault {
  return 'status' in reply || 'silence' in reply;
}

function sendFault(response: ServerResponse, fault: ScriptedFault): void {
  if ('silence' in fault) return;
  if (typeof fault.body === 'string') {
    response.writeHead(fault.status, { 'content-type': 'text/html; charset=utf-8', ...fault.headers }).end(fault.body);
    return;
  }
  sendJson(response, fault.status, fault.body ?? { error: { message: 'scripted fault' } }, fault.headers);
}

function parseBody(text: string): ModelRequestBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const isRequest = typeof body === 'object' && body !== null && 'messages' in body && Array.isArray(body.messages);
    // Tests look into it by hand; what they don't find fails there.
    return isRequest ? (body as ModelRequestBody) : undefined;
  } catch {
    return undefined;
  }
}
