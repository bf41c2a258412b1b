import WebSocket from 'ws';
import { decodeFrame, encodeFrame } from '../../src/feishu/frame.ts';
import type { FeishuServerOptions } from '../../src/feishu-server.ts';
import { FeishuServer } from '../../src/feishu-server.ts';

/** How the server answered a call. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly data: Record<string, unknown>;
};

/** A bot that speaks plain HTTP and frames, without the SDK. */
export class PlainBot implements AsyncDisposable {
  readonly feishu: FeishuServer;
  readonly #sockets: WebSocket[] = [];

  constructor(feishu: FeishuServer) {
    this.feishu = feishu;
  }

  static async start(options?: FeishuServerOptions): Promise<PlainBot> {
    return new PlainBot(await FeishuServer.start(options));
  }

  async call(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    const bearer = token ?? (await this.token());
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.feishu.url}/open-apis${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(isForm ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const parsed = Object(await response.json());
    return { status: response.status, headers: response.headers, body: parsed, data: Object(parsed.data) };
  }

  async token(secret = this.feishu.appSecret): Promise<string> {
    const response = await fetch(`${this.feishu.url}/open-apis/auth/v3/tenant_access_token/internal`, {
      method: 'POST',
      body: JSON.stringify({ app_id: this.feishu.appId, app_secret: secret }),
    });
    const answer = Object(await response.json());
    return String(answer.tenant_access_token ?? answer.code);
  }

  /** Sends a message to a chat; `content` is made JSON if it is none. */
  async send(chatId: string, messageType: string, content: unknown, uuid?: string): Promise<Answer> {
    return await this.call('POST', '/im/v1/messages?receive_id_type=chat_id', {
      receive_id: chatId,
      msg_type: messageType,
      content: typeof content === 'string' ? content : JSON.stringify(content),
      ...(uuid === undefined ? {} : { uuid }),
    });
  }

  /** Opens the long connection; `answer` gives the code of each acknowledgement, what comes with it, or neither. */
  async listen(answer: (event: Record<string, unknown>) => number | object | undefined): Promise<WebSocket> {
    const response = await fetch(`${this.feishu.url}/callback/ws/endpoint`, {
      method: 'POST',
      body: JSON.stringify({ AppID: this.feishu.appId, AppSecret: this.feishu.appSecret }),
    });
    const socket = new WebSocket(Object(await response.json()).data.URL);
    this.#sockets.push(socket);
    const ping = encodeFrame({ kind: 'control', service: 1, headers: { type: 'ping' }, payload: Buffer.alloc(0) });
    socket.on('open', () => socket.send(ping));
    const pong = Promise.withResolvers<void>();
    socket.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return;
      const frame = decodeFrame(data);
      if (frame.headers.type === 'pong') pong.resolve();
      if (frame.kind === 'control') return;
      const said = answer(Object(JSON.parse(frame.payload.toString())));
      if (said === undefined) return;
      const encoded = Buffer.from(JSON.stringify(said)).toString('base64');
      const acknowledgement = typeof said === 'number' ? { code: said } : { code: 200, data: encoded };
      socket.send(encodeFrame({ ...frame, payload: Buffer.from(JSON.stringify(acknowledgement)) }));
    });
    await pong.promise;
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await this.feishu.close();
  }
}

/** A card of schema 2.0 with these parts. */
export function cardOf(elements: readonly unknown[], config: Readonly<Record<string, unknown>> = {}) {
  return { schema: '2.0', config: { update_multi: true, ...config }, body: { elements } };
}

export function markdown(content: string, elementId?: string) {
  return { tag: 'markdown', content, ...(elementId === undefined ? {} : { element_id: elementId }) };
}

export function button(actionId: string) {
  const behaviors = [{ type: 'callback', value: { m: 'message', a: actionId } }];
  return { tag: 'button', text: { tag: 'plain_text', content: actionId }, behaviors };
}
