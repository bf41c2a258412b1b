import type { ChatMessage, ChatModel, ToolCall } from '@phonework/shared/llm';
import { ChatModelError } from '@phonework/shared/llm';
import { createLogger } from '@phonework/shared/log';
import { openaiChatModel } from '@phonework/shared/openai';
import { ModelServer } from '@phonework/testkit/model-server';
import { expect, test } from 'vitest';
import * as z from 'zod';
import type { MailboyAgentOptions } from '../../src/mailboy/agent.ts';
import { MailboyAgent } from '../../src/mailboy/agent.ts';
import type { MailboyAnswer, MailboyTurn } from '../../src/mailboy/mailboy-turn.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { defineTool, ToolError } from '../../src/tools/tool.ts';
import type { TurnContext } from '../../src/turn-context.ts';
import { ScriptedModel, toolCall } from '../fakes/scripted-model.ts';

const logger = await createLogger({ name: 'test', level: 'silent', secrets: [], terminal: false });

type Call = { readonly command: string; readonly context: TurnContext };

/** A shell that notes its commands and answers what `answer` makes of them. */
function shell(
  answer: (command: string, context: TurnContext) => string | Promise<string> = (command) => `ran ${command}`,
) {
  const calls: Call[] = [];
  const tool = defineTool({
    name: 'run_shell',
    description: 'Runs a command.',
    parameters: z.object({ command: z.string() }),
    async run({ command }, context) {
      calls.push({ command, context });
      return await answer(command, context);
    },
  });
  return { tool, calls };
}

const clock = defineTool({
  name: 'clock',
  description: 'Tells the time.',
  parameters: z.object({}),
  run: () => Promise.resolve('12:00'),
});

async function answer(
  model: ChatModel,
  tools: readonly Tool[],
  { turn = {}, ...options }: Partial<MailboyAgentOptions> & { readonly turn?: Partial<MailboyTurn> } = {},
): Promise<MailboyAnswer> {
  const agent = new MailboyAgent({
    model,
    tools,
    systemPrompt: () => 'You are a mailboy.',
    languageOf: () => 'en',
    logger,
    ...options,
  });
  return await agent.run({
    userId: 'alice',
    chatId: 'chat',
    turnId: 'turn-1',
    text: 'hello',
    history: [],
    signal: new AbortController().signal,
    onProgress: () => {},
    beforeEffect: () => Promise.resolve(),
    afterEffects: () => {},
    ...turn,
  });
}

function run(command: string, id?: string): readonly ToolCall[] {
  return [toolCall('run_shell', { command }, id)];
}

/** What the model was told by its tools before its last answer. */
function toolResults(model: ScriptedModel): string[] {
  const messages = model.requests.at(-1)?.messages ?? [];
  return messages.filter((message) => message.role === 'tool').map((message) => message.content);
}

test('a general question is answered directly, without any tool', async () => {
  const { tool, calls } = shell();
  const model = new ScriptedModel('A generator yields values one by one.');
  const { reply, messages } = await answer(model, [tool], { turn: { text: 'what is a Python generator?' } });
  expect(reply).toBe('A generator yields values one by one.');
  expect(calls).toEqual([]);
  expect(messages).toEqual([
    { role: 'user', content: 'what is a Python generator?' },
    { role: 'assistant', content: 'A generator yields values one by one.' },
  ]);
});

test('the model sees its instructions, earlier turns, the message and the tools', async () => {
  const model = new ScriptedModel('ok');
  const earlier: readonly ChatMessage[] = [
    { role: 'user', content: 'before' },
    { role: 'assistant', content: 'answered' },
  ];
  await answer(model, [clock], { turn: { history: [earlier], text: 'now' } });
  expect(model.requests[0]?.messages).toEqual([
    { role: 'system', content: 'You are a mailboy.' },
    ...earlier,
    { role: 'user', content: 'now' },
  ]);
  expect(model.requests[0]?.tools).toEqual([clock.spec]);
});

