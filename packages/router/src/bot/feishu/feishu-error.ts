import * as z from 'zod';
import { ChatError } from '../chat-channel.ts';

export type FeishuErrorCode = 'rate_limited' | 'unreachable' | 'bad_token' | 'bad_credentials' | 'refused' | 'aborted';

/**
 * A call that the open platform did not do. Made of the few facts that may be seen by anyone: the errors of the HTTP
 * client carry the app secret and the bearer token, so they end here and are never a `cause`.
 */
export class FeishuError extends Error {
  override readonly name = 'FeishuError';
  readonly code: FeishuErrorCode;
  /** The platform's own number, when it answered with one. */
  readonly apiCode: number | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(code: FeishuErrorCode, message: string, facts: { apiCode?: number; retryAfterMs?: number } = {}) {
    super(message);
    this.code = code;
    this.apiCode = facts.apiCode;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

const badToken = new Set([99991661, 99991663, 99991668, 99991677]);
const badCredentials = new Set([10003, 10014, 10015]);
const rateLimited = new Set([99991400, 230020]);
/** "The same uuid is being sent", "server error". */
const passing = new Set([230049, 300120]);
const scopeMissing = new Set([99991672, 99991679, 230027]);

const Body = z.object({ code: z.number() });

/** An answer that says no: a status other than 2xx, or a `code` other than 0. */
export function refusedAnswer(status: number, body: unknown, resetSeconds: number | undefined): FeishuError {
  const parsed = Body.safeParse(body);
  const apiCode = parsed.success ? parsed.data.code : undefined;
  const facts = {
    ...(apiCode === undefined ? {} : { apiCode }),
    ...(resetSeconds === undefined ? {} : { retryAfterMs: resetSeconds * 1000 }),
  };
  const where = apiCode === undefined ? `HTTP ${status}` : `HTTP ${status}, code ${apiCode}`;
  return new FeishuError(classify(status, apiCode), `Feishu did not do the call (${where}).`, facts);
}

function classify(status: number, apiCode: number | undefined): FeishuErrorCode {
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'unreachable';
  // Whoever answered without a code was not the platform: a proxy, a captive portal.
  if (apiCode === undefined || passing.has(apiCode)) return 'unreachable';
  if (rateLimited.has(apiCode)) return 'rate_limited';
  if (badToken.has(apiCode)) return 'bad_token';
  if (badCredentials.has(apiCode)) return 'bad_credentials';
  return 'refused';
}

/** What the platform says of files, with what to tell of it. */
const fileFaults: ReadonlyMap<number, string> = new Map([
  [234003, 'Feishu has no such file with that message.'],
  [234004, 'The app is not in that chat.'],
  [234006, 'The file is too large for Feishu.'],
  [234010, 'Feishu takes no empty files.'],
  [234011, 'Feishu does not know this format of image.'],
  [234037, 'The file is too large for Feishu to hand out.'],
  [234039, 'The image has too many pixels for Feishu.'],
  [234043, 'Feishu does not hand out the files of such a message.'],
]);

/** What the caller of the channel learns: whether to try again, and a sentence for a person. */
export function toChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (!(error instanceof FeishuError)) {
    return new ChatError('unavailable', 'The message could not be handed to Feishu; it will be tried again.', {
      cause: error,
    });
  }
  const options = {
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  switch (error.code) {
    case 'rate_limited':
      return new ChatError('rate_limited', 'Feishu asks to wait before the next message.', options);
    case 'refused':
      return new ChatError('refused', refusal(error.apiCode), options);
    // With these the message is fine, and goes out once the administrator has mended the app.
    case 'bad_token':
    case 'bad_credentials':
      return new ChatError('unavailable', 'Feishu does not accept the app id and secret; check both.', options);
    case 'unreachable':
    case 'aborted':
      return new ChatError('unavailable', 'Feishu could not be reached; the message will be tried again.', options);
  }
}

function refusal(apiCode: number | undefined): string {
  if (apiCode !== undefined && scopeMissing.has(apiCode)) {
    return `Feishu refused the message: the app lacks a permission (code ${apiCode}). Grant it in the developer console.`;
  }
  const fault = apiCode === undefined ? undefined : fileFaults.get(apiCode);
  return fault ?? `Feishu refused the message (code ${apiCode ?? 'unknown'}).`;
}
