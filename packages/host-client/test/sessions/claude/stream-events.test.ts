import { expect, test } from 'vitest';
import { parseCliLine } from '../../../src/sessions/claude/cli-messages.ts';
import { eventsOf, recordedLines, sentId } from './recorded.ts';

test('a turn with a tool is told from its beginning to its end', () => {
  const events = eventsOf(recordedLines('tool-turn'));
  expect(events.filter(({ kind }) => kind !== 'text')).toEqual([
    { kind: 'turn-started', conversationId: expect.any(String), model: 'claude-opus-5-5', mode: 'default' },
    { kind: 'message', text: 'Using Bash.' },
    {
      kind: 'tool-started',
      toolUseId: expect.stringContaining('toolu_'),
      name: 'Bash',
      input: { command: 'touch rec.txt', description: 'run it' },
    },
    {
      kind: 'tool-ended',
      toolUseId: expect.stringContaining('toolu_'),
      isError: false,
      output: '(Bash completed with no output)',
    },
    { kind: 'message', text: 'tool said: (Bash completed with no output)' },
    {
      kind: 'turn-ended',
      result: {
        messageIds: [sentId],
        text: 'tool said: (Bash completed with no output)',
        isInterrupted: false,
        costUsd: 0.0016,
      },
    },
  ]);
});

test('the pieces of a text are the text', () => {
  const events = eventsOf(recordedLines('tool-turn'));
  const pieces = events.flatMap((event) => (event.kind === 'text' ? [event.delta] : []));
  const texts = events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  expect(pieces.length).toBeGreaterThan(texts.length);
  expect(pieces.join('')).toBe(texts.join(''));
});

test('what the model thinks is no text', () => {
  const shown = JSON.stringify(eventsOf(recordedLines('thinking')));
  expect(shown).toContain('thought done');
  expect(shown).not.toContain('secret');
});

test('/clear moves the conversation to the id that its files and messages have', () => {
  const lines = recordedLines('clear');
  const next = JSON.parse(lines.find((line) => line.includes('"subtype":"init"')) ?? '').session_id;
  expect(eventsOf(lines)).toEqual([
    { kind: 'conversation-changed', conversationId: next },
    { kind: 'turn-started', conversationId: next, model: 'claude-opus-5-5', mode: 'default' },
    { kind: 'turn-ended', result: { messageIds: [sentId], text: '', isInterrupted: false, costUsd: 0 } },
  ]);
});

test('/compact is told', () => {
  expect(eventsOf(recordedLines('compact')).map(({ kind }) => kind)).toEqual([
    'turn-started',
    'compacted',
    'turn-ended',
  ]);
});

test('of a subagent the tools are shown, and none of its words', () => {
  const events = eventsOf(recordedLines('subagent'));
  expect(events.flatMap((event) => (event.kind === 'tool-started' ? [event.name] : []))).toEqual(['Agent', 'Bash']);
  expect(events.flatMap((event) => (event.kind === 'message' ? [event.text] : []))).toEqual([
    'Using Agent.',
    'tool said: Async agent launched successfully.',
    'You said: ',
  ]);
});

test('what a subagent is writing is not shown either', () => {
  const delta = { type: 'content_block_delta', delta: { type: 'text_delta', text: 'aside' } };
  const line = JSON.stringify({ type: 'stream_event', event: delta, parent_tool_use_id: 't' });
  expect(eventsOf([line])).toEqual([]);
});

test('a turn that nobody asked for answers no message', () => {
  const ends = eventsOf(recordedLines('subagent')).flatMap((event) =>
    event.kind === 'turn-ended' ? [event.result.messageIds] : [],
  );
  expect(ends).toEqual([[sentId], []]);
});

test('a turn that was interrupted has no failure', () => {
  expect(eventsOf(recordedLines('interrupted')).at(-1)).toEqual({
    kind: 'turn-ended',
    result: { messageIds: [sentId], text: '', isInterrupted: true, costUsd: expect.any(Number) },
  });
});

test('a failure of the service is no text of the model', () => {
  for (const name of ['usage-limit', 'logged-out', 'overloaded', 'no-credit']) {
    const events = eventsOf(recordedLines(name));
    expect(events.filter(({ kind }) => kind === 'message')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ kind: 'turn-ended', result: { text: '', isInterrupted: false } });
  }
});

test('a mode that we do not know is none', () => {
  const init = { type: 'system', subtype: 'init', session_id: 'a', model: 'm', permissionMode: 'dontAsk' };
  expect(eventsOf([JSON.stringify(init)])).toEqual([
    { kind: 'turn-started', conversationId: 'a', model: 'm', mode: undefined },
  ]);
});

test('messages of kinds that we do not know are passed over', () => {
  expect(parseCliLine('{"type":"telepathy","content":5}')).toBe('unknown');
  expect(parseCliLine('{"type":"system","subtype":"telepathy"}')).toBe('unknown');
  expect(parseCliLine('{"type":"system"}')).toBe('unknown');
});

test('what is no message, or a broken one, is noise', () => {
  const broken = [
    '',
    'Error: out of paper',
    '{"type":"result","is_err',
    '{"type":"result","subtype":"success"}',
    '{"kind":"result"}',
    '{"type":7}',
    '[1]',
    'null',
  ];
  for (const line of broken) expect(parseCliLine(line)).toBe('noise');
});

test('pictures in the output of a tool are named', () => {
  const content = [
    { type: 'text', text: 'a page' },
    { type: 'image', source: { data: 'x' } },
  ];
  const block = { type: 'tool_result', tool_use_id: 't', content, is_error: true };
  expect(eventsOf([JSON.stringify({ type: 'user', message: { role: 'user', content: [block] } })])).toEqual([
    { kind: 'tool-ended', toolUseId: 't', isError: true, output: 'a page\n[image]' },
  ]);
});

test('a large output costs hardly more than reading its JSON', () => {
  const output = 'a line of "output"\n'.repeat(260_000);
  const content = [{ type: 'tool_result', tool_use_id: 't', content: output }];
  const line = JSON.stringify({ type: 'user', message: { content }, tool_use_result: { stdout: output } });
  expect(eventsOf([line])).toMatchObject([{ kind: 'tool-ended', toolUseId: 't' }]);
  // In turns, and the fastest of several: others work on this machine too.
  let floor = Number.POSITIVE_INFINITY;
  let whole = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 7; run++) {
    floor = Math.min(
      floor,
      timed(() => JSON.parse(line)),
    );
    whole = Math.min(
      whole,
      timed(() => eventsOf([line])),
    );
  }
  expect(whole).toBeLessThan(floor * 1.7);
});

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