test('earlier turns are kept to the budget', async () => {
  const model = new ScriptedModel('ok');
  const turn = (content: string): readonly ChatMessage[] => [{ role: 'user', content }];
  const history = [turn('old '.repeat(400)), turn('new')];
  await answer(model, [], { turn: { history }, maxHistoryTokens: 100 });
  expect(model.requests[0]?.messages.map((message) => message.content)).toEqual(['You are a mailboy.', 'new', 'hello']);
});

test('a tool is run for the user who asked, and its output becomes the answer', async () => {
  const { tool, calls } = shell(() => 'a.txt');
  const model = new ScriptedModel(run('ls'), 'There is one file.');
  const { reply, messages } = await answer(model, [tool]);
  expect(reply).toBe('There is one file.');
  expect(calls[0]?.context).toMatchObject({ userId: 'alice', chatId: 'chat', turnId: 'turn-1' });
  expect(messages).toEqual([
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: '', toolCalls: run('ls') },
    { role: 'tool', toolCallId: 'id-of-run_shell', content: 'a.txt' },
    { role: 'assistant', content: 'There is one file.' },
  ]);
});

test('a turn that still sees what strangers wrote in an earlier one begins tainted', async () => {
  const seen: unknown[] = [];
  const { tool } = shell((_, { taint }) => {
    seen.push(taint.isTainted, taint.hasSeen('the weather'));
    return 'ran';
  });
  const web = defineTool({
    name: 'web',
    description: 'Reads the web.',
    parameters: z.object({}),
    isUntrusted: true,
    run: () => Promise.resolve('the weather is fine'),
  });
  const first = await answer(new ScriptedModel([toolCall('web', {})], 'fine'), [tool, web]);
  const history = [first.messages];
  await answer(new ScriptedModel(run('ls'), 'done'), [tool, web], {
    turn: { history },
  });
  await answer(new ScriptedModel(run('ls'), 'done'), [tool, web]);
  expect(seen).toEqual([true, true, false, false]);
});

test('what taints a turn is known to its later calls, and forgotten in the next turn', async () => {
  const taints: boolean[] = [];
  const { tool } = shell((_, { taint }) => {
    taints.push(taint.isTainted, taint.hasSeen('hello'), taint.hasSeen('weather'));
    taint.mark('content from the web', 'the weather');
    return 'done';
  });
  await answer(new ScriptedModel(run('one'), run('two'), 'ok'), [tool]);
  await answer(new ScriptedModel(run('one'), 'ok'), [tool]);
  const clean = [false, true, false];
  expect(taints).toEqual([...clean, true, true, true, ...clean]);
});

test('a tool notes its effect in the journal before it acts, and what came of it is noted after that', async () => {
  const journal: string[] = [];
  const { tool } = shell(async (command, context) => {
    await context.beforeEffect(command);
    journal.push('it acts');
    if (command === 'fail') throw new ToolError('no such file');
    return `done\n${'and more '.repeat(1000)}`;
  });
  const beforeEffect = (summary: string) => Promise.resolve(void journal.push(summary));
  const afterEffects = (outcome: string) => void journal.push(`after: ${outcome}`);
  const model = new ScriptedModel(run('touch x'), run('fail'), 'ok');
  await answer(model, [{ ...tool, toOutcome: (output) => (output.startsWith('done') ? 'exit code 0' : undefined) }], {
    turn: { beforeEffect, afterEffects },
  });
  expect(journal).toEqual(['touch x', 'it acts', 'after: exit code 0', 'fail', 'it acts', 'after: no such file']);
});

