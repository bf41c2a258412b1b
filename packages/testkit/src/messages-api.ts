import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalServer } from './http/local-server.ts';
import { sendJson } from './http/send-json.ts';
import type { MessagesFault, MessagesReply, ScriptedMessage } from './messages/reply.ts';
import { toErrorBody } from './messages/reply.ts';
import type { NamedMessage } from './messages/stream.ts';
import { toMessageBody, toMessageEvents } from './messages/stream.ts';

export type { MessagesReply } from './messages/reply.ts';

/** A request's body, as far as tests look at it. */
export type MessagesRequestBody = {
  readonly model: string;
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly system?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly name: string }[];
};

export type MessagesRequest = { readonly body: MessagesRequestBody; readonly headers: IncomingHttpHeaders };

/** A request that came in. `hungUp`: the client closed before it had the whole answer. */
export type RecordedMessagesRequest = MessagesRequest & { readonly hungUp: boolean };

/** Decides the answer where the script has none. */
export type MessagesBrain = (request: MessagesRequest) => MessagesReply | Promise<MessagesReply>;

/**
 * An Anthropic Messages API with a script: `POST /v1/messages`, streaming or not, and `count_tokens`. Enqueued replies
 * are used up first, then the brain is asked; without either it answers 400, which Claude Code tries once more.
 */
export class MessagesApi {
  readonly #server: LocalServer;
  readonly #script: MessagesReply[] = [];
  readonly #requests: RecordedMessagesRequest[] = [];
  #brain: MessagesBrain | undefined;
  #lastId = 0;

  private constructor(brain: MessagesBrain | undefined) {
    this.#brain = brain;
    this.#server = new LocalServer((request, response) => this.#serve(request, response));
  }

  static async start(options: { readonly brain?: MessagesBrain } = {}): Promise<MessagesApi> {
    const api = new MessagesApi(options.brain);
    await api.#server.listen();
    return api;
  }

  /** For `ANTHROPIC_BASE_URL`. */
  get url(): string {
    return this.#server.origin;
  }

  /** Those of conversations; token counts and side requests are answered without the script, and not kept. */
  get requests(): readonly RecordedMessagesRequest[] {
    return this.#requests;
  }

  enqueue(...replies: readonly MessagesReply[]): void {
    this.#script.push(...replies);
  }

  answerWith(brain: MessagesBrain): void {
    this.#brain = brain;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const text = await readText(request);
    // The client asks first whether anybody is there.
    if (request.method === 'HEAD') return void response.writeHead(200).end();
    const body = parseBody(text);
    if (body === undefined) return sendJson(response, 400, toErrorBody(400, 'the body is no messages request'));
    if (pathname === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 10 });
    if (request.method !== 'POST' || pathname !== '/v1/messages') {
      return sendJson(response, 404, toErrorBody(404, `no such path: ${request.method} ${request.url}`));
    }
    // A conversation always offers tools; whether a model exists, what a title could be and the like are asked without.
    if (body.tools === undefined || body.tools.length === 0) {
      return await this.#answer({ body, headers: request.headers }, response, 'ok');
    }
    const recorded = { body, headers: request.headers, hungUp: false };
    this.#requests.push(recorded);
    response.on('close', () => {
      recorded.hungUp = !response.writableFinished;
    });
    await this.#answer(recorded, response, await this.#nextReply(recorded));
  }

  async #nextReply(request: MessagesRequest): Promise<MessagesReply> {
    const ranOut = { status: 400, body: toErrorBody(400, 'the script of the messages API ran out') };
    return this.#script.shift() ?? (await this.#brain?.(request)) ?? ranOut;
  }

  async #answer(request: MessagesRequest, response: ServerResponse, reply: MessagesReply): Promise<void> {
    if (typeof reply === 'string') return await this.#answer(request, response, { text: reply });
    if (isFault(reply)) return sendFault(response, reply);
    const head = { id: this.#nextId('msg'), model: request.body.model };
    const message = this.#named(reply);
    if (request.body.stream === true) return await stream(response, message, head);
    sendJson(response, 200, toMessageBody(message, head));
  }

  #named(message: ScriptedMessage): NamedMessage {
    const toolUses = (message.toolUses ?? []).map((use) => ({ id: this.#nextId('toolu'), ...use }));
    return { ...message, toolUses };
  }

  #nextId(prefix: string): string {
    this.#lastId += 1;
    return `${prefix}_${String(this.#lastId).padStart(24, '0')}`;
  }
}

async function stream(
  response: ServerResponse,
  message: NamedMessage,
  head: { readonly id: string; readonly model: string },
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { delayMs = 0, ending = 'done' } = message;
  for (const event of toMessageEvents(message, head)) {
    if (ending !== 'done' && event.type === 'message_delta') break;
    const waits = delayMs > 0 && event.type === 'content_block_delta';
    if (waits) await delay(delayMs, undefined, { signal: gone.signal });
    if (!response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)) {
      await once(response, 'drain', { signal: gone.signal });
    }
  }
  if (ending === 'hang') return;
  // After the last event has left, so that the client has read it before the connection tears.
  if (ending === 'cut') response.write(': cut\n\n', () => response.destroy());
  else response.end();
}

function isFault(reply: ScriptedMessage | MessagesFault): reply is MessagesFault {
  return 'status' in reply || 'silence' in reply;
}

function sendFault(response: ServerResponse, fault: MessagesFault): void {
  if ('silence' in fault) return;
  sendJson(response, fault.status, fault.body ?? toErrorBody(fault.status), fault.headers);
}

function parseBody(text: string): MessagesRequestBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const isRequest = typeof body === 'object' && body !== null && 'messages' in body && Array.isArray(body.messages);
    // Tests look into it by hand; what they don't find fails there.
    return isRequest ? (body as MessagesRequestBody) : undefined;
  } catch {
    return undefined;
  }
}
