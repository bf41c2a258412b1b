import { expect, test } from 'vitest';
import type { ToolSpec } from '../../src/llm/llm.ts';
import type { Salvaged } from '../../src/llm/salvage.ts';
import { Salvage } from '../../src/llm/salvage.ts';

const runShell: ToolSpec = {
  name: 'run_shell',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { command: { type: 'string' }, timeout: { type: 'integer' } } },
};
const listSessions: ToolSpec = {
  name: 'list_sessions',
  description: 'Lists sessions.',
  parameters: { type: 'object', properties: {} },
};
const tools = [runShell, listSessions];

/** Feeds the text in pieces of `size`; `shown` is what the user saw at each step. */
function salvage(text: string, { size = 3, cut = false }: { readonly size?: number; readonly cut?: boolean } = {}) {
  const salvaging = new Salvage(tools);
  const shown: string[] = [];
  for (let start = 0; start < text.length; start += size) {
    salvaging.add(text.slice(start, start + size));
    shown.push(salvaging.visible);
  }
  return { ...salvaging.end({ cut }), shown };
}

function argumentsOf({ toolCalls }: Salvaged): unknown[] {
  return toolCalls.map((call) => (call.arguments === '' ? '' : JSON.parse(call.arguments)));
}

const tagged =
  '<tool_call>run_shell\n<arg_key>command</arg_key>\n<arg_value>ls -la</arg_value>\n' +
  '<arg_key>timeout</arg_key>\n<arg_value>30</arg_value>\n</tool_call>';

test.each([1, 2, 3, 7, 1000])('a call in GLM tags becomes a tool call and is never shown, in pieces of %i', (size) => {
  const result = salvage(`Let me look.\n${tagged}`, { size });
  expect(result.text).toBe('Let me look.');
  expect(result.toolCalls.map((call) => call.name)).toEqual(['run_shell']);
  expect(argumentsOf(result)).toEqual([{ command: 'ls -la', timeout: 30 }]);
  expect(result.malformed).toBe(false);
  expect(result.shown.filter((text) => text.includes('<'))).toEqual([]);
});

test('a call as JSON becomes a tool call', () => {
  const result = salvage('<tool_call>\n{"name": "run_shell", "arguments": {"command": "pwd"}}\n</tool_call>');
  expect(argumentsOf(result)).toEqual([{ command: 'pwd' }]);
  expect(result.text).toBe('');
});

test('several calls are all found, also where closing tags are missing', () => {
  const second = '<tool_call>run_shell<arg_key>command</arg_key><arg_value>id</arg_value>';
  const result = salvage(`${tagged}\n${second}<tool_call>list_sessions`);
  expect(argumentsOf(result)).toEqual([{ command: 'ls -la', timeout: 30 }, { command: 'id' }, '']);
  expect(result).toMatchObject({ text: '', malformed: false });
});

test('left-out arguments are empty, in tags and in JSON', () => {
  const result = salvage('<tool_call>list_sessions</tool_call><tool_call>{"name":"list_sessions"}</tool_call>');
  expect(result.toolCalls).toEqual([
    { name: 'list_sessions', arguments: '' },
    { name: 'list_sessions', arguments: '' },
  ]);
});

test('a value that looks like a number stays text where the tool takes text, and a quoted string loses its quotes', () => {
  const call = (value: string) =>
    salvage(`<tool_call>run_shell<arg_key>command</arg_key><arg_value>${value}</arg_value></tool_call>`);
  expect(argumentsOf(call('42'))).toEqual([{ command: '42' }]);
  expect(argumentsOf(call('"pwd"'))).toEqual([{ command: 'pwd' }]);
  expect(argumentsOf(call('echo "a" > b'))).toEqual([{ command: 'echo "a" > b' }]);
});

test('tags inside a value belong to the value', () => {
  const command = "echo '</tool_call>' '<tool_call>'";
  const result = salvage(
    `<tool_call>run_shell<arg_key>command</arg_key><arg_value>${command}</arg_value></tool_call>Done.`,
  );
  expect(argumentsOf(result)).toEqual([{ command }]);
  expect(result.text).toBe('Done.');
});