test('what a tool without a word for it gave is noted by its first words', async () => {
  const journal: string[] = [];
  const { tool } = shell(() => Promise.resolve(`made\n${'it '.repeat(1000)}`));
  const afterEffects = (outcome: string) => void journal.push(outcome);
  await answer(new ScriptedModel(run('touch x'), 'ok'), [tool], { turn: { afterEffects } });
  expect(journal).toEqual([expect.stringMatching(/^made it it .*…$/)]);
  expect(journal[0]?.length).toBeLessThanOrEqual(400);
});

test('several calls in one answer run in order, one at a time', async () => {
  const events: string[] = [];
  const { tool } = shell(async (command) => {
    events.push(`begin ${command}`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`end ${command}`);
    return command;
  });
  const model = new ScriptedModel([...run('one', 'a'), ...run('two', 'b')], 'ok');
  const { messages } = await answer(model, [tool]);
  expect(events).toEqual(['begin one', 'end one', 'begin two', 'end two']);
  expect(messages.slice(2, 4)).toEqual([
    { role: 'tool', toolCallId: 'a', content: 'one' },
    { role: 'tool', toolCallId: 'b', content: 'two' },
  ]);
});

test('the user sees the text grow, and each tool as it starts, on one short line', async () => {
  const seen: (readonly [string, string | undefined])[] = [];
  const { tool } = shell();
  const looking = { text: 'Let me look.', toolCalls: run('ls -la\n  /tmp'), finish: 'tool_calls' } as const;
  const { reply } = await answer(new ScriptedModel(looking, run('x'.repeat(500)), 'Nothing there.'), [tool], {
    turn: { onProgress: (text, step) => seen.push([text, step]) },
  });
  expect(seen[0]).toEqual(['Let me look.', undefined]);
  expect(seen[1]).toEqual(['Let me look.', 'run_shell: ls -la /tmp']);
  expect(seen[2]?.[1]).toMatch(/^run_shell: x{80,90}…$/);
  expect(seen[3]).toEqual(['Let me look.\n\nNothing there.', undefined]);
  expect(reply).toBe('Let me look.\n\nNothing there.');
});

test.each<[string, () => never, RegExp]>([
  [
    'a tool error',
    () => {
      throw new ToolError('There is no such file.');
    },
    /^There is no such file\.$/,
  ],
  [
    'any other error',
    () => {
      throw new RangeError('disk on fire');
    },
    /^run_shell failed: disk on fire$/,
  ],
])('%s is told to the model in a sentence, and the turn goes on', async (_, fail, sentence) => {
  const model = new ScriptedModel(run('cat x'), 'It is not there.');
  expect((await answer(model, [shell(fail).tool])).reply).toBe('It is not there.');
  expect(toolResults(model)[0]).toMatch(sentence);
});

test('a tool that does not exist is answered with the list of those that do', async () => {
  const model = new ScriptedModel([toolCall('rm_all', {})], 'Sorry.');
  await answer(model, [shell().tool, clock]);
  expect(toolResults(model)).toEqual(['There is no tool "rm_all". The tools are: run_shell, clock.']);
});

test.each([
  ['that are no JSON', '{"comma', /not valid JSON/],
  ['of the wrong kind', '{"command": 5}', /command: /],
  ['that are missing', '', /command: /],
  ['of a megabyte', JSON.stringify({ command: 'x'.repeat(1024 * 1024) }), /characters, and 100000 are the limit/],
])('arguments %s are told to the model, and nothing is run', async (_, args, sentence) => {
  const { tool, calls } = shell();
  const model = new ScriptedModel([toolCall('run_shell', args)], 'Sorry.');
  const { messages } = await answer(model, [tool]);
  expect(calls).toEqual([]);
  expect(toolResults(model)[0]).toMatch(sentence);
  expect(JSON.stringify(messages).length).toBeLessThan(1000);
});

test('a tool without arguments runs when the model leaves them out', async () => {
  const model = new ScriptedModel([toolCall('clock', '')], 'Noon.');
  await answer(model, [clock]);
  expect(toolResults(model)).toEqual(['12:00']);
});

