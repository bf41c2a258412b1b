import { inLanguage } from '@phonework/shared/language';
import { ChatModelError } from '@phonework/shared/llm';
import { expect, test } from 'vitest';
import type { Command, ImmediateCommand, QueuedCommand } from '../../src/commands/command.ts';
import { directTo } from '../../src/host/direct.ts';
import { MailboyAgent } from '../../src/mailboy/agent.ts';
import type { Direct } from '../../src/mailboy/answer.ts';
import { Answering } from '../../src/mailboy/answer.ts';
import { Conversations } from '../../src/mailboy/conversations.ts';
import type { Answer, NewMessage, Turn } from '../../src/mailboy/front-desk.ts';
import { texts } from '../../src/texts.ts';
import { ToolError } from '../../src/tools/tool.ts';
import type { TurnContext } from '../../src/turn-context.ts';
import { NodeStore } from '../fakes/node-store.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';
import { ScriptedModel } from '../fakes/scripted-model.ts';
import { SessionNode } from '../fakes/session-node.ts';

function queued(run: QueuedCommand['run'], name = '/shell'): QueuedCommand {
  return { kind: 'queued', name, run };
}

const stop: ImmediateCommand = { kind: 'immediate', name: '/stop', run: () => 'Nothing is running.' };

type Parts = { readonly commands?: readonly Command[]; readonly model?: ScriptedModel; readonly direct?: Direct };

/** An Answering over a real database, with a real mailboy when there is a model, else with the sessions of a node. */
async function answering(disk: NodeStore, { commands = [stop], model, direct }: Parts = {}) {
  const { logger, entries } = await recordingLogger();
  const conversations = new Conversations(disk.store);
  const systemPrompt = () => 'You are a mailboy.';
  const agent = model && new MailboyAgent({ model, tools: [], systemPrompt, languageOf: () => 'en', logger });
  const { room, questions } = await SessionNode.open({ disk, folder: disk.folder });
  const talksTo = () => (agent === undefined ? 'session' : 'mailboy');
  const answers = new Answering({
    commands,
    direct: direct ?? directTo({ ...room, questions, talksTo, noSession: texts.noModel('home-pc') }),
    agent,
    conversations,
    logger,
  });
  const answer = async (text: string, changes: Partial<Turn> = {}): Promise<Answer> => {
    const outcome = await answers.answer({
      id: 'm1',
      userId: 'alice',
      chatId: 'chat',
      text,
      signal: new AbortController().signal,
      onProgress: () => {},
      beforeEffect: () => Promise.resolve(),
      afterEffects: () => {},
      ...changes,
    });
    const settled = 'settle' in outcome ? await disk.store.write(() => outcome.settle()) : outcome;
    return settled ?? { reply: '(somebody else answers)' };
  };
  return { answers, answer, entries, conversations };
}

/** A message of Alice's that nothing waits before. */
function message(text: string, changes: Partial<NewMessage> = {}): NewMessage {
  const forward = { type: 'forward', id: 'm1', user_id: 'alice', chat_id: 'chat', text } as const;
  return { forward, isNext: true, isUrgent: false, ...changes };
}

test('a command gets what stands behind its name, and who asked in which turn', async () => {
  using disk = new NodeStore();
  const asked: unknown[] = [];
  const effects: string[] = [];
  const shell = queued(async (request, context: TurnContext) => {
    await context.beforeEffect('ls');
    asked.push(request, { userId: context.userId, chatId: context.chatId, turnId: context.turnId });
    return 'README.md';
  });
  const { answer } = await answering(disk, { commands: [shell] });
  const beforeEffect = async (summary: string) => void effects.push(summary);
  expect(await answer(' /SHELL  ls -l\n| wc ', { beforeEffect })).toEqual({ reply: 'README.md' });
  expect(asked).toEqual([
    { userId: 'alice', chatId: 'chat', turnId: 'm1', argument: 'ls -l\n| wc' },
    { userId: 'alice', chatId: 'chat', turnId: 'm1' },
  ]);
  expect(effects).toEqual(['ls']);
});

test('an unknown command is answered with the nearest one, of whatever kind', async () => {
  using disk = new NodeStore();
  const { answer } = await answering(disk, { commands: [stop, queued(() => Promise.resolve('x'))] });
  expect(await answer('/shel ls')).toEqual({ reply: texts.unknownCommand('/shel', '/shell') });
  expect(await answer('/stp')).toEqual({ reply: texts.unknownCommand('/stp', '/stop') });
  expect(await answer('/hlp')).toEqual({ reply: texts.unknownCommand('/hlp', '/help') });
  expect(await answer('/abracadabra')).toEqual({ reply: texts.unknownCommand('/abracadabra', undefined) });
});

