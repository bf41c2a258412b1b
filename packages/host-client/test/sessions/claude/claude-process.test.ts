import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { LineProcessError } from '../../../src/sessions/line-process.ts';
import { recordedLines, recordedSession, sentId } from './recorded.ts';
import { conversationId, refusal, ScriptedClaude, startOver, success } from './scripted-claude.ts';

const askBash = {
  type: 'control_request',
  request_id: 'ask-1',
  request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'touch a' }, tool_use_id: 't' },
};

const allowOnce = { kind: 'allow', scope: 'once' } as const;

const quick = { startMs: 50, answerMs: 50, killAfterMs: 50 };

test('a message goes out with its id, and what comes of it is told in order', async () => {
  const claude = new ScriptedClaude();
  const lines = recordedLines('tool-turn');
  const { started, events } = await startOver(claude, { start: { conversationId: recordedSession(lines) } });
  await started.send({ id: sentId, text: 'Fix it.\nPlease.' });
  expect(claude.told.at(-1)).toEqual({
    type: 'user',
    message: { role: 'user', content: 'Fix it.\nPlease.' },
    parent_tool_use_id: null,
    session_id: '',
    uuid: sentId,
  });
  claude.say(...lines);
  expect(events[0]).toMatchObject({ kind: 'turn-started' });
  expect(events.at(-1)).toMatchObject({ kind: 'turn-ended', result: { messageIds: [sentId] } });
  expect(events.filter(({ kind }) => kind === 'asks')).toHaveLength(1);
});

test('it is ready when it has answered, and its pid is known', async () => {
  const { started } = await startOver(new ScriptedClaude());
  expect(started.pid).toBe(4711);
});

test('one that does not answer in time is ended, and that is said', async () => {
  const claude = new ScriptedClaude({ initialize: () => undefined });
  await expect(startOver(claude, { timings: { ...quick, startMs: 20 } })).rejects.toMatchObject({
    code: 'not_started',
    message: expect.stringContaining('home-pc (no answer within 0s)'),
  });
  expect(claude.signals[0]).toBe('SIGTERM');
});

test('one that dies while it starts is quoted', async () => {
  const claude = new ScriptedClaude({ initialize: () => undefined });
  const starting = startOver(claude);
  await waitFor(() => claude.told.length > 0);
  claude.say("\u001b[31merror: unknown option '--weird'\u001b[0m", '    at stack', '{"type":"result"}');
  claude.exit({ code: 1 });
  await expect(starting).rejects.toMatchObject({
    code: 'not_started',
    message: expect.stringContaining("(exit code 1; error: unknown option '--weird')"),
  });
});

test('why it can not start comes as a result of no turn, and is no event', async () => {
  const claude = new ScriptedClaude({ initialize: () => undefined });
  const events: unknown[] = [];
  const starting = startOver(claude, { start: { onEvent: (event) => events.push(event) } });
  await waitFor(() => claude.told.length > 0);
  const errors = ['The working directory was deleted'];
  claude.say({ type: 'result', subtype: 'error_during_execution', is_error: true, errors });
  claude.exit({ code: 1 });
  await expect(starting).rejects.toMatchObject({
    message: expect.stringContaining('(The working directory was deleted)'),
  });
  expect(events).toEqual([]);
});

test('bypassPermissions as root is refused in words for the user', async () => {
  const claude = new ScriptedClaude({ initialize: () => undefined });
  const starting = startOver(claude);
  await waitFor(() => claude.told.length > 0);
  const startup_failure_reason = 'bypass_root';
  claude.say({
    type: 'result',
    subtype: 'error_during_execution',
    is_error: true,
    errors: ['x'],
    startup_failure_reason,
  });
  claude.exit({ code: 1 });
  await expect(starting).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('as root') });
});

test('a program that can not be started is told as such', async () => {
  const claude = new ScriptedClaude();
  const start = {
    ...claude,
    start: async () => Promise.reject(new LineProcessError('not_started', 'No such program.')),
  };
  await expect(startOver(Object.assign(new ScriptedClaude(), start))).rejects.toMatchObject({
    code: 'not_started',
    message: expect.stringContaining('(No such program)'),
  });
});

test('a start that is given up ends the process at once', async () => {
  const claude = new ScriptedClaude({ initialize: () => undefined });
  const giveUp = new AbortController();
  const starting = startOver(claude, { signal: giveUp.signal, timings: { ...quick, startMs: 60_000 } });
  await waitFor(() => claude.told.length > 0);
  giveUp.abort();
  await expect(starting).rejects.toMatchObject({ code: 'aborted' });
  expect(claude.signals).toContain('SIGTERM');
});