test('a long output is cut in the middle, and the model is told how much is missing', async () => {
  const output = `first line\n${'x'.repeat(50_000)}\nlast line`;
  const model = new ScriptedModel(run('cat big'), 'Big.');
  await answer(model, [shell(() => output).tool], { maxToolOutputChars: 1000 });
  const [result = ''] = toolResults(model);
  expect(result.length).toBeLessThanOrEqual(1000);
  expect(result).toMatch(/^first line\nx+\n\[… \d+ of 50021 characters left out …\]\nx+\nlast line$/);
});

test('an empty output is said to be empty', async () => {
  const model = new ScriptedModel(run('true'), 'Done.');
  await answer(model, [shell(() => '\n').tool]);
  expect(toolResults(model)).toEqual(['(no output)']);
});

test('the same call for the third time in a row ends the turn with what is known', async () => {
  const { tool, calls } = shell();
  const looking = { text: 'I will look.', toolCalls: run('ls', 'a'), finish: 'tool_calls' } as const;
  const again = [toolCall('run_shell', '{ "command" : "ls" }', 'b')];
  const model = new ScriptedModel(looking, again, [...run('ls', 'c'), ...run('pwd', 'd')]);
  const { reply, messages } = await answer(model, [tool]);
  expect(calls).toHaveLength(2);
  expect(reply).toMatch(/^I will look\.\n\nI stopped because I kept calling run_shell in the same way: .*\.$/);
  expect(messages.slice(-3)).toEqual([
    { role: 'tool', toolCallId: 'c', content: expect.stringContaining('Not run') },
    { role: 'tool', toolCallId: 'd', content: expect.stringContaining('Not run') },
    { role: 'assistant', content: expect.stringContaining('I stopped') },
  ]);
});

test('the same call with another one in between may come again', async () => {
  const { tool, calls } = shell();
  const model = new ScriptedModel(run('ls'), run('ls'), run('pwd'), run('ls'), run('ls'), 'Done.');
  expect((await answer(model, [tool])).reply).toBe('Done.');
  expect(calls).toHaveLength(5);
});

test('a turn without an end is stopped, and its last calls are not run', async () => {
  const { tool, calls } = shell();
  const model = new ScriptedModel(run('1'), run('2'), run('3'), run('4'));
  const { reply, messages } = await answer(model, [tool], { maxRounds: 3 });
  expect(calls.map((call) => call.command)).toEqual(['1', '2']);
  expect(reply).toMatch(/^I stopped after 3 steps .*"go on".*\.$/);
  expect(messages.at(-2)).toMatchObject({ role: 'tool', content: expect.stringContaining('Not run') });
});

test('an empty answer is asked for again once, and the note about it is forgotten', async () => {
  const model = new ScriptedModel('', 'Here I am.');
  const { reply, messages } = await answer(model, []);
  expect(reply).toBe('Here I am.');
  expect(model.requests[1]?.messages.at(-1)).toMatchObject({ role: 'user', content: expect.stringContaining('empty') });
  expect(messages).toHaveLength(2);
});

test('a second empty answer is reported to the user', async () => {
  const model = new ScriptedModel('', '');
  expect((await answer(model, [])).reply).toMatch(/empty answer.*\/clear/);
  expect(model.requests).toHaveLength(2);
});

const unreadable = { text: 'Let me', toolCalls: [], finish: 'stop', malformed: true } as const;

test('a tool call that can not be understood is asked for again, and never shown as a success', async () => {
  const { tool, calls } = shell();
  const model = new ScriptedModel(unreadable, run('ls'), 'One file.');
  const { reply, messages } = await answer(model, [tool]);
  expect(reply).toBe('One file.');
  expect(calls).toHaveLength(1);
  expect(JSON.stringify(messages)).not.toContain('understood');
  expect(model.requests[1]?.messages.slice(-2)).toEqual([
    { role: 'assistant', content: 'Let me' },
    { role: 'user', content: expect.stringContaining('could not be understood') },
  ]);
  const twice = await answer(new ScriptedModel(unreadable, unreadable), [tool]);
  expect(twice.reply).toMatch(/^Let me\n\n.*nothing was run.*$/);
});

