import type { Logger } from '@phonework/shared/log';
import { redactor } from '@phonework/shared/log';
import type { WebProse, WebResult } from './answers.ts';
import { readProse, readResults } from './answers.ts';
import type { ToolRequest } from './call-tool.ts';
import { callTool } from './call-tool.ts';
import type { Fetch } from './guarded-fetch.ts';
import { toPublicAddress } from './public-address.ts';
import { WebError } from './web-error.ts';

export const searchScopes = ['webpage', 'paper', 'document', 'video', 'podcast'] as const;

export type WebSearch = {
  readonly query: string;
  /** webpage. */
  readonly scope?: (typeof searchScopes)[number];
  /** How many results; 10. */
  readonly size?: number;
};

export type MetasoLimits = {
  /** Of one call, with all that belongs to it; 1 MB: what is more would take the process too long to read. */
  readonly maxBytes: number;
  /** Of a search, and of a page; 30 s. */
  readonly timeoutMs: number;
  /** Of a question, for whose answer a model reads many pages; 60 s. */
  readonly askTimeoutMs: number;
};

export type MetasoOptions = {
  /** Of the MCP server. */
  readonly url: string;
  readonly apiKey: string;
  readonly fetch?: Fetch;
  readonly limits?: Partial<MetasoLimits>;
  readonly logger: Logger;
};

const usualLimits: MetasoLimits = { maxBytes: 1_000_000, timeoutMs: 30_000, askTimeoutMs: 60_000 };

/**
 * The web as Metaso shows it, over its MCP server. Keeps no connection. All that comes back was written by strangers:
 * it is to be shown as such, and followed by nobody. Each method rejects with WebError, or with the reason of `signal`.
 */
export class Metaso {
  readonly #url: URL;
  readonly #apiKey: string;
  readonly #fetch: Fetch;
  readonly #limits: MetasoLimits;
  readonly #redact: (text: string) => string;
  readonly #logger: Logger;

  constructor({ url, apiKey, fetch = globalThis.fetch, limits, logger }: MetasoOptions) {
    this.#url = new URL(url);
    this.#apiKey = apiKey;
    this.#fetch = fetch;
    this.#limits = { ...usualLimits, ...limits };
    this.#redact = redactor([apiKey]);
    this.#logger = logger;
  }

  /** Resolves to the results, or to the answer as it came where no results can be read in it. */
  async search(
    { query, scope = 'webpage', size = 10 }: WebSearch,
    signal: AbortSignal,
  ): Promise<readonly WebResult[] | string> {
    const answer = await this.#call(
      { name: 'metaso_web_search', arguments: { q: query, scope, size, includeSummary: true } },
      this.#limits.timeoutMs,
      signal,
    );
    return readResults(answer) ?? answer;
  }

  /** The page at `address`, in Markdown. Refuses addresses inside private networks. */
  async read(address: string, signal: AbortSignal): Promise<WebProse> {
    const { href } = toPublicAddress(address);
    const request = { name: 'metaso_web_reader', arguments: { url: href, format: 'markdown' } };
    return readProse(await this.#call(request, this.#limits.timeoutMs, signal));
  }

  async ask(message: string, signal: AbortSignal): Promise<WebProse> {
    const request = { name: 'metaso_chat', arguments: { message } };
    return readProse(await this.#call(request, this.#limits.askTimeoutMs, signal));
  }

  async #call(request: ToolRequest, timeoutMs: number, signal: AbortSignal): Promise<string> {
    const { maxBytes } = this.#limits;
    const options = { url: this.#url, apiKey: this.#apiKey, fetch: this.#fetch, maxBytes, timeoutMs, signal };
    try {
      return this.#redact(await callTool(request, options));
    } catch (error) {
      if (!(error instanceof WebError)) throw error;
      const { code, said, detail, cause } = error;
      // Causes of other kinds quote what came.
      const reason = code === 'unreachable' ? { err: cause } : {};
      this.#logger.warn({ ...reason, code, tool: request.name }, 'the web service gave no answer');
      throw new WebError(code, said, { detail: this.#redact(detail), cause });
    }
  }
}
