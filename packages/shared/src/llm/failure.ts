import { formatDuration } from '../duration.ts';
import type { ChatModelErrorCode } from './llm.ts';
import { ChatModelError } from './llm.ts';

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
  switch (fault.kind) {
    case 'aborted':
      return final(new ChatModelError('aborted', 'Stopped.'));
    case 'timed_out':
      return { error: failureOf('timeout', endpoint), retry: true };
    case 'unreachable':
      return { error: unreachable(fault.cause, endpoint), retry: true };
    case 'broke_off': {
      const sentence = `The answer of the model at ${endpoint.host} broke off: try again in a minute.`;
      return { error: new ChatModelError('unavailable', sentence, { cause: fault.cause }), retry: true };
    }
    case 'unreadable': {
      const sentence = `The model at ${endpoint.host} sent an answer that can't be read: try again, and if it stays so check OPENAI_BASE_URL on this machine.`;
      return { error: new ChatModelError('malformed', sentence, { cause: fault.cause }), retry: true };
    }
    case 'unexpected': {
      const sentence =
        "The call of the model failed unexpectedly: try again, and if it stays so look at this node's log.";
      return final(new ChatModelError('unavailable', sentence, { cause: fault.cause }));
    }
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
  const sentence = `The model takes no requests for the next ${formatDuration(waitMs)}: try again then.`;
  return final(new ChatModelError(error.code, sentence, { cause: error.cause }));
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
  const [code, sentence] = explain(trouble, endpoint);
  return new ChatModelError(code, sentence, options);
}

function explain(trouble: Trouble, { model, host }: Endpoint): readonly [ChatModelErrorCode, string] {
  switch (trouble) {
    case 'key':
      return ['unauthorized', 'The model refused the API key: check OPENAI_API_KEY on this machine.'];
    case 'permission':
      return [
        'unauthorized',
        `This API key may not use the model "${model}": check the account, OPENAI_API_KEY and OPENAI_MODEL on this machine.`,
      ];
    case 'model':
      return [
        'unknown_model',
        `There is no model "${model}" at ${host}: check OPENAI_MODEL and OPENAI_BASE_URL on this machine.`,
      ];
    case 'balance':
      return [
        'refused',
        "The model's account has no balance or quota left: top it up, or set another OPENAI_API_KEY on this machine.",
      ];
    case 'rate':
      return ['rate_limited', 'The model has too many requests at the moment: try again in a minute.'];
    case 'server':
      return ['unavailable', `The model at ${host} has a problem at the moment: try again in a minute.`];
    case 'policy':
      return [
        'refused',
        "The model's content filter refused this: put it another way, or send /clear to start afresh.",
      ];
    case 'too_long':
      return ['refused', 'This conversation has become too long for the model: send /clear to start afresh.'];
    case 'timeout':
      return ['timed_out', `The model at ${host} took too long to answer: try again in a minute.`];
    case 'request':
      return [
        'refused',
        'The model refused the request: send /clear to start afresh, and if it stays so check OPENAI_MODEL on this machine.',
      ];
  }
}

function unreachable(cause: unknown, { host }: Endpoint): ChatModelError {
  const sentence = `The model at ${host} can't be reached: check the network and OPENAI_BASE_URL on this machine.`;
  return new ChatModelError('unavailable', sentence, { cause });
}

/** Reads a `retry-after` header: seconds, or a date. */
function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
