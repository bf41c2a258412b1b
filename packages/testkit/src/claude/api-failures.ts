import type { Json } from './json.ts';
import type { Turn } from './turn.ts';

/** The model's service gave no answer: what the real program then says in the model's place. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  /** The fields of the synthetic message; those that begin with `api_` are the result's too. */
  readonly fields: Json;
  constructor(text: string, fields: Json) {
    super(text);
    this.fields = fields;
  }
}

const MAX_RETRIES = 10;

const kinds = {
  401: {
    retry: 'authentication_failed',
    /** Ten of them take minutes: whoever waits for the end has missed the point. */
    delayMs: 600,
    growth: 2,
    text: 'Failed to authenticate. API Error: 401 Invalid authentication credentials',
    error: 'authentication_failed',
    apiErrorType: 'authentication_error',
  },
  529: {
    retry: 'overloaded',
    delayMs: 20,
    growth: 1,
    text: 'API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment.',
    error: 'server_error',
    apiErrorType: 'overloaded_error',
  },
} as const;

/** Lets the service fail so many times; after ten the turn has failed. */
export async function retried(turn: Turn, status: keyof typeof kinds, times: number): Promise<void> {
  const { retry, delayMs, growth, text, error, apiErrorType } = kinds[status];
  const { output } = turn.parts;
  output.system('status', { status: 'requesting', user_message_uuids: turn.messageIds });
  for (let attempt = 1; attempt <= Math.min(times, MAX_RETRIES); attempt += 1) {
    const retryDelayMs = delayMs * growth ** (attempt - 1);
    output.system('api_retry', {
      attempt,
      max_retries: MAX_RETRIES,
      retry_delay_ms: retryDelayMs,
      error_status: status,
      error: retry,
    });
    await turn.wait(retryDelayMs);
  }
  if (times > MAX_RETRIES)
    throw new ApiFailure(text, { error, api_error_status: status, api_error_type: apiErrorType });
}

/** The subscription's limit is used up for an hour. */
export function rateLimited(turn: Turn): never {
  const resetsAt = Math.floor(Date.now() / 1000) + 3600;
  const limit = { status: 'rejected', resetsAt, rateLimitType: 'five_hour', isUsingOverage: false };
  turn.parts.output.event({ type: 'rate_limit_event', rate_limit_info: limit });
  const time = new Date(resetsAt * 1000).toISOString().slice(11, 16);
  throw new ApiFailure(`You've hit your 5-hour limit · resets ${time} (UTC)`, {
    error: 'rate_limit',
    api_error_status: 429,
    api_error_type: 'rate_limit_error',
    api_error: 'usage_limit_reached',
  });
}
