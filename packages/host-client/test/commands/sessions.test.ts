import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { sessionCommandTexts as texts } from '../../src/commands/session-command-texts.ts';
import { AgentError } from '../../src/sessions/agent-runner.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';

const conversationId = '00000000-0000-4000-8000-00000000000a';

/** A conversation that a person had at the machine. */
function atTheDesk(chat: ChatNode, id = conversationId) {
  const cwd = join(chat.node.workingDir, 'desk');
  return { conversationId: id, cwd, firstLine: 'port the parser', lastUsedAt: Date.now() - 120_000 };
}

describe('/sessions and /switch', () => {
  test('list what is open, numbered, and switch by number, by name, or by its beginning', async () => {
    await using chat = await ChatNode.open();
    for (const name of ['api', 'web', 'docs']) await chat.say(`/new ${name}`);
    const list = await chat.read('/sessions');
    expect(
      list
        .match(/^(→ )?\d\. \w+/gm)
        ?.map((line) => line.replace(/^.*\. /, ''))
        .toSorted(),
    ).toEqual(['api', 'docs', 'web']);
    expect(list).toMatch(/^→ \d\. docs · idle$/m);
    const number = /(\d)\. api/.exec(list)?.[1];
    expect(await chat.read(`/switch ${number}`)).toBe(texts.switched('api').en);
    expect(chat.node.room.manager.active('alice')?.name).toBe('api');
    expect(await chat.read('/switch WE')).toBe(texts.switched('web').en);
    expect(await chat.read('/switch wbe')).toBe(texts.unknown('wbe', 'web').en);
    expect(await chat.read('/switch')).toBe(texts.switchUsage.en);
  });

  test('a number means what the list showed, also when another session was used meanwhile', async () => {
    await using chat = await ChatNode.open();
    for (const name of ['api', 'web']) await chat.say(`/new ${name}`);
    const list = await chat.read('/sessions');
    const numbers = Object.fromEntries(
      ['api', 'web'].map((name) => [name, RegExp(`(\\d)\\. ${name}`).exec(list)?.[1]]),
    );
    await chat.say('/new later');
    expect(await chat.read(`/switch ${numbers.api}`)).toBe(texts.switched('api').en);
    expect(await chat.read(`/switch #${numbers.web}`)).toBe(texts.switched('web').en);
  });

  test('show what was talked about at the machine, and take it over: it is resumed, with its own id', async () => {
    await using chat = await ChatNode.open();
    await chat.direct('desk');
    chat.node.runner.conversations = [atTheDesk(chat)];
    const list = await chat.read('/sessions');
    expect(list).toMatch(
      /Other conversations on this machine:\n2\. desk · port the parser · 2m ago\n\/switch 2 takes it over\.$/,
    );
    expect(await chat.read('/switch 2')).toBe(texts.takenOver('desk-2', 'desk').en);
    expect(chat.node.room.manager.active('alice')).toMatchObject({ conversationId, name: 'desk-2' });
    await chat.send('go on');
    expect((await chat.node.runner.agent()).begun).toMatchObject({ conversationId, isNew: false });
    expect(await chat.read('/sessions')).not.toContain('Other conversations');
  });

  test('take the same conversation over only once: again it is just switched to', async () => {
    await using chat = await ChatNode.open();
    await chat.direct('desk');
    chat.node.runner.conversations = [atTheDesk(chat)];
    await chat.say('/sessions');
    await chat.say('/sessions', 'bob');
    await chat.say('/switch 2');
    await chat.say('/switch 1');
    expect(await chat.read('/switch 2')).toBe(texts.takenOver('desk-2', 'desk').en);
    expect(chat.node.room.manager.list('alice')).toHaveLength(2);
    expect(await chat.read('/switch 1', 'bob')).toBe(texts.takenByOther.en);
    expect(chat.node.room.manager.list('bob')).toEqual([]);
  });

  test('of one user show and reach nothing of another', async () => {
    await using chat = await ChatNode.open();
    const session = await chat.direct('secret');
    expect(await chat.read('/sessions', 'bob')).not.toContain('secret');
    for (const name of ['secret', session.id, '1']) {
      expect(await chat.read(`/switch ${name}`, 'bob')).toBe(texts.unknown(name, undefined).en);
      expect(await chat.read(`/close ${name}`, 'bob')).toBe(texts.unknown(name, undefined).en);
    }
    expect(chat.node.room.manager.active('bob')).toBeUndefined();
  });
});

