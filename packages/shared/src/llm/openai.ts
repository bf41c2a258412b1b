import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { Answer } from './answer.ts';
import type { Endpoint, Failure, Fault } from './failure.ts';
import { judge } from './failure.ts';
import type { ChatCompletion, ChatModel, ChatModelError, ChatRequest } from './llm.ts';
import { Patience } from './patience.ts';
import { CompletionChunk, toWireMessage, toWireTool } from './wire.ts';

export type OpenAiTimings = {
  /** Longest wait for the first chunk of an attempt; 60 s. */
  readonly firstTokenMs?: number;
  /** Longest silence between two chunks; 60 s. */
  readonly betweenTokensMs?: number;
  /** Longest call, all attempts together; 300 s. */
  readonly totalMs?: number;
  /** The first pause is between 0 and this; each further one up to twice as long; 500 ms. */
  readonly retryBaseMs?: number;
  readonly maxAttempts?: number;
};

export type OpenAiOptions = {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly logger: Logger;
  readonly timings?: OpenAiTimings;
};

/** A chat model behind an OpenAI-compatible API. Throws where `baseUrl` is no URL; connects to nothing by itself. */
export function openaiChatModel(options: OpenAiOptions): PreloadableChatModel {
  return new OpenAiChatModel(options);
}

interface PreloadableChatModel extends ChatModel {
  /**
   * Loads what the first call needs, so that it is not somebody's message that holds everybody else up for so long.
   * Returns at once; what fails is told by the calls. Again and again is fine.
   */
  preload(): void;
}

type Sdk = typeof import('openai');
type Client = InstanceType<Sdk['OpenAI']>;
type CompleteOptions = NonNullable<Parameters<ChatModel['complete']>[1]>;

/** How long the rest of a stream may take when the answer is complete; reading it keeps the connection usable. */
const tailMs = 1000;

/** How long chunks that are there already are read at a time. */
const MAX_TURN_MS = 5;

/** An answer of more characters than this is a server gone mad. */
const maxAnswerLength = 8 * 1024 * 1024;

class OpenAiChatModel implements PreloadableChatModel {
  readonly #options: OpenAiOptions;
  readonly #timings: Required<OpenAiTimings>;
  readonly #endpoint: Endpoint;
  readonly #baseUrl: URL;
  #preloaded: Promise<void> | undefined;
  #loaded: Promise<{ readonly sdk: Sdk; readonly client: Client }> | undefined;

