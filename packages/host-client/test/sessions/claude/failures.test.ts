import type { Language } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { expect, test } from 'vitest';
import type { AgentEvent, AgentFailure } from '../../../src/sessions/agent-runner.ts';
import { toFailure } from '../../../src/sessions/claude/failures.ts';
import { eventsOf, recordedLines } from './recorded.ts';

const loginFirst = {
  en: 'Claude Code on home-pc is not logged in: run claude there once and use /login.',
  zh: 'home-pc 上的 Claude Code 没有登录：请在那里运行一次 claude，用 /login 登录。',
};

function failureOf(events: readonly AgentEvent[]): AgentFailure | undefined {
  const last = events.at(-1);
  return last?.kind === 'turn-ended' ? last.result.failure : undefined;
}

/** What somebody gets who reads this language. */
function read(failure: AgentFailure | undefined, language: Language = 'en'): string {
  return inLanguage(failure?.said ?? '', language);
}

function english(words: unknown) {
  return expect.objectContaining({ en: words });
}

test('who is not logged in is told how to log in', () => {
  expect(failureOf(eventsOf(recordedLines('logged-out')))).toEqual({ code: 'not_logged_in', said: loginFirst });
});

test('a login that is refused is told at the first attempt, before minutes of others', () => {
  const first = eventsOf(recordedLines('wrong-key')).find(({ kind }) => kind === 'retry');
  expect(first).toEqual({
    kind: 'retry',
    attempt: 1,
    maxAttempts: 10,
    reason: { en: 'authentication failed, 401', zh: '登录无效，401' },
    failure: { code: 'not_logged_in', said: loginFirst },
  });
});

test('who has used up a limit is told when it is reset', () => {
  const lines = recordedLines('usage-limit');
  const resetsAt = Number(/"resetsAt":(\d+)/.exec(lines.join())?.[1]) * 1000;
  const failure = failureOf(eventsOf(lines, { now: () => resetsAt - 47 * 60_000 }));
  expect(failure?.code).toBe('over_limit');
  expect(read(failure)).toContain('send your message again in 47m');
  expect(read(failure, 'zh')).toContain('47m 后限制重置');
});

test('while the service is overloaded it is asked again, and then given up', () => {
  const events = eventsOf(recordedLines('overloaded'));
  expect(events.filter(({ kind }) => kind === 'retry')).toEqual([
    { kind: 'retry', attempt: 1, maxAttempts: 10, reason: { en: 'overloaded, 529', zh: '服务过载，529' } },
    { kind: 'retry', attempt: 2, maxAttempts: 10, reason: { en: 'overloaded, 529', zh: '服务过载，529' } },
  ]);
  expect(failureOf(events)).toMatchObject({
    code: 'overloaded',
    said: english(expect.stringContaining('a few minutes')),
  });
});

test('an account without credit is told so', () => {
  expect(failureOf(eventsOf(recordedLines('no-credit')))).toMatchObject({
    code: 'over_limit',
    said: english(expect.stringContaining('no credit')),
  });
});

test('a limit per minute is worth waiting for', () => {
  const retry = {
    type: 'system',
    subtype: 'api_retry',
    attempt: 1,
    max_retries: 10,
    error_status: 429,
    error: 'rate_limit',
  };
  expect(eventsOf([JSON.stringify(retry)])).toEqual([
    { kind: 'retry', attempt: 1, maxAttempts: 10, reason: { en: 'rate limit, 429', zh: '超出用量限制，429' } },
  ]);
});

test('the failure of one turn is not that of the next', () => {
  const result = { type: 'result', subtype: 'success', is_error: true, terminal_reason: 'api_error', result: 'Odd' };
  const failure = failureOf(eventsOf([...recordedLines('no-credit'), JSON.stringify(result)]));
  expect(failure).toMatchObject({ code: 'failed', said: english(expect.stringContaining('(Odd)')) });
});

test.each([
  [{ terminalReason: 'max_turns' }, 'too_many_turns', 'go on'],
  [{ terminalReason: 'prompt_too_long', category: 'invalid_request', status: 400 }, 'refused', '/compact'],
  [{ category: 'authentication_failed', status: 403 }, 'refused', 'refuses the account'],
  [{ category: 'model_not_found', status: 404 }, 'refused', '/model'],
  [{ category: 'invalid_request', status: 400 }, 'refused', 'refused the request'],
  [{ category: 'unknown', status: 400 }, 'refused', 'refused the request'],
  [{ category: 'unknown', status: 401 }, 'not_logged_in', '/login'],
  [{ category: 'brand_new', status: 529 }, 'overloaded', 'overloaded'],
  [{ category: 'server_error', status: 500 }, 'overloaded', 'down'],
  [{ category: 'unknown' }, 'failed', 'failed'],
] as const)('a failure with %o is %s', (facts, code, words) => {
  const failure = toFailure({ ...facts, text: 'API Error: this and that.' }, 'home-pc');
  expect(failure.code).toBe(code);
  expect(read(failure)).toContain(words);
  for (const command of words.match(/\/\w+/g) ?? []) expect(read(failure, 'zh')).toContain(command);
});

test("Claude's words stand in one sentence of ours, without colours and without end", () => {
  const text = `\u001b[31mAPI Error: ${'very '.repeat(100)}bad.\u001b[0m\n    at stack`;
  const failure = toFailure({ text }, 'home-pc');
  const message = read(failure);
  expect(message).toMatch(
    /^The turn of Claude Code on home-pc failed \(API Error: very .*…\): send your message again\.$/,
  );
  expect(message.length).toBeLessThan(300);
  expect(message).not.toContain('\u001b');
  expect(read(failure, 'zh')).toMatch(
    /^home-pc 上 Claude Code 的这一轮失败了（API Error: very .*…）：请再发一次消息。$/,
  );
});

test('an error of the session without a kind or words is still told', () => {
  const result = { type: 'result', subtype: 'error_during_execution', is_error: true, errors: [] };
  const failure = failureOf(eventsOf([JSON.stringify(result)]));
  expect(read(failure)).toContain('(it gave no reason)');
  expect(read(failure, 'zh')).toContain('（它没有说明原因）');
});

test('too many steps are told also by the name of the result', () => {
  const result = { type: 'result', subtype: 'error_max_turns', is_error: true, errors: ['Reached maximum'] };
  expect(failureOf(eventsOf([JSON.stringify(result)]))?.code).toBe('too_many_turns');
});
