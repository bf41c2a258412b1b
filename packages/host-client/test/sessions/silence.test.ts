import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgentEvent } from '../../src/sessions/agent-runner.ts';
import { SilenceWatch } from '../../src/sessions/silence.ts';
import { TurnActivity } from '../../src/sessions/turn-activity.ts';

let said: string[];
let activity: TurnActivity;
let watch: SilenceWatch;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  activity = new TurnActivity('/code');
  watch = new SilenceWatch({ activity, onSilence: (text) => said.push(text.en) });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

function minutes(count: number): void {
  vi.advanceTimersByTime(count * 60_000);
}

const text: AgentEvent = { kind: 'text', delta: 'a' };
const npmTest: AgentEvent = {
  kind: 'tool-started',
  toolUseId: 't',
  name: 'Bash',
  input: { command: 'npm test' },
};
const npmTestEnded: AgentEvent = { kind: 'tool-ended', toolUseId: 't', isError: false, output: '' };
const asks: AgentEvent = {
  kind: 'asks',
  requestId: 'r',
  ask: { kind: 'permission', tool: 'Bash', input: { command: 'npm test' } },
};

test('a minute of silence is explained, and less is not', () => {
  vi.advanceTimersByTime(59_000);
  expect(watch.step).toBeUndefined();
  vi.advanceTimersByTime(1000);
  expect(watch.step?.en).toBe('no sign from the model for 1m, still waiting; /stop to end');
  vi.advanceTimersByTime(5000);
  expect(watch.step?.en).toBe('no sign from the model for 1m 5s, still waiting; /stop to end');
  activity.take(text);
  expect(watch.step).toBeUndefined();
});

test('messages go out after 2, 5, 15 and 30 minutes, and then every 30', () => {
  const at: number[] = [];
  for (let minute = 1; minute <= 125; minute += 1) {
    const before = said.length;
    minutes(1);
    if (said.length > before) at.push(minute);
  }
  expect(at).toEqual([2, 5, 15, 30, 60, 90, 120]);
  expect(said[0]).toContain('for 2m');
});

test('silence that begins again is counted anew', () => {
  minutes(3);
  expect(said).toHaveLength(1);
  activity.take(text);
  vi.advanceTimersByTime(119_000);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(2000);
  expect(said).toHaveLength(2);
});

test('a turn in which something comes each minute is left in peace', () => {
  for (let count = 0; count < 200; count += 1) {
    minutes(1);
    activity.take(text);
  }
  expect(said).toEqual([]);
});

test('a tool that takes long is named', () => {
  activity.take(npmTest);
  minutes(2);
  expect(watch.step?.en).toBe('Bash: npm test has been running for 2m, no output yet');
  expect(said).toEqual(['Bash: npm test has been running for 2m, no output yet; /stop to end']);
});

test('a tool that has finished is not blamed for the silence of the model', () => {
  activity.take(npmTest);
  minutes(3);
  activity.take(npmTestEnded);
  minutes(1);
  expect(watch.step?.en).toBe(
    'Bash: npm test has finished; no sign from the model for 1m, still waiting; /stop to end',
  );
});

test('a service that fails is named', () => {
  activity.take({ kind: 'retry', attempt: 3, maxAttempts: 10, reason: 'overloaded' });
  minutes(1);
  expect(watch.step?.en).toBe("the model's service failed (overloaded), attempt 3 of 10 for 1m; /stop to end");
});

test('in Chinese silence is explained too', () => {
  activity.take({ kind: 'retry', attempt: 3, maxAttempts: 10, reason: { en: 'overloaded', zh: '服务过载' } });
  minutes(1);
  expect(watch.step?.zh).toBe('模型服务出错（服务过载），第 3/10 次尝试，已有 1m；/stop 结束');
  activity.take(npmTest);
  minutes(1);
  expect(watch.step?.zh).toBe('Bash: npm test 已运行 1m，还没有输出');
});

test('while the user is asked there is nothing to explain, and the time does not count', () => {
  activity.take(npmTest);
  activity.take(asks);
  minutes(20);
  expect(watch.step).toBeUndefined();
  expect(said).toEqual([]);
  activity.answered('r');
  minutes(1);
  expect(watch.step?.en).toBe('Bash: npm test has been running for 1m, no output yet');
  minutes(1);
  expect(said).toHaveLength(1);
});

test('what is not from the agent is no sign of it', () => {
  vi.advanceTimersByTime(50_000);
  activity.take({ kind: 'noise', line: '?' });
  vi.advanceTimersByTime(10_000);
  expect(watch.step?.en).toContain('no sign');
});

test('a turn that is over is silent by right', () => {
  activity.take({ kind: 'turn-ended', result: { messageIds: [], text: '', isInterrupted: false, costUsd: undefined } });
  minutes(40);
  expect(watch.step).toBeUndefined();
  expect(said).toEqual([]);
});

test('nothing is said, and no timer is left, after the end', () => {
  watch.close();
  watch.close();
  minutes(40);
  expect(said).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