test('tool calls of an answer that was cut are not run, and the model is told', async () => {
  const { tool, calls } = shell();
  const model = new ScriptedModel({ text: '', toolCalls: run('ls'), finish: 'length' }, 'Shorter then.');
  expect((await answer(model, [tool])).reply).toBe('Shorter then.');
  expect(calls).toEqual([]);
  expect(toolResults(model)[0]).toMatch(/cut at the length limit/);
});

test('the user is told that an answer was cut', async () => {
  const model = new ScriptedModel({ text: 'And then', toolCalls: [], finish: 'length' });
  expect((await answer(model, [])).reply).toMatch(/^And then\n\n.*"go on".*$/);
});

test('what the loop says is in the language of the user, and remembered so', async () => {
  const model = new ScriptedModel({ text: '然后', toolCalls: [], finish: 'length' });
  const { reply, messages } = await answer(model, [], { languageOf: () => 'zh' });
  expect(reply).toBe('然后\n\n[回答到了模型的长度上限，被截断：说“继续”看其余部分。]');
  expect(messages.at(-1)).toEqual({ role: 'assistant', content: reply });
  const endless = new ScriptedModel(run('ls', 'a'), run('pwd', 'b'));
  const stopped = await answer(endless, [shell().tool], { maxRounds: 2, languageOf: () => 'zh' });
  expect(stopped.reply).toBe('我走了 2 步还看不到尽头，所以停下了：可以说“继续”，或先要一小部分。');
});

test('an error of the model goes to the caller as it is', async () => {
  const error = new ChatModelError('rate_limited', 'Too many requests: try again in a minute.');
  await expect(answer(new ScriptedModel(run('ls'), error), [shell().tool])).rejects.toBe(error);
});

test.each<[string, (stop: AbortController) => string]>([
  [
    'fails for it',
    (stop) => {
      stop.abort();
      throw new Error('killed');
    },
  ],
  [
    'ends all the same',
    (stop) => {
      stop.abort();
      return 'done';
    },
  ],
])('stopping while a tool runs that %s ends the turn there', async (_, act) => {
  const stop = new AbortController();
  const { tool, calls } = shell(() => act(stop));
  const model = new ScriptedModel([...run('sleep 100', 'a'), ...run('next', 'b')], 'never said');
  const turn = answer(model, [tool], { turn: { signal: stop.signal } });
  await expect(turn).rejects.toMatchObject({ name: 'ChatModelError', code: 'aborted' });
  expect(calls).toHaveLength(1);
  expect(model.requests).toHaveLength(1);
});

test('over the real API a turn with a tool, and the next one that remembers it, are what the server expects', async () => {
  await using server = await ModelServer.start();
  server.enqueue({ toolCalls: [{ name: 'run_shell', arguments: { command: 'ls' }, id: null }] }, 'One file.', 'a.txt');
  const model = openaiChatModel({ baseUrl: server.url, apiKey: 'sk-test', model: 'glm-4.7', logger });
  const { tool } = shell(() => 'a.txt');
  const first = await answer(model, [tool], { turn: { text: 'how many files?' } });
  const second = await answer(model, [tool], { turn: { text: 'which?', history: [first.messages] } });
  expect(second.reply).toBe('a.txt');
  const messages = server.requests.at(-1)?.body.messages ?? [];
  expect(messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'user']);
  const [call] = messages[2]?.tool_calls ?? [];
  expect(call).toMatchObject({ type: 'function', function: { name: 'run_shell', arguments: '{"command":"ls"}' } });
  expect(messages[3]).toEqual({ role: 'tool', tool_call_id: call?.id, content: 'a.txt' });
});
