import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from '@phonework/shared/log';
import * as z from 'zod';
import { FeishuError } from './feishu-error.ts';
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

type Call = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly params?: Record<string, string>;
  readonly data?: Record<string, unknown>;
};

/** The message that was to be answered was recalled, was deleted, is unknown, or has an id that Feishu can't read. */
const targetGone = new Set([230011, 230110, 231003, 99992402]);

const BotAnswer = z.object({ bot: z.object({ open_id: z.string().min(1) }) });
const SendAnswer = z.object({ data: z.object({ message_id: z.string() }) });
const ConnectionAnswer = z.object({ data: z.object({ online_instance_cnt: z.number() }) });

/** The REST calls, one attempt each (and one more when the token has gone stale). All reject with FeishuError. */
export class FeishuApi {
  readonly #credentials: FeishuCredentials;
  readonly #loadSdk: LoadSdk;
  readonly #logger: Logger;
  readonly #timeoutMs: number;
  #client: Promise<{ readonly client: Client; forgetToken(): Promise<void> }> | undefined;
  #token: Promise<string | undefined> | undefined;

  constructor(options: {
    readonly credentials: FeishuCredentials;
    readonly loadSdk: LoadSdk;
    readonly logger: Logger;
    readonly timeoutMs: number;
  }) {
    this.#credentials = options.credentials;
    this.#loadSdk = options.loadSdk;
    this.#logger = options.logger;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Sends one part; as a plain message to the chat when the one it answers is gone. */
  async sendPart(part: MessagePart, to: { readonly chatId: string; readonly replyTo?: string }): Promise<string> {
    const message = { msg_type: part.messageType, content: part.content, uuid: part.uuid };
    if (to.replyTo !== undefined) {
      try {
        const url = `/open-apis/im/v1/messages/${encodeURIComponent(to.replyTo)}/reply`;
        return messageIdOf(await this.#call({ method: 'POST', url, data: message }));
      } catch (error) {
        if (!(error instanceof FeishuError && error.apiCode !== undefined && targetGone.has(error.apiCode)))
          throw error;
      }
    }
    const answer = await this.#call({
      method: 'POST',
      url: '/open-apis/im/v1/messages',
      params: { receive_id_type: 'chat_id' },
      data: { receive_id: to.chatId, ...message },
    });
    return messageIdOf(answer);
  }

  async botOpenId(): Promise<string> {
    const answer = BotAnswer.safeParse(await this.#call({ method: 'GET', url: '/open-apis/bot/v3/info' }));
    if (!answer.success) throw new FeishuError('refused', 'Feishu did not say who the bot is.');
    return answer.data.bot.open_id;
  }

  /** How many long connections the app has, ours included. */
  async onlineInstances(): Promise<number> {
    const answer = ConnectionAnswer.safeParse(
      await this.#call({ method: 'GET', url: '/open-apis/event/v1/connection' }),
    );
    if (!answer.success) throw new FeishuError('refused', 'Feishu did not say how many connections there are.');
    return answer.data.data.online_instance_cnt;
  }

  /** Runs `attempt` with an access token, and once more with a fresh one when that is no longer good. */
  async authorized<T>(attempt: (token: string) => Promise<T>): Promise<T> {
    const { client, forgetToken } = await this.#open();
    try {
      return await attempt(await this.#tokenOf(client));
    } catch (error) {
      if (!(error instanceof FeishuError && error.code === 'bad_token')) throw error;
      // The SDK keeps a token until its time is up, also when the platform has stopped accepting it.
      await forgetToken();
      return await attempt(await this.#tokenOf(client));
    }
  }

  async #call(call: Call): Promise<unknown> {
    const { client } = await this.#open();
    return await this.authorized<unknown>(async () => await client.request({ ...call }));
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
