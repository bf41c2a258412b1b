import type { HttpInstance } from '@larksuiteoapi/node-sdk';
import * as z from 'zod';
import { FeishuError, refusedAnswer } from './feishu-error.ts';

export type LarkSdk = typeof import('@larksuiteoapi/node-sdk');
export type LoadSdk = () => Promise<LarkSdk>;

/** Loads the SDK when it is first needed: it takes 110 ms and 38 MB, which a router without Feishu need not pay. */
export async function loadLarkSdk(): Promise<LarkSdk> {
  return await import('@larksuiteoapi/node-sdk');
}

/** The base URL behind `FEISHU_DOMAIN`. */
export function toBaseUrl(domain: string): string {
  if (domain === 'feishu') return 'https://open.feishu.cn';
  if (domain === 'lark') return 'https://open.larksuite.com';
  return domain.replace(/\/+$/, '');
}

/**
 * An HTTP client for one owner, with what the SDK's shared one lacks: a time-out, a way to abort, and errors without
 * secrets (each failure is a FeishuError). `codes: 'throw'` makes a failure of an answer whose `code` is not 0, too.
 * Calls beyond `maxCalls` are not made, and fail as aborted.
 */
export function createHttp(
  sdk: LarkSdk,
  options: {
    readonly timeoutMs: number;
    readonly codes: 'throw' | 'pass';
    readonly signal?: AbortSignal;
    readonly maxCalls?: number;
  },
): HttpInstance {
  const http = sdk.defaultHttpInstance.create({
    timeout: options.timeoutMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let callsLeft = options.maxCalls ?? Number.POSITIVE_INFINITY;
  http.interceptors.request.use((request) => {
    if (callsLeft <= 0) throw new FeishuError('aborted', 'No further call was wanted.');
    callsLeft -= 1;
    return request;
  });
  http.interceptors.response.use(
    (response) => {
      const refused = options.codes === 'throw' && NonZeroCode.safeParse(response.data).success;
      if (refused) throw refusedAnswer(response.status, response.data, undefined);
      return response.data;
    },
    (failure: unknown) => {
      throw toFeishuError(failure);
    },
  );
  // The interceptor above makes it one: calls resolve with the body, which the client's types can't tell.
  return http as HttpInstance;
}

type FileCall = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: FormData;
  readonly signal?: AbortSignal;
};

/**
 * One call that sends or gets bytes as they come: it resolves with any status, and with the answer's body as a stream.
 * Fails as a FeishuError. `idleMs` is for the connection, not for the whole.
 */
export function createFileHttp(
  sdk: LarkSdk,
  { idleMs }: { readonly idleMs: number },
): (call: FileCall) => Promise<FileAnswer> {
  const http = sdk.defaultHttpInstance.create({
    timeout: idleMs,
    responseType: 'stream',
    validateStatus: () => true,
    // With redirects to follow the client would keep all that it sends, to send it again.
    maxRedirects: 0,
  });
  return async ({ data, signal, ...call }) => {
    try {
      const answer = await http.request({ ...call, ...(data && { data }), ...(signal && { signal }) });
      return { status: answer.status, headers: FileHeaders.parse(answer.headers), data: answer.data };
    } catch (failure) {
      throw toFeishuError(failure);
    }
  };
}

const FileHeaders = z.object({
  'content-type': z.string().optional().catch(undefined),
  'content-disposition': z.string().optional().catch(undefined),
  'x-ogw-ratelimit-reset': z.coerce.number().optional().catch(undefined),
});
export type FileAnswer = {
  readonly status: number;
  readonly headers: z.infer<typeof FileHeaders>;
  readonly data: unknown;
};

const NonZeroCode = z.object({ code: z.number().refine((code) => code !== 0) });

/** The parts of the HTTP client's error that are safe to look at. */
const HttpFailure = z.object({
  code: z.string().optional(),
  response: z
    .object({
      status: z.number(),
      headers: z.object({ 'x-ogw-ratelimit-reset': z.coerce.number().optional().catch(undefined) }),
      data: z.unknown(),
    })
    .optional(),
});

function toFeishuError(failure: unknown): FeishuError {
  if (failure instanceof FeishuError) return failure;
  const parsed = HttpFailure.safeParse(failure);
  const { code, response } = parsed.success ? parsed.data : {};
  if (response !== undefined) {
    return refusedAnswer(response.status, response.data, response.headers['x-ogw-ratelimit-reset']);
  }
  if (code === 'ERR_CANCELED') return new FeishuError('aborted', 'The call was given up.');
  return new FeishuError('unreachable', `Feishu could not be reached (${code ?? 'unknown reason'}).`);
}