  constructor(options: OpenAiOptions) {
    this.#options = options;
    this.#baseUrl = new URL(options.baseUrl);
    // fetch() refuses a URL with credentials, in an error that quotes them; the key is what authorises us.
    this.#baseUrl.username = '';
    this.#baseUrl.password = '';
    this.#endpoint = { model: options.model, host: this.#baseUrl.host };
    this.#timings = {
      firstTokenMs: 60_000,
      betweenTokensMs: 60_000,
      totalMs: 300_000,
      retryBaseMs: 500,
      maxAttempts: 4,
      ...options.timings,
    };
  }

  preload(): void {
    this.#preloaded ??= this.#loadAll().catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, 'what calls of the model need could not be loaded');
    });
  }

  async #loadAll(): Promise<void> {
    await this.#load();
    // Node loads its fetch() with the first call, too, which takes it 25 ms; this one goes nowhere.
    await fetch('data:,');
  }

  async complete(request: ChatRequest, options: CompleteOptions = {}): Promise<ChatCompletion> {
    this.#checkKey();
    const deadline = performance.now() + this.#timings.totalMs;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(request, deadline, options);
      if (!('error' in result)) return result;
      const waitMs = result.waitMs ?? Math.random() * this.#timings.retryBaseMs * 2 ** (attempt - 1);
      const isLast = attempt >= this.#timings.maxAttempts || performance.now() + waitMs >= deadline;
      const facts = { code: result.error.code, attempt, reason: reasonOf(result.error) };
      if (!result.retry || isLast) {
        if (result.error.code !== 'aborted') this.#options.logger.warn(facts, 'model call failed');
        throw result.error;
      }
      this.#options.logger.info({ ...facts, waitMs: Math.round(waitMs) }, 'model call failed, trying again');
      await this.#pause(waitMs, options.signal);
    }
  }

  async #attempt(request: ChatRequest, deadline: number, options: CompleteOptions): Promise<ChatCompletion | Failure> {
    const { sdk, client } = await this.#load();
    using patience = new Patience(deadline, options.signal);
    const answer = new Answer(request.tools ?? []);
    let fault: Fault | undefined;
    try {
      fault = await this.#read(client, { request, answer, patience, onText: options.onText });
    } catch (cause) {
      fault = toFault(cause, sdk);
    }
    if (options.signal?.aborted === true) return judge({ kind: 'aborted' }, this.#endpoint);
    // A stream that tears behind the end of the answer does no harm.
    if (answer.finished) {
      const { trouble } = answer;
      return trouble === undefined ? answer.complete() : judge({ kind: 'ended', trouble }, this.#endpoint);
    }
    if (patience.ranOut) return judge({ kind: 'timed_out' }, this.#endpoint);
    return judge(fault ?? { kind: 'broke_off' }, this.#endpoint);
  }

  /** Fills `answer` until the stream ends. */
  async #read(client: Client, { request, answer, patience, onText }: Reading): Promise<Fault | undefined> {
    // Whoever asks has worked for long where it is its first time, and so does the SDK.
    await nextTurn();
    patience.allow(this.#timings.firstTokenMs);
    const { signal } = patience;
    const stream = await client.chat.completions.create(this.#toBody(request), { signal });
    let chunks = 0;
    let shown = 0;
    let turnEndsAt = performance.now() + MAX_TURN_MS;
    for await (const chunk of stream) {
      chunks += 1;
      // What has come already is read without an end, and nobody else would have a turn.
      if (performance.now() > turnEndsAt) {
        await nextTurn();
        turnEndsAt = performance.now() + MAX_TURN_MS;
      }
      const parsed = CompletionChunk.safeParse(chunk);
      if (!parsed.success) return { kind: 'unreadable', cause: new Error('a chunk has an unknown shape') };
      answer.add(parsed.data);
      if (answer.length > maxAnswerLength) return { kind: 'unreadable' };
      if (answer.visible.length > shown) {
        shown = answer.visible.length;
        onText?.(answer.visible);
      }
      patience.allow(answer.finished ? tailMs : this.#timings.betweenTokensMs);
    }
    // 200 and not one event: a web page, or another API, behind the base URL.
    return chunks === 0 ? { kind: 'unreadable' } : undefined;
  }

  #toBody(request: ChatRequest) {
    const tools = request.tools ?? [];
    return {
      model: this.#options.model,
      stream: true as const,
      messages: request.messages.map(toWireMessage),
      ...(tools.length === 0 ? {} : { tools: tools.map(toWireTool) }),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    };
  }

  /** The SDK costs 150 ms and 30 MB: nobody waits for it at the start. */
  async #load(): Promise<{ readonly sdk: Sdk; readonly client: Client }> {
    this.#loaded ??= import('openai').then((sdk) => {
      const client = new sdk.OpenAI({
        baseURL: this.#baseUrl.href,
        apiKey: this.#options.apiKey,
        // Retries and timeouts are ours. The SDK would take the rest from the environment.
        maxRetries: 0,
        timeout: this.#timings.totalMs + 1000,
        organization: null,
        project: null,
        logLevel: 'off',
      });
      return { sdk, client };
    });
    return await this.#loaded;
  }

  /** A key that can't stand in a header makes fetch() throw an error that quotes it. */
  #checkKey(): void {
    if (/^[\x21-\x7e]+$/.test(this.#options.apiKey)) return;
    throw judge({ kind: 'reply', status: 401, codes: [], retryAfter: undefined }, this.#endpoint).error;
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw judge({ kind: 'aborted' }, this.#endpoint).error;
    }
  }
}

type Reading = {
  readonly request: ChatRequest;
  readonly answer: Answer;
  readonly patience: Patience;
  readonly onText: ((text: string) => void) | undefined;
};

function toFault(cause: unknown, sdk: Sdk): Fault {
  if (cause instanceof sdk.APIConnectionError) return { kind: 'unreachable', cause: rootOf(cause) };
  if (cause instanceof sdk.APIError) {
    const codes = [cause.code, cause.type].filter((code) => code !== undefined && code !== null).map(String);
    return {
      kind: 'reply',
      status: cause.status,
      // Only what looks like a code: the rest of the body may quote the request.
      codes: codes.filter((code) => /^[\w.-]{1,40}$/.test(code)),
      retryAfter: cause.headers?.get('retry-after') ?? undefined,
    };
  }
  if (cause instanceof SyntaxError) return { kind: 'unreadable' };
  // fetch() reports a torn body as a TypeError that has the socket's error as its cause.
  if (cause instanceof TypeError && cause.cause instanceof Error) return { kind: 'broke_off', cause: cause.cause };
  return { kind: 'unexpected', cause };
}

/** fetch() wraps what the socket said, and the SDK wraps fetch(). */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

/** What an operator wants to know beyond the code. */
function reasonOf(error: ChatModelError): string | undefined {
  return error.cause instanceof Error ? error.cause.message : undefined;
}
