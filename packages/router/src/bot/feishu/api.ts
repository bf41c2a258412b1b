import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from '@phonework/shared/log';
import * as z from 'zod';
import { FeishuError } from './feishu-error.ts';
import type { FeishuRates, Limit, Urgency } from './pace.ts';
import { feishuRates, Pace } from './pace.ts';
import type { MessagePart } from './render.ts';
import type { LoadSdk } from './sdk.ts';
import { createHttp } from './sdk.ts';
import { createSdkLogger } from './sdk-logger.ts';

export type FeishuCredentials = {
  readonly appId: string;
  readonly appSecret: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
};

export type FeishuCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/open-apis`; `:name` stands for the entry of `ids`. */
  readonly route: string;
  readonly ids?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, unknown>>;
  /** What Feishu counts the call for, beside its route. */
  readonly of?: { readonly kind: 'chat' | 'message' | 'card'; readonly id: string };
  /** `answer` when absent. */
  readonly urgency?: Urgency;
  /** Where it is not to take as long as other calls may. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/** What the pace of a call goes by. */
type PacedCall = Pick<FeishuCall, 'method' | 'of' | 'route' | 'urgency'>;

export type CallOptions = Pick<FeishuCall, 'timeoutMs' | 'urgency'>;

/** Where a message goes. */
export type SendTarget = {
  /** A chat's id, or a user's open_id. */
  readonly chatId: string;
  readonly replyTo?: string;
};

/** The message that was to be answered was recalled, was deleted, is unknown, or has an id that Feishu can't read. */
const targetGone = new Set([230011, 230110, 231003, 99992402]);

const BotAnswer = z.object({ bot: z.object({ open_id: z.string().min(1) }) });
const SendAnswer = z.object({ data: z.object({ message_id: z.string() }) });
const ConnectionAnswer = z.object({ data: z.object({ online_instance_cnt: z.number() }) });

/**
 * The REST calls, one attempt each (and one more when the token has gone stale), below the rates that Feishu takes. All
 * reject with FeishuError.
 */
export class FeishuApi {
  readonly #credentials: FeishuCredentials;
  readonly #loadSdk: LoadSdk;
  readonly #logger: Logger;
  readonly #timeoutMs: number;
  readonly #rates: FeishuRates;
  readonly #pace = new Pace();
  #client: Promise<{ readonly client: Client; forgetToken(): Promise<void> }> | undefined;
  #token: Promise<string | undefined> | undefined;
  #lastTurn = Promise.resolve();

  constructor(options: {
    readonly credentials: FeishuCredentials;
    readonly loadSdk: LoadSdk;
    readonly logger: Logger;
    readonly timeoutMs: number;
    readonly rates?: FeishuRates;
  }) {
    this.#credentials = options.credentials;
    this.#loadSdk = options.loadSdk;
    this.#logger = options.logger;
    this.#timeoutMs = options.timeoutMs;
    this.#rates = options.rates ?? feishuRates;
  }

  /** Sends one part; as a plain message to the chat when the one it answers is gone, or is no message. */
  async sendPart(part: MessagePart, { chatId, replyTo }: SendTarget, options: CallOptions = {}): Promise<string> {
    const message = { msg_type: part.messageType, content: part.content, uuid: part.uuid };
    const of = { kind: 'chat', id: chatId } as const;
    if (replyTo?.startsWith('om_')) {
      try {
        const reply = { route: '/im/v1/messages/:message_id/reply', ids: { message_id: replyTo }, data: message, of };
        return messageIdOf(await this.call({ method: 'POST', ...reply, ...options }));
      } catch (error) {
        if (!(error instanceof FeishuError && error.apiCode !== undefined && targetGone.has(error.apiCode)))
          throw error;
      }
    }
    const answer = await this.call({
      method: 'POST',
      route: '/im/v1/messages',
      params: { receive_id_type: chatId.startsWith('ou_') ? 'open_id' : 'chat_id' },
      data: { receive_id: chatId, ...message },
      of,
      ...options,
    });
    return messageIdOf(answer);
  }

  /** Puts another card in the place of the one that a message shows. */
  async patchMessage(messageId: string, content: string, options: CallOptions = {}): Promise<void> {
    await this.call({
      method: 'PATCH',
      route: '/im/v1/messages/:message_id',
      ids: { message_id: messageId },
      data: { content },
      of: { kind: 'message', id: messageId },
      ...options,
    });
  }

  async botOpenId(): Promise<string> {
    const answer = BotAnswer.safeParse(await this.call({ method: 'GET', route: '/bot/v3/info' }));
    if (!answer.success) throw new FeishuError('refused', 'Feishu did not say who the bot is.');
    return answer.data.bot.open_id;
  }

  /** How many long connections the app has, ours included. */
  async onlineInstances(): Promise<number> {
    const answer = ConnectionAnswer.safeParse(await this.call({ method: 'GET', route: '/event/v1/connection' }));
    if (!answer.success) throw new FeishuError('refused', 'Feishu did not say how many connections there are.');
    return answer.data.data.online_instance_cnt;
  }

  /** Any call. Resolves with the body of the answer, whose `code` is 0. */
  async call(call: FeishuCall): Promise<unknown> {
    const { client } = await this.#open();
    const { method, route, ids, of: _of, urgency: _urgency, timeoutMs, ...rest } = call;
    const url = `/open-apis${route.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(ids?.[name] ?? ''))}`;
    const request = { method, url, ...(timeoutMs !== undefined && { timeout: timeoutMs }), ...rest };
    return await this.authorized<unknown>(call, async () => await client.request(request));
  }

  /** Runs `attempt` at its turn and with an access token, and once more with a fresh one when that is no longer good. */
  async authorized<T>(call: PacedCall, attempt: (token: string) => Promise<T>): Promise<T> {
    const { client, forgetToken } = await this.#open();
    const limits = this.#limits(call);
    const run = async () =>
      await this.#pace.run(limits, call.urgency ?? 'answer', async () => {
        const token = await this.#tokenOf(client);
        await this.#ownTurn();
        return await attempt(token);
      });
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof FeishuError && error.code === 'bad_token')) throw error;
      // The SDK keeps a token until its time is up, also when the platform has stopped accepting it.
      await forgetToken();
      return await run();
    }
  }

  /** Calls that would have to wait for their turn are refused after this. */
  close(): void {
    this.#pace.close();
  }

  /** The narrowest first. */
  #limits({ method, route, of }: PacedCall): readonly Limit[] {
    const own = of === undefined ? [] : [{ key: `${of.kind} ${of.id}`, ...this.#rates[of.kind] }];
    const shared = this.#rates.route.map((rate) => ({ key: `${method} ${route} ${rate.windowMs}`, ...rate }));
    return [...own, ...shared];
  }

  /**
   * A turn of the event loop for each call: up to fifty may be made the moment that one is over, and the SDK and its HTTP
   * client take half a millisecond for each, ten times that for the first ones.
   */
  #ownTurn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(async () => await nextTurn());
    return this.#lastTurn;
  }

  /** The SDK would fetch one token for each of the calls that start together. */
  async #tokenOf(client: Client): Promise<string> {
    this.#token ??= client.tokenManager.getTenantAccessToken().finally(() => {
      this.#token = undefined;
    });
    return (await this.#token) ?? '';
  }

  #open(): Promise<{ readonly client: Client; forgetToken(): Promise<void> }> {
    this.#client ??= this.#build().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #build(): Promise<{ readonly client: Client; forgetToken(): Promise<void> }> {
    const sdk = await this.#loadSdk();
    const { appId, appSecret, baseUrl } = this.#credentials;
    // The SDK's own cache is shared by all clients of the process, and goes by the app id alone.
    const cache = new sdk.DefaultCache();
    const client = new sdk.Client({
      appId,
      appSecret,
      domain: baseUrl,
      cache,
      httpInstance: createHttp(sdk, { timeoutMs: this.#timeoutMs, codes: 'throw' }),
      logger: createSdkLogger(this.#logger, appSecret),
      loggerLevel: sdk.LoggerLevel.warn,
    });
    const forgetToken = async () => {
      await cache.set(sdk.CTenantAccessToken, '', 1, { namespace: appId });
    };
    return { client, forgetToken };
  }
}

/** Feishu's id of what was sent. It was accepted: an answer without an id must not make it be sent again. */
function messageIdOf(answer: unknown): string {
  return SendAnswer.safeParse(answer).data?.data.message_id ?? '';
}