describe('/close', () => {
  test('ends the process, and takes the session off the list; its conversation can be taken over again', async () => {
    await using chat = await ChatNode.open();
    const session = await chat.direct();
    const { agent, id } = await chat.working(session);
    agent.finish('done');
    await chat.node.answer(id);
    expect(await chat.read('/close')).toBe(texts.closed('app', 0).en);
    expect(agent.endings).toEqual([{ resumable: false }]);
    expect(chat.node.room.manager.list('alice')).toEqual([]);
    expect(await chat.read('/close')).toBe(texts.noneActive.en);
    chat.node.runner.conversations = [{ ...atTheDesk(chat, session.conversationId), cwd: session.cwd }];
    await chat.say('/sessions');
    expect(await chat.read('/switch 1')).toBe(texts.takenOver('app', 'app').en);
    expect(chat.node.room.manager.active('alice')?.conversationId).toBe(session.conversationId);
  });

  test('with messages waiting drops them, says how many, and answers each of them and the one that ran', async () => {
    await using chat = await ChatNode.open();
    const session = await chat.direct();
    const { agent, id } = await chat.working(session);
    agent.say('half of it');
    const waiting = [await chat.send('two'), await chat.send('three')];
    expect(await chat.read('/close app')).toBe(texts.closed('app', 2).en);
    expect(await chat.node.answerTo(id)).toBe(`half of it\n\n${turnTexts.stopped.en}`);
    for (const each of waiting) expect(await chat.node.answerTo(each)).toBe(turnTexts.notRun.en);
    expect(agent.sent).toHaveLength(1);
  });

  test('loses no message that comes while the process is ending', async () => {
    await using chat = await ChatNode.open();
    const session = await chat.direct();
    const { agent, id } = await chat.working(session);
    const gone = Promise.withResolvers<void>();
    agent.endsAfter = gone.promise;
    const closing = chat.read('/close');
    await waitFor(() => agent.endings.length === 1);
    const urgent = await chat.send('! one more thing');
    gone.resolve();
    expect(await closing).toBe(texts.closed('app', 1).en);
    expect(await chat.node.answerTo(urgent)).toBe(turnTexts.notRun.en);
    expect(await chat.node.answerTo(id)).toBe(turnTexts.stopped.en);
    expect(chat.node.runner.started).toHaveLength(1);
  });
});

describe('/mode and /model', () => {
  test('hold for the session that is active, from then on, also for its running process', async () => {
    await using chat = await ChatNode.open();
    expect(await chat.read('/mode plan')).toBe(texts.noneActive.en);
    const session = await chat.direct();
    const { agent } = await chat.working(session);
    expect(await chat.read('/mode ACCEPTEDITS')).toBe(texts.mode('app', 'acceptEdits').en);
    expect(agent.modes).toEqual(['acceptEdits']);
    expect(await chat.read('/model opus')).toBe(texts.model('app', 'opus').en);
    expect(agent.models.at(-1)).toBe('opus');
    expect(await chat.read('/model')).toContain('The model is opus.');
    agent.die();
    await chat.send('again');
    expect((await chat.node.runner.agent(2)).begun).toMatchObject({ mode: 'acceptEdits', model: 'opus' });
    await chat.say('/model default');
    expect(chat.node.now(session).model).toBeUndefined();
  });

  test('/mode that the process can not take in is had with a new one, when the turn is over', async () => {
    await using chat = await ChatNode.open();
    const { agent, id } = await chat.working(await chat.direct());
    agent.refusal = new AgentError('refused', 'That needs a new process.');
    expect(await chat.read('/mode bypassPermissions')).toBe(texts.bypass('app').en);
    expect(agent.endings).toEqual([]);
    agent.finish('done');
    await chat.node.answer(id);
    await chat.send('go on');
    const next = await chat.node.runner.agent(2);
    expect(agent.endings).toEqual([{ resumable: false }]);
    expect(next.begun).toMatchObject({ mode: 'bypassPermissions', isNew: false });
  });

  test('/mode that does not exist, or none, is answered with those that do', async () => {
    await using chat = await ChatNode.open();
    await chat.direct();
    for (const text of ['/mode', '/mode yolo']) {
      const lines = (await chat.read(text)).split('\n');
      expect(lines[0]).toBe('The mode is default. /mode <name> changes it:');
      expect(lines.slice(1).map((line) => line.split(':')[0])).toEqual([
        'default',
        'acceptEdits',
        'plan',
        'bypassPermissions',
      ]);
    }
  });
});
