import type { Text } from '../language/language.ts';
import type { ChatModelErrorCode } from './llm.ts';
import { ChatModelError } from './llm.ts';
import { modelTexts } from './model-texts.ts';

/** Which model, and where; `host` never holds credentials. */
export type Endpoint = { readonly model: string; readonly host: string };

/** What became of one attempt that gave no answer. */
export type Fault =
  /** An error from the server; without a status when it came in the middle of a stream. */
  | {
      readonly kind: 'reply';
      readonly status: number | undefined;
      /** The body's `code` and `type`, where there are such. */
      readonly codes: readonly string[];
      readonly retryAfter: string | undefined;
    }
  | { readonly kind: 'unreachable' | 'broke_off' | 'unreadable' | 'unexpected'; readonly cause?: unknown }
  | { readonly kind: 'timed_out' | 'aborted' }
  /** The model ended its answer for a reason of its own. */
  | { readonly kind: 'ended'; readonly trouble: Trouble };

/** A fault, judged. `waitMs` is what the server asked for. */
export type Failure = { readonly error: ChatModelError; readonly retry: boolean; readonly waitMs?: number };

export type Trouble =
  | 'key'
  | 'permission'
  | 'model'
  | 'balance'
  | 'rate'
  | 'server'
  | 'policy'
  | 'too_long'
  | 'timeout'
  | 'request';

/** A server that asks for a longer wait is not waited for: the user is told instead. */
const longestWaitMs = 30_000;

/** Says in the user's words what a fault means, and whether another attempt could help. */
export function judge(fault: Fault, endpoint: Endpoint): Failure {
  const { host } = endpoint;
  switch (fault.kind) {
    case 'aborted':
      return final(new ChatModelError('aborted', modelTexts.stopped));
    case 'timed_out':
      return { error: failureOf('timeout', endpoint), retry: true };
    case 'unreachable':
      return failed('unavailable', modelTexts.unreachable(host), fault);
    case 'broke_off':
      return failed('unavailable', modelTexts.brokeOff(host), fault);
    case 'unreadable':
      return failed('malformed', modelTexts.unreadable(host), fault);
    case 'unexpected':
      return final(new ChatModelError('unavailable', modelTexts.unexpected, { cause: fault.cause }));
    case 'ended':
      return { error: failureOf(fault.trouble, endpoint), retry: canPass.has(fault.trouble) };
    case 'reply':
      return judgeReply(fault, endpoint);
  }
}

function judgeReply(fault: Extract<Fault, { kind: 'reply' }>, endpoint: Endpoint): Failure {
  const trouble = troubleOf(fault);
  // The body stays out: it may quote the key or the conversation.
  const facts = [fault.status === undefined ? 'in the stream' : `HTTP ${fault.status}`, ...fault.codes].join(', ');
  const error = failureOf(trouble, endpoint, { cause: new Error(`the model's server answered: ${facts}`) });
  if (!canPass.has(trouble)) return final(error);
  const waitMs = parseRetryAfter(fault.retryAfter);
  if (waitMs === undefined) return { error, retry: true };
  if (waitMs <= longestWaitMs) return { error, retry: true, waitMs };
  return final(new ChatModelError(error.code, modelTexts.notBefore(waitMs), { cause: error.cause }));
}

function failed(code: ChatModelErrorCode, said: Text, { cause }: { readonly cause?: unknown }): Failure {
  return { error: new ChatModelError(code, said, { cause }), retry: true };
}

function final(error: ChatModelError): Failure {
  return { error, retry: false };
}

/** Troubles that may be over a moment later. */
const canPass: ReadonlySet<Trouble> = new Set(['rate', 'server', 'timeout']);

/**
 * Codes that say more than the HTTP status: OpenAI's, and those of GLM (https://docs.bigmodel.cn/cn/api/api-code),
 * which reports a missing model as 400 and an empty account as 429.
 */
const troubleByCode: ReadonlyMap<string, Trouble> = new Map([
  ...['invalid_api_key', '1000', '1001', '1002', '1003', '1004'].map((code) => [code, 'key'] as const),
  ...['1110', '1111', '1112', '1121', '1220', '1311'].map((code) => [code, 'permission'] as const),
  ...['model_not_found', '1211'].map((code) => [code, 'model'] as const),
  ...['insufficient_quota', '1113', '1304', '1308', '1309', '1310'].map((code) => [code, 'balance'] as const),
  ...['rate_limit_exceeded', '1302', '1303', '1305', '1312'].map((code) => [code, 'rate'] as const),
  ...['content_filter', 'content_policy_violation', '1300', '1301'].map((code) => [code, 'policy'] as const),
  ...['context_length_exceeded', '1261'].map((code) => [code, 'too_long'] as const),
  ...['server_error', '1120', '1230', '1234'].map((code) => [code, 'server'] as const),
]);

function troubleOf({
  status,
  codes,
}: {
  readonly status: number | undefined;
  readonly codes: readonly string[];
}): Trouble {
  for (const code of codes) {
    const trouble = troubleByCode.get(code);
    if (trouble !== undefined) return trouble;
  }
  if (status === undefined || status >= 500) return 'server';
  return troubleByStatus.get(status) ?? 'request';
}

const troubleByStatus: ReadonlyMap<number, Trouble> = new Map([
  [401, 'key'],
  [402, 'balance'],
  [403, 'permission'],
  [404, 'model'],
  [408, 'timeout'],
  [413, 'too_long'],
  [429, 'rate'],
]);

function failureOf(trouble: Trouble, endpoint: Endpoint, options?: ErrorOptions): ChatModelError {
  const [code, said] = explain(trouble, endpoint);
  return new ChatModelError(code, said, options);
}

function explain(trouble: Trouble, { model, host }: Endpoint): readonly [ChatModelErrorCode, Text] {
  switch (trouble) {
    case 'key':
      return ['unauthorized', modelTexts.key];
    case 'permission':
      return ['unauthorized', modelTexts.permission(model)];
    case 'model':
      return ['unknown_model', modelTexts.noModel(model, host)];
    case 'balance':
      return ['refused', modelTexts.balance];
    case 'rate':
      return ['rate_limited', modelTexts.rate];
    case 'server':
      return ['unavailable', modelTexts.server(host)];
    case 'policy':
      return ['refused', modelTexts.policy];
    case 'too_long':
      return ['refused', modelTexts.tooLong];
    case 'timeout':
      return ['timed_out', modelTexts.timeout(host)];
    case 'request':
      return ['refused', modelTexts.request];
  }
}

/** Reads a `retry-after` header: seconds, or a date. */
function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
