import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgentEvent } from '../../src/sessions/agent-runner.ts';
import { TurnView } from '../../src/sessions/turn-view.ts';

const folder = '/home/u/projects/demo';
let view: TurnView;

beforeEach(() => {
  vi.useFakeTimers();
  view = new TurnView({ folder });
});
afterEach(() => {
  vi.useRealTimers();
});

function seconds(count: number): void {
  vi.advanceTimersByTime(count * 1000);
}

function tool(toolUseId: string, name: string, input: Record<string, unknown>): AgentEvent {
  return { kind: 'tool-started', toolUseId, name, input };
}

const turnEnded: AgentEvent = {
  kind: 'turn-ended',
  result: { messageIds: [], text: '', isInterrupted: false, costUsd: undefined },
};
const permission: AgentEvent = {
  kind: 'asks',
  requestId: 'r',
  ask: { kind: 'permission', tool: 'Bash', input: { command: 'npm test' } },
};

test('before anything comes, Claude thinks', () => {
  seconds(8);
  expect(view.step?.en).toBe('thinking');
  expect(view.text).toBe('');
});

test('the newest thing is told, and with its own time where it is a tool that takes a while', () => {
  seconds(60);
  view.take(tool('a', 'Bash', { command: 'npm test\n --watch' }));
  seconds(3);
  expect(view.step?.en).toBe('Bash: npm test --watch');
  seconds(9);
  expect(view.step?.en).toBe('Bash: npm test --watch · 12s');
  view.take({ kind: 'tool-ended', toolUseId: 'a', isError: false, output: '' });
  seconds(30);
  expect(view.step?.en).toBe('thinking');
  view.take({ kind: 'text', delta: 'It' });
  seconds(10);
  view.take({ kind: 'text', delta: ' passed' });
  expect(view.step?.en).toBe('writing');
});

test('who looks once is told the time of whatever it is', () => {
  seconds(60);
  view.take(tool('a', 'Bash', { command: 'npm test' }));
  seconds(2);
  expect(view.timedStep).toEqual({ en: 'Bash: npm test · 2s', zh: 'Bash: npm test · 2s' });
  view.take({ kind: 'tool-ended', toolUseId: 'a', isError: false, output: '' });
  seconds(7);
  expect(view.timedStep).toEqual({ en: 'thinking · 7s', zh: '思考中 · 7s' });
});

test('files are named as seen from the folder of the session', () => {
  view.take(tool('a', 'Edit', { file_path: `${folder}/src/a.ts`, old_string: 'x', new_string: 'y' }));
  seconds(5);
  expect(view.step?.en).toBe('Edit src/a.ts · 5s');
  view.take(tool('b', 'Read', { file_path: '/etc/hosts' }));
  expect(view.step?.en).toBe('Read /etc/hosts · +1 more');
});

test('with several tools at once, the newest is told and the others are counted', () => {
  for (const id of ['a', 'b', 'c']) view.take(tool(id, 'Grep', { pattern: id }));
  expect(view.step).toEqual({ en: 'Grep: c · +2 more', zh: 'Grep: c · 另有 2 个' });
  view.take({ kind: 'tool-ended', toolUseId: 'c', isError: false, output: '' });
  expect(view.step?.en).toBe('Grep: b · +1 more');
});

test('a question comes before everything, until it is answered or withdrawn', () => {
  view.take(tool('a', 'Bash', { command: 'npm test' }));
  view.take(permission);
  seconds(100);
  expect(view.step).toEqual({ en: 'waiting for your answer', zh: '等你回答' });
  view.activity.answered('r');
  seconds(4);
  // The time of the question is not the command's.
  expect(view.step?.en).toBe('Bash: npm test · 4s');
  view.take(permission);
  view.take({ kind: 'ask-withdrawn', requestId: 'r' });
  expect(view.step?.en).not.toContain('waiting');
});

test('a service that fails is told until something else comes', () => {
  view.take({ kind: 'retry', attempt: 2, maxAttempts: 10, reason: { en: 'overloaded', zh: '服务过载' } });
  expect(view.step).toEqual({ en: 'retrying 2/10: overloaded', zh: '重试 2/10：服务过载' });
  view.take({ kind: 'text', delta: 'a' });
  expect(view.step?.en).toBe('writing');
});

test('a step is one line of at most 100 characters that keeps its numbers', () => {
  seconds(60);
  view.take(tool('a', 'Bash', { command: 'echo \u202e\n'.repeat(100) }));
  seconds(5);
  for (const step of Object.values(view.step ?? {})) {
    expect(step.length).toBeLessThanOrEqual(100);
    expect(step).toMatch(/^Bash: echo \[U\+202E\].*… · 5s$/);
  }
  expect(view.step).toBeDefined();
});

test('after the end there is no step, and the text stays', () => {
  view.take(tool('a', 'Bash', { command: 'npm test' }));
  view.take({ kind: 'message', text: 'Done.' });
  view.take(turnEnded);
  expect(view.step).toBeUndefined();
  expect(view.text).toBe('Done.');
  expect(view.activity.tools).toEqual([]);
});

test('the text is what was said, and each message only once', () => {
  view.take({ kind: 'text', delta: 'Let me ' });
  view.take({ kind: 'text', delta: 'look.' });
  expect(view.text).toBe('Let me look.');
  view.take({ kind: 'message', text: 'Let me look.' });
  expect(view.text).toBe('Let me look.');
  view.take({ kind: 'text', delta: 'Found' });
  expect(view.text).toBe('Let me look.\n\nFound');
});

test('another turn begins with nothing said, and its own time', () => {
  view.take({ kind: 'message', text: 'one' });
  view.take(permission);
  view.take(turnEnded);
  seconds(100);
  view.take({ kind: 'turn-started', conversationId: 'c', model: 'm', mode: 'default' });
  expect(view.text).toBe('');
  expect(view.step?.en).toBe('thinking');
});

test('of a long text the end is shown, from the beginning of a line', () => {
  for (let line = 0; line < 2000; line += 1) view.take({ kind: 'text', delta: `line ${line} of many\n` });
  expect(view.text.length).toBeLessThanOrEqual(8100);
  expect(view.text).toMatch(/^…\nline \d+ of many\n/);
  expect(view.text.endsWith('line 1999 of many')).toBe(true);
});

test('a long text that has no lines is cut between characters', () => {
  view.take({ kind: 'text', delta: `${'🙂'.repeat(20_000)}x` });
  expect(view.text.isWellFormed()).toBe(true);
  view.take({ kind: 'message', text: `x${'🙂'.repeat(20_000)}` });
  expect(view.text.isWellFormed()).toBe(true);
  expect(view.text.length).toBeGreaterThan(7000);
});

test('a hundred thousand small pieces cost little, also when each is shown', () => {
  vi.useRealTimers();
  const began = performance.now();
  for (let count = 0; count < 100_000; count += 1) view.take({ kind: 'text', delta: 'word ' });
  // Text that is copied with each piece takes minutes.
  expect(performance.now() - began).toBeLessThan(2000);
  let shown = 0;
  const beganToShow = performance.now();
  for (let count = 0; count < 1000; count += 1) {
    view.take({ kind: 'text', delta: 'word ' });
    shown += view.text.length;
  }
  expect(shown).toBeGreaterThan(7_000_000);
  expect(performance.now() - beganToShow).toBeLessThan(1000);
});
