import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonParts } from './json-parts.ts';
import { WebError } from './web-error.ts';
import { webTexts } from './web-texts.ts';

/** As the MCP client calls it. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export type Guard = {
  readonly fetch: Fetch;
  /** Where the service is: the key goes to this origin and to no other. */
  readonly url: URL;
  readonly apiKey: string;
  /** Of all answers together, after decompression. */
  readonly maxBytes: number;
  /** A server may ask the client things, which it answers with requests of its own. */
  readonly maxRequests: number;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  /** Told of what the client would keep to itself, as it happens. */
  readonly onFault: (error: WebError) => void;
};

/** Long enough to be quick, and so short that what is in it is dealt with in a few milliseconds. */
const pieceBytes = 16_384;

/** Values in all answers together: ten times what Metaso sends. What is to be read has to be checked value by value. */
const maxParts = 3_000;

/** A fetch for one conversation with one server that is not trusted. */
export function guardedFetch({ fetch, url, apiKey, maxBytes, maxRequests, signal, onFault }: Guard): Fetch {
  const parts = new JsonParts();
  let bytes = 0;
  let requests = 0;

  async function* counted(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    try {
      for await (const chunk of body) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw new WebError('too_large', webTexts.tooLarge(maxBytes));
        for await (const piece of pieces(chunk)) {
          parts.add(piece);
          if (parts.count > maxParts) throw new WebError('too_large', webTexts.tooManyParts);
          yield piece;
        }
      }
    } catch (error) {
      const fault = error instanceof WebError ? error : unreachable(error);
      onFault(fault);
      throw fault;
    }
  }

  return async (target, init = {}) => {
    // The client asks for a stream of news that belong to no request. There are none that we want to hear.
    if (init.method === 'GET') return new Response(null, { status: 405 });
    requests += 1;
    if (requests > maxRequests) throw new WebError('malformed', webTexts.malformed);
    if (new URL(target).origin !== url.origin) throw new WebError('moved', webTexts.moved);
    const response = await send(fetch, target, {
      ...init,
      headers: withKey(init.headers, apiKey),
      redirect: 'manual',
      signal: AbortSignal.any([signal, ...(init.signal ? [init.signal] : [])]),
    });
    const { status, headers, body } = response;
    if (response.ok && body !== null) return new Response(ReadableStream.from(counted(body)), { status, headers });
    // The page of an error may hold anything, the key included, and the client would make it a part of its message.
    await body?.cancel();
    // Only the client knows whether a redirect may be followed.
    if (response.ok || (status >= 300 && status < 400)) return new Response(null, { status, headers });
    throw refusal(status);
  };
}

/** Lets others have a turn after each. */
async function* pieces(chunk: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < chunk.byteLength; start += pieceBytes) {
    yield chunk.subarray(start, start + pieceBytes);
    await nextTurn();
  }
}

async function send(fetch: Fetch, target: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, init);
  } catch (cause) {
    throw unreachable(cause);
  }
}

function withKey(headers: RequestInit['headers'], apiKey: string): Headers {
  const all = new Headers(headers);
  try {
    all.set('authorization', `Bearer ${apiKey}`);
  } catch {
    // Without the cause, which spells out the key.
    throw new WebError('bad_key', webTexts.badKey);
  }
  return all;
}

function refusal(status: number): WebError {
  if (status === 401 || status === 403) return new WebError('bad_key', webTexts.badKey);
  if (status === 402 || status === 429) return new WebError('quota', webTexts.quota);
  if (status >= 500) return new WebError('unavailable', webTexts.unavailable(status));
  return new WebError('not_mcp', webTexts.notMcp);
}

function unreachable(cause: unknown): WebError {
  return new WebError('unreachable', webTexts.unreachable, { cause });
}