test('what was given up before the start does not start at all', async () => {
  const claude = new ScriptedClaude();
  await expect(startOver(claude, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  expect(claude.spec).toBeUndefined();
});

test('the mode is set where the conversation has brought another one', async () => {
  const same = new ScriptedClaude();
  await startOver(same);
  expect(same.requests('set_permission_mode')).toEqual([]);
  const other = new ScriptedClaude();
  await startOver(other, { start: { mode: 'plan' } });
  expect(other.requests('set_permission_mode')).toEqual([{ subtype: 'set_permission_mode', mode: 'plan' }]);
});

test('a conversation that goes on without a model gets the one of the settings, not the one it had', async () => {
  const claude = new ScriptedClaude({ get_settings: () => success({ effective: { model: 'haiku' } }) });
  await startOver(claude, { resumes: true });
  expect(claude.requests('set_model')).toEqual([{ subtype: 'set_model', model: 'haiku' }]);
});

test('without a model in the settings Claude Code chooses', async () => {
  const claude = new ScriptedClaude({ get_settings: () => refusal('Unsupported', 'unsupported_request') });
  await startOver(claude, { resumes: true });
  expect(claude.requests('set_model')).toEqual([{ subtype: 'set_model' }]);
});

test('a turn that was cut and is not taken up is said so, instead of being waited for', async () => {
  const claude = new ScriptedClaude();
  await expect(startOver(claude, { resumes: true, start: { continuesCutTurn: true } })).rejects.toMatchObject({
    code: 'not_started',
    message: expect.stringContaining("can't go on with the turn that was cut"),
  });
  expect(claude.signals).toContain('SIGTERM');
});

test('a turn that is taken up may be told before the process is ready', async () => {
  const running = { pid: 1, current_permission_mode: 'default', session_state: 'running' };
  const claude: ScriptedClaude = new ScriptedClaude({
    initialize: () => {
      claude.say(...recordedLines('tool-turn').slice(0, 4));
      return success(running);
    },
  });
  const { events } = await startOver(claude, { resumes: true, start: { continuesCutTurn: true } });
  expect(events.map(({ kind }) => kind)).toContain('turn-started');
});

test('an answer goes to its question, once', async () => {
  const claude = new ScriptedClaude();
  const { started, events } = await startOver(claude);
  claude.say(askBash);
  expect(events.at(-1)).toMatchObject({ kind: 'asks', requestId: 'ask-1', ask: { tool: 'Bash' } });
  await started.answer('ask-1', allowOnce);
  await started.answer('ask-1', { kind: 'deny', message: 'too late' });
  expect(claude.answersTo('ask-1')).toEqual([
    {
      subtype: 'success',
      request_id: 'ask-1',
      response: { behavior: 'allow', updatedInput: { command: 'touch a' } },
    },
  ]);
});

test('an answer after the question was withdrawn does nothing', async () => {
  const claude = new ScriptedClaude();
  const { started, events } = await startOver(claude);
  claude.say(askBash, { type: 'control_cancel_request', request_id: 'ask-1' });
  expect(events.at(-1)).toEqual({ kind: 'ask-withdrawn', requestId: 'ask-1' });
  await started.answer('ask-1', allowOnce);
  expect(claude.answersTo('ask-1')).toEqual([]);
  claude.say({ type: 'control_cancel_request', request_id: 'ask-1' });
  expect(events.filter(({ kind }) => kind === 'ask-withdrawn')).toHaveLength(1);
});

test('a decision that does not fit is refused, and the question stays open', async () => {
  const claude = new ScriptedClaude();
  const { started } = await startOver(claude);
  claude.say(askBash);
  await expect(started.answer('ask-1', { kind: 'answers', answers: {} })).rejects.toMatchObject({ code: 'refused' });
  await started.answer('ask-1', allowOnce);
  expect(claude.answersTo('ask-1')).toHaveLength(1);
});

test('the plan is what the model wrote before, where the question does not have it', async () => {
  const claude = new ScriptedClaude();
  const { events } = await startOver(claude);
  claude.say(
    { type: 'assistant', message: { content: [{ type: 'text', text: 'First this, then that.' }] } },
    {
      type: 'control_request',
      request_id: 'p',
      request: { subtype: 'can_use_tool', tool_name: 'ExitPlanMode', input: {} },
    },
  );
  expect(events.at(-1)).toEqual({
    kind: 'asks',
    requestId: 'p',
    ask: { kind: 'plan', plan: 'First this, then that.' },
  });
});

test('what it asks and we do not know is answered, so that it goes on', async () => {
  const claude = new ScriptedClaude();
  await startOver(claude);
  claude.say(
    { type: 'control_request', request_id: 'a', request: { subtype: 'mind_reading' } },
    { type: 'control_request', request_id: 'b', request: { subtype: 'can_use_tool', tool_name: 5 } },
  );
  expect(await waitFor(() => claude.answersTo('b')[0])).toMatchObject({ subtype: 'error' });
  expect(claude.answersTo('a')).toEqual([
    { subtype: 'error', request_id: 'a', error: expect.stringContaining('mind_reading') },
  ]);
});

test('a line that is no message is kept for diagnosis, without colours', async () => {
  const claude = new ScriptedClaude();
  const { events } = await startOver(claude);
  claude.say('\u001b[33mwarning: low on paper\u001b[0m', '\u001b[?25h', '', '{"type":"result"}');
  expect(events).toEqual([
    { kind: 'noise', line: 'warning: low on paper' },
    { kind: 'noise', line: '{"type":"result"}' },
  ]);
});

test('a death in the middle of a turn is told with its reason, and leaves the questions to their owner', async () => {
  const claude = new ScriptedClaude();
  const { started, events } = await startOver(claude);
  claude.say(askBash, 'Error parsing streaming input line (type=user, 15 chars): SyntaxError');
  claude.exit({ code: 1 });
  expect(await started.ended).toEqual({
    code: 1,
    reason: {
      en: 'Claude Code on home-pc ended by itself (exit code 1; Error parsing streaming input line (type=user, 15 chars): SyntaxError): send your message again to start it.',
      zh: 'home-pc 上的 Claude Code 自己结束了（退出码 1；Error parsing streaming input line (type=user, 15 chars): SyntaxError）：再发一次消息就会启动它。',
    },
  });
  expect(events.filter(({ kind }) => kind === 'ask-withdrawn')).toEqual([]);
  // What it had started is swept up.
  expect(claude.signals).toEqual(['SIGTERM']);
});

test('a signal from elsewhere is named', async () => {
  const claude = new ScriptedClaude();
  const { started } = await startOver(claude);
  claude.exit({ code: null, signal: 'SIGKILL' });
  expect((await started.ended).reason).toMatchObject({ en: expect.stringContaining('(signal SIGKILL)') });
});

test('after its end messages are refused, and everything else is harmless', async () => {
  const claude = new ScriptedClaude();
  const { started } = await startOver(claude);
  claude.say(askBash);
  claude.exit({ code: 0 });
  await started.ended;
  await expect(started.send({ id: sentId, text: 'hello' })).rejects.toMatchObject({ code: 'ended' });
  await expect(started.setMode('plan')).rejects.toMatchObject({ code: 'refused' });
  await started.interrupt();
  await started.answer('ask-1', allowOnce);
  expect(await started.contextUsage()).toBeUndefined();
  await started.end({ resumable: false });
});

test('a request that waits when it dies is answered', async () => {
  const claude = new ScriptedClaude({ set_model: () => undefined });
  const { started } = await startOver(claude, { timings: { ...quick, answerMs: 60_000 } });
  const setting = started.setModel('opus');
  claude.exit({ code: 1 });
  await expect(setting).rejects.toMatchObject({ code: 'refused' });
});

test('it is ended so that a turn can be continued, or else so that it is given up', async () => {
  const kept = new ScriptedClaude();
  const { started: one } = await startOver(kept);
  await one.end({ resumable: true });
  expect(kept.signals[0]).toBe('SIGTERM');
  expect(await one.ended).toEqual({ code: null });
  const dropped = new ScriptedClaude();
  const { started: other } = await startOver(dropped);
  await Promise.all([other.end({ resumable: false }), other.end({ resumable: false })]);
  expect(dropped.signals[0]).toBe('SIGINT');
});

test('an interrupt is asked for, and one that is not heard ends the process', async () => {
  const claude = new ScriptedClaude();
  const { started } = await startOver(claude);
  await started.interrupt();
  expect(claude.requests('interrupt')).toHaveLength(1);
  expect(claude.signals).toEqual([]);
  const deaf = new ScriptedClaude({ interrupt: () => undefined });
  const { started: hanging, entries } = await startOver(deaf, { timings: { ...quick, answerMs: 20 } });
  await hanging.interrupt();
  expect(deaf.signals[0]).toBe('SIGINT');
  expect(entries.map(({ level }) => level)).toContain('warn');
});

test('bypassPermissions is for a process that was started with it', async () => {
  const claude = new ScriptedClaude({
    set_permission_mode: () => refusal('Cannot set permission mode', 'bypass_not_launched'),
  });
  const { started } = await startOver(claude);
  await expect(started.setMode('bypassPermissions')).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('only when it starts'),
  });
});

