import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sessionCommandTexts as texts } from '../../src/commands/session-command-texts.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';

describe('/new', () => {
  test('opens a session in a folder, which is made; it is the active one, and nothing is started yet', async () => {
    await using chat = await ChatNode.open();
    expect(await chat.read('/new todo_app')).toBe(
      texts.created('todo_app', 'todo_app', texts.talksToMailboy('todo_app')).en,
    );
    expect(existsSync(join(chat.node.workingDir, 'todo_app'))).toBe(true);
    expect(chat.node.room.manager.active('alice')).toMatchObject({
      name: 'todo_app',
      cwd: join(chat.node.workingDir, 'todo_app'),
      userId: 'alice',
      chatId: 'chat of alice',
      mode: 'default',
      turns: 0,
    });
    expect(chat.node.runner.asked).toEqual([]);
    await chat.say('/direct');
    expect(await chat.read('/new todo_app')).toBe(texts.created('todo_app-2', 'todo_app', texts.talksToSession).en);
  });

  test('with a prompt gives it to the session at once, and the answer of the session is the answer', async () => {
    await using chat = await ChatNode.open();
    const id = await chat.send('/new todo_app: fix the login\nbug');
    const agent = await chat.node.runner.agent();
    expect((await agent.serve('Fixed it.')).text).toBe('fix the login\nbug');
    expect(await chat.node.answerTo(id)).toBe('Fixed it.');
    expect(chat.node.frames).toHaveLength(1);
  });

  test('with a prompt opens the session and takes the prompt in one commit, also when the disk fails on the way', async () => {
    await using chat = await ChatNode.open();
    const { store } = chat.node.disk;
    const counts = () =>
      ['sessions', 'session_turns', 'inbox WHERE settled_at IS NULL'].map((from) =>
        Number(store.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.n),
      );
    chat.desk.answerWith = async (turn) => {
      const outcome = await chat.desk.answering.answer(turn);
      expect(counts()).toEqual([0, 0, 1]);
      await chat.node.disk.loseNextCommit();
      return outcome;
    };
    const id = await chat.send('/new todo_app: fix it');
    const agent = await chat.node.runner.agent();
    await agent.got();
    expect(counts()).toEqual([1, 1, 0]);
    agent.begin();
    agent.finish('Fixed it.');
    expect(await chat.node.answerTo(id)).toBe('Fixed it.');
    expect(chat.node.room.manager.list('alice')).toHaveLength(1);
  });

  test('with --timeout over 60 answers with a task', async () => {
    await using chat = await ChatNode.open();
    const id = await chat.send('/new app --timeout 120: fix it');
    expect(await chat.node.answerTo(id)).toMatch(/^⏳ Task #\w{6} started/);
    expect(chat.node.room.manager.active('alice')?.timeoutS).toBe(120);
  });

  test('without a name opens one in the projects’ folder itself', async () => {
    await using chat = await ChatNode.open();
    await chat.say('/new');
    expect(chat.node.room.manager.active('alice')).toMatchObject({ name: 'code', cwd: chat.node.workingDir });
  });

  test.each(['../outside', '/etc', '~/x', 'escape/x', 'a\0b'])(
    'refuses %j with a sentence, and makes nothing',
    async (path) => {
      await using chat = await ChatNode.open();
      mkdirSync(join(chat.node.workingDir, '..', 'outside'), { recursive: true });
      symlinkSync(join(chat.node.workingDir, '..', 'outside'), join(chat.node.workingDir, 'escape'));
      expect(await chat.read(`/new ${path}: do it`)).toMatch(/^(".*"|A path) .+\.$/);
      expect(chat.node.room.manager.list('alice')).toEqual([]);
      expect(existsSync(join(chat.node.workingDir, '..', 'outside', 'x'))).toBe(false);
    },
  );

  test('that can not be read is answered with how to write it', async () => {
    await using chat = await ChatNode.open();
    expect(await chat.read('/new app --timeout soon: x')).toContain('--timeout 120');
    expect(chat.node.room.manager.list('alice')).toEqual([]);
  });
});

describe('/direct and /smart', () => {
  test('send plain messages to the active session, and to the mailboy', async () => {
    await using chat = await ChatNode.open();
    expect(await chat.read('hello')).toBe('mailboy: hello');
    expect(await chat.read('/direct')).toBe(texts.direct(undefined).en);
    expect(await chat.read('hello')).toBe(
      'No session is active. /sessions lists yours, /new <name> opens one; /smart lets the assistant answer instead.',
    );
    await chat.say('/new app');
    expect(await chat.read('/direct')).toBe(texts.direct('app').en);
    const id = await chat.send('hello');
    await (await chat.node.runner.agent()).serve('Hi from Claude.');
    expect(await chat.node.answerTo(id)).toBe('Hi from Claude.');
    expect(await chat.read('/smart')).toBe(texts.smart.en);
    expect(await chat.read('hello')).toBe('mailboy: hello');
  });

  test('hold for one user, over a restart, and for nobody else', async () => {
    await using chat = await ChatNode.open();
    await chat.direct();
    expect(await chat.read('hello', 'bob')).toBe('mailboy: hello');
    await using next = await chat.node.afterCrash();
    expect(next.room.manager.talksTo('alice')).toBe('session');
    expect(next.room.manager.talksTo('bob')).toBeUndefined();
  });

  test('a message in direct mode keeps its place behind what was sent before it', async () => {
    await using chat = await ChatNode.open();
    await chat.say('/direct');
    const made = chat.send('/new app');
    const told = chat.send('hello');
    await made;
    const id = await told;
    const agent = await chat.node.runner.agent();
    await agent.serve('Hi.');
    expect(await chat.node.answerTo(id)).toBe('Hi.');
  });

  test('/compact goes to the active session, with what is to be kept', async () => {
    await using chat = await ChatNode.open();
    expect(await chat.read('/compact')).toBe(texts.noneActive.en);
    await chat.direct();
    const id = await chat.send('/compact the plan');
    const agent = await chat.node.runner.agent();
    expect((await agent.serve('')).text).toBe('/compact the plan');
    expect(await chat.node.answerTo(id)).toBe(turnTexts.compacted.en);
  });
});