test.each([
  ['a code fence', `So it looks:\n\n\`\`\`xml\n${tagged}\n\`\`\`\nThat is all.`],
  ['a fence of tildes', `~~~\n${tagged}\n~~~`],
  ['a fence that is still open at the end', `\`\`\`\n${tagged}`],
  ['a longer fence around a shorter one', `\`\`\`\`\n\`\`\`\n${tagged}\n\`\`\`\n\`\`\`\``],
  ['inline code', 'GLM writes `<tool_call>list_sessions</tool_call>` as text.'],
  ['inline code of two backticks', 'It is ``a ` <tool_call>list_sessions</tool_call>`` here.'],
])('a call in %s is the answer to the user, and stays', (_, text) => {
  for (const size of [1, 4, 1000]) {
    expect(salvage(text, { size })).toMatchObject({ text, toolCalls: [], malformed: false });
  }
});

test.each([
  ['an unclosed backtick on an earlier line', `A \` alone.\n${tagged}`, 'A ` alone.'],
  ['an unclosed backtick on the same line', `A \` alone. <tool_call>list_sessions</tool_call>`, 'A ` alone.'],
  ['a closed fence', `\`\`\`\nls\n\`\`\`\n${tagged}`, '```\nls\n```'],
])('a call behind %s is a tool call', (_, text, visible) => {
  for (const size of [1, 5, 1000]) {
    const result = salvage(text, { size });
    expect(result.text).toBe(visible);
    expect(result.toolCalls).toHaveLength(1);
  }
});

test.each([
  ['names a tool that was not offered', '<tool_call>rm_all</tool_call>'],
  ['is broken JSON', '<tool_call>{"name": "run_shell", "argum</tool_call>'],
  ['is JSON without a name', '<tool_call>{"arguments": {}}</tool_call>'],
  ['has a key without a value', '<tool_call>run_shell<arg_key>command</arg_key></tool_call>'],
  [
    'has text between its pairs',
    '<tool_call>run_shell<arg_key>command</arg_key>x<arg_value>ls</arg_value></tool_call>',
  ],
  ['breaks off inside a value', '<tool_call>run_shell<arg_key>command</arg_key><arg_value>rm -rf /home/me/pro'],
  ['is empty', '<tool_call></tool_call>'],
])('a call that %s is left out and reported', (_, text) => {
  expect(salvage(`Well: ${text}`)).toMatchObject({ text: 'Well:', toolCalls: [], malformed: true });
});

test('a call whose closing tag was cut off by the length limit does not run', () => {
  const text = '<tool_call>run_shell<arg_key>command</arg_key><arg_value>ls</arg_value>';
  expect(salvage(text).toolCalls).toHaveLength(1);
  expect(salvage(text, { cut: true })).toMatchObject({ toolCalls: [], malformed: true });
});

test.each([
  'a < b and c <tool> d <tool_cal',
  '`',
  '``` not a fence ``` here',
  '> ~~',
  '    indented\n\n- `x`\n- y <',
  '中文回答，没有工具。',
])('ordinary text arrives whole: %j', (text) => {
  for (const size of [1, 2, 1000]) expect(salvage(text, { size }).text).toBe(text.trim());
});

test('ordinary text is shown as it comes', () => {
  expect(salvage('Hello there, you.', { size: 6 }).shown).toEqual(['Hello ', 'Hello there,', 'Hello there, you.']);
});

test('a megabyte in small pieces takes no time to speak of', () => {
  const long = 'x'.repeat(1_000_000);
  const started = performance.now();
  const result = salvage(
    `<tool_call>run_shell<arg_key>command</arg_key><arg_value>${long}</arg_value></tool_call>\`${long}`,
    { size: 16 },
  );
  expect(argumentsOf(result)).toEqual([{ command: long }]);
  expect(result.text).toHaveLength(long.length + 1);
  expect(performance.now() - started).toBeLessThan(5000);
});
