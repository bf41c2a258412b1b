import type { Text } from '@phonework/shared/language';
import * as z from 'zod';
import { ChatError } from '../chat-channel.ts';
import { feishuTexts } from './feishu-texts.ts';

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
/** "The same uuid is being sent", "server error", "a user is using the card". */
const passing = new Set([230049, 300120, 200810]);
const scopeMissing = new Set([99991672, 99991679, 230027]);

/** By what Feishu takes for sensitive, and by the rules of the organisation. */
const sensitive = new Set([230022, 230028]);
/** Not in the chat, a user whom the app is not for, silenced (twice), a chat that is dissolved. */
const unwelcome = new Set([230002, 230013, 230018, 230035, 232009]);
/** The message was recalled, was deleted, is unknown, is too old to be changed, is no card; its card is unknown, is too old. */
const fixed = new Set([230011, 230110, 231003, 230031, 230054, 200740, 200750]);

/** Whether Feishu will say the same to another attempt. */
export function isRefused(error: unknown): error is FeishuError {
  return error instanceof FeishuError && error.code === 'refused';
}

/** Whether Feishu refused what was sent for the form that it has: the same said in another form may be taken. */
export function isFormRefused(error: unknown): error is FeishuError {
  if (!isRefused(error)) return false;
  const { apiCode = 0 } = error;
  return ![scopeMissing, sensitive, unwelcome].some((codes) => codes.has(apiCode));
}

/** Whether somebody has to grant the app a permission. */
export function isScopeMissing({ apiCode }: FeishuError): boolean {
  return apiCode !== undefined && scopeMissing.has(apiCode);
}

/** Whether Feishu takes what is said for sensitive: in no form it will be shown. */
export function isSensitive({ apiCode }: FeishuError): boolean {
  return apiCode !== undefined && sensitive.has(apiCode);
}

/** Whether nothing will change that message any more. */
export function isFixed(error: unknown): boolean {
  return error instanceof FeishuError && error.apiCode !== undefined && fixed.has(error.apiCode);
}

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
const fileFaults = new Map<number, Text>([
  [234003, feishuTexts.noSuchFile],
  [234004, feishuTexts.notInChat],
  [234006, feishuTexts.fileTooLarge],
  [234010, feishuTexts.fileEmpty],
  [234011, feishuTexts.imageUnknown],
  [234037, feishuTexts.fileTooLargeToFetch],
  [234039, feishuTexts.imageTooManyPixels],
  [234043, feishuTexts.filesNotHandedOut],
]);

/** What the caller of the channel learns: whether to try again, and a sentence for a person. */
export function toChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (!(error instanceof FeishuError)) {
    return new ChatError('unavailable', feishuTexts.notHandedOver, { cause: error });
  }
  const options = {
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  switch (error.code) {
    case 'rate_limited':
      return new ChatError('rate_limited', feishuTexts.askedToWait, options);
    case 'refused':
      return new ChatError('refused', refusal(error.apiCode), options);
    // With these the message is fine, and goes out once the administrator has mended the app.
    case 'bad_token':
    case 'bad_credentials':
      return new ChatError('unavailable', feishuTexts.wrongCredentials, options);
    case 'unreachable':
    case 'aborted':
      return new ChatError('unavailable', feishuTexts.unreachable, options);
  }
}

function refusal(apiCode: number | undefined): Text {
  if (apiCode === undefined) return feishuTexts.refused('unknown');
  if (scopeMissing.has(apiCode)) return feishuTexts.scopeMissing(apiCode);
  if (sensitive.has(apiCode)) return feishuTexts.sensitive(apiCode);
  return fileFaults.get(apiCode) ?? feishuTexts.refused(apiCode);
}
