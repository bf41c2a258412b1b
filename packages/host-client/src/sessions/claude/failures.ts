import type { AgentFailure } from '../agent-runner.ts';
import { toReason } from './claude-texts.ts';
import { failureTexts } from './failure-texts.ts';

/** What Claude Code tells of a failed call of its service, or of a turn that failed. */
export type FailureFacts = {
  /** Its own name for the kind of failure, such as `authentication_failed`. */
  readonly category?: string | undefined;
  /** Of the HTTP answer. */
  readonly status?: number | undefined;
  /** Why the turn ended, such as `max_turns`. */
  readonly terminalReason?: string | undefined;
  /** What it wrote for a person. */
  readonly text: string;
  /** Ms until a usage limit is reset, where one is used up. */
  readonly resetsInMs?: number | undefined;
};

/** Why a turn came to nothing, for the user of Claude Code on the node `nodeName`. */
export function toFailure(facts: FailureFacts, nodeName: string): AgentFailure {
  return (
    failureOfTurn(facts.terminalReason) ??
    failureOfService(facts, nodeName) ?? {
      code: 'failed',
      said: failureTexts.turnFailed(nodeName, toReason(facts.text)),
    }
  );
}

/** The same, for a call that is going to be repeated: undefined where waiting may help. */
export function toLastingFailure(facts: FailureFacts, nodeName: string): AgentFailure | undefined {
  const failure = failureOfService(facts, nodeName);
  switch (failure?.code) {
    case 'not_logged_in':
    case 'refused':
      return failure;
    case 'over_limit':
      // Without a time of reset it may be a limit per minute, which the next attempts keep.
      return facts.resetsInMs !== undefined || facts.category === 'billing_error' ? failure : undefined;
    default:
      return undefined;
  }
}

function failureOfTurn(reason: string | undefined): AgentFailure | undefined {
  switch (reason) {
    case 'max_turns':
    case 'budget_exhausted':
      return { code: 'too_many_turns', said: failureTexts.tooManyTurns };
    case 'prompt_too_long':
    case 'image_error':
    case 'blocking_limit':
    case 'rapid_refill_breaker':
      return { code: 'refused', said: failureTexts.tooLong };
    default:
      return undefined;
  }
}

function failureOfService(facts: FailureFacts, nodeName: string): AgentFailure | undefined {
  const { category, status, text, resetsInMs } = facts;
  switch (category) {
    case 'authentication_failed':
      // With a 403 the login is fine, and the account is not.
      if (status === 403) return { code: 'refused', said: failureTexts.accountRefused(nodeName, toReason(text)) };
      return { code: 'not_logged_in', said: failureTexts.notLoggedIn(nodeName) };
    case 'oauth_org_not_allowed':
    case 'account_on_hold':
    case 'verification_required':
    case 'cloud_credential_error':
      return { code: 'refused', said: failureTexts.accountRefused(nodeName, toReason(text)) };
    case 'billing_error':
      return { code: 'over_limit', said: failureTexts.noCredit(nodeName) };
    case 'rate_limit':
      return { code: 'over_limit', said: failureTexts.overLimit(nodeName, resetsInMs) };
    case 'overloaded':
    case 'server_error':
      return { code: 'overloaded', said: failureTexts.overloaded };
    case 'model_not_found':
      return { code: 'refused', said: failureTexts.unknownModel };
    case 'invalid_request':
      return { code: 'refused', said: failureTexts.requestRefused(toReason(text)) };
    default:
      return failureByStatus(facts, nodeName);
  }
}

/** For a kind of failure that has no name, or one that we don't know. */
function failureByStatus(facts: FailureFacts, nodeName: string): AgentFailure | undefined {
  const { status = 0, text, resetsInMs } = facts;
  if (status === 401) return { code: 'not_logged_in', said: failureTexts.notLoggedIn(nodeName) };
  if (status === 403) return { code: 'refused', said: failureTexts.accountRefused(nodeName, toReason(text)) };
  if (status === 429) return { code: 'over_limit', said: failureTexts.overLimit(nodeName, resetsInMs) };
  if (status >= 500) return { code: 'overloaded', said: failureTexts.overloaded };
  if (status >= 400) return { code: 'refused', said: failureTexts.requestRefused(toReason(text)) };
  return undefined;
}