test('everything that is no command is asked of the model, a path too, with what was said before', async () => {
  using disk = new NodeStore();
  const model = new ScriptedModel('It maps names.', 'As I said.');
  const { answer, conversations } = await answering(disk, { model });
  const { reply, messages = [] } = await answer('/etc/hosts: what is it?');
  expect(reply).toBe('It maps names.');
  await disk.store.write(() => conversations.append('alice', 'm1', messages));
  await answer('And again?');
  const [system, ...rest] = model.requests[1]?.messages ?? [];
  expect(system?.role).toBe('system');
  expect(rest.map(({ role, content }) => [role, content])).toEqual([
    ['user', '/etc/hosts: what is it?'],
    ['assistant', 'It maps names.'],
    ['user', 'And again?'],
  ]);
});

test('without a model, the user reads how to get one, and commands work', async () => {
  using disk = new NodeStore();
  const { answer } = await answering(disk, { commands: [queued(() => Promise.resolve('README.md'))] });
  const { reply, error } = await answer('hello');
  expect(inLanguage(reply, 'en')).toContain('home-pc');
  expect(inLanguage(reply, 'en')).toContain('OPENAI_API_KEY');
  expect(error).toBeUndefined();
  expect(await answer('/shell ls')).toEqual({ reply: 'README.md' });
});

test('a model that fails is answered with its sentence', async () => {
  using disk = new NodeStore();
  const model = new ScriptedModel(new ChatModelError('rate_limited', 'The model is busy. Try again in a minute.'));
  const { answer } = await answering(disk, { model });
  expect(await answer('hello')).toEqual({ reply: '', error: 'The model is busy. Try again in a minute.' });
});

test('a command that refuses is answered with its sentence', async () => {
  using disk = new NodeStore();
  const refusing = queued(() => Promise.reject(new ToolError('Blocked: that would erase the disk.')));
  const { answer } = await answering(disk, { commands: [refusing] });
  expect(await answer('/shell rm')).toEqual({ reply: '', error: 'Blocked: that would erase the disk.' });
});

test('an unexpected failure is answered without its details, which the log has', async () => {
  using disk = new NodeStore();
  const { answer, entries } = await answering(disk, {
    commands: [queued(() => Promise.reject(new TypeError('x of undefined')))],
  });
  expect(await answer('/shell ls')).toEqual({ reply: '', error: texts.unexpected });
  expect(entries.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a turn that was aborted is no answer, whatever its command or the model made of that', async () => {
  using disk = new NodeStore();
  const controller = new AbortController();
  const { signal } = controller;
  const aborting = queued(() => {
    controller.abort();
    return Promise.reject(new ToolError('The command was ended.'));
  });
  const { answer, entries } = await answering(disk, { commands: [aborting], model: new ScriptedModel('late') });
  await expect(answer('/shell sleep 9', { signal })).rejects.toBe(signal.reason);
  await expect(answer('hello', { signal })).rejects.toBe(signal.reason);
  expect(entries).toEqual([]);
});

test('only an immediate command is answered at once', async () => {
  using disk = new NodeStore();
  const commands = [stop, queued(() => Promise.resolve('x'))];
  const { answers } = await answering(disk, { commands, model: new ScriptedModel() });
  expect(answers.now(message(' /STOP now'))).toEqual({ reply: 'Nothing is running.' });
  for (const text of ['/shell ls', '/nothing', 'stop', '/stop/it', 'please /stop', '']) {
    expect(answers.now(message(text))).toBeUndefined();
  }
});

test('an immediate command that fails is answered too, so that it does not hold up what follows', async () => {
  using disk = new NodeStore();
  const broken: Command = {
    kind: 'immediate',
    name: '/broken',
    run() {
      throw new TypeError('x of undefined');
    },
  };
  const { answers, entries } = await answering(disk, { commands: [broken] });
  expect(answers.now(message('/broken'))).toEqual({ reply: texts.unexpected });
  expect(entries.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a plain message goes to a session at once, unless something waits before it; an urgent one does not wait', async () => {
  using disk = new NodeStore();
  const handed: unknown[] = [];
  const direct: Direct = ({ id, userId, chatId, text, isUrgent }) => {
    handed.push({ id, userId, chatId, text, isUrgent });
    return { reply: 'taken' };
  };
  const { answers, answer } = await answering(disk, { direct });
  const hello = { id: 'm1', userId: 'alice', chatId: 'chat', text: 'hello' };
  expect(answers.now(message('hello'))).toEqual({ reply: 'taken' });
  expect(answers.now(message('hello', { isNext: false }))).toBeUndefined();
  expect(answers.now(message('hello', { isNext: false, isUrgent: true }))).toEqual({ reply: 'taken' });
  expect(await answer('hello')).toEqual({ reply: 'taken' });
  expect(handed).toEqual([false, true, false].map((isUrgent) => ({ ...hello, isUrgent })));
});

test('what a command leaves to the commit that settles its message is done there', async () => {
  using disk = new NodeStore();
  const settling = queued(() => Promise.resolve({ settle: () => ({ text: 'Which one?' }) }));
  const silent = queued(() => Promise.resolve({ settle: () => undefined }), '/silent');
  const { answer } = await answering(disk, { commands: [settling, silent] });
  expect(await answer('/shell ls')).toEqual({ reply: 'Which one?' });
  expect(await answer('/silent')).toEqual({ reply: '(somebody else answers)' });
});