test('a model that is refused is named', async () => {
  const claude = new ScriptedClaude({ set_model: () => refusal('No such model.') });
  const { started } = await startOver(claude);
  await expect(started.setModel('gpt')).rejects.toMatchObject({
    code: 'refused',
    message: 'Claude Code does not take gpt (No such model): choose another one.',
  });
});

test('how full the context is comes from Claude Code, where it tells', async () => {
  const full = { totalTokens: 3_758, maxTokens: 1_000_000, gridRows: [] };
  const claude = new ScriptedClaude({ get_context_usage: () => success(full) });
  const { started } = await startOver(claude);
  expect(await started.contextUsage()).toEqual({ usedTokens: 3_758, maxTokens: 1_000_000 });
  claude.answers.get_context_usage = () => refusal('Unsupported', 'unsupported_request');
  expect(await started.contextUsage()).toBeUndefined();
});

test('the log says that it runs, and nothing of what is said', async () => {
  const claude = new ScriptedClaude();
  const { started, entries } = await startOver(claude);
  await started.send({ id: sentId, text: 'my secret' });
  claude.say(...recordedLines('tool-turn'), 'noise with a secret');
  await started.end({ resumable: false });
  const text = JSON.stringify(entries);
  expect(text).toContain(conversationId);
  expect(text).not.toContain('secret');
  expect(text).not.toContain('touch rec.txt');
});
