import type { ForwardResponse } from '@phonework/shared/protocol';
import { describe, expect, test } from 'vitest';
import { COMMAND_BUTTONS, commandButtonOwner, offer } from '../../src/commands/command-buttons.ts';
import { sessionCommandTexts as texts } from '../../src/commands/session-command-texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import { NodeDesk } from '../fakes/node-desk.ts';
import { QuestionDesk } from '../fakes/question-desk.ts';
import { labels } from '../fakes/session-node.ts';

/** What was said since, beside the answers. */
function saidBy(chat: ChatNode): readonly string[] {
  return chat.node.messages.map(({ text }) => text);
}

async function withSessions(chat: ChatNode, ...names: readonly string[]): Promise<void> {
  for (const name of names) await chat.say(`/new ${name}`);
}

function activeName(chat: ChatNode): string | undefined {
  return chat.node.room.manager.active('alice')?.name;
}

describe('the buttons under /sessions', () => {
  async function listed(chat: ChatNode): Promise<ForwardResponse> {
    await withSessions(chat, 'api', 'web', 'docs');
    return await chat.say('/sessions');
  }

  test('switch to the other sessions, and are an offer that nothing typed answers', async () => {
    await using chat = await ChatNode.open();
    const answer = await listed(chat);
    expect(answer.is_offer).toBe(true);
    expect(labels(answer).toSorted()).toEqual(['Switch to api', 'Switch to web']);
    expect(chat.node.asked()).toEqual([]);
    expect(await chat.read('/answer 1')).toMatch(/^No question is open/);
    expect(activeName(chat)).toBe('docs');
  });

  test('do what the typed command does, once, and say so', async () => {
    await using chat = await ChatNode.open();
    const answer = await listed(chat);
    await chat.node.press(answer, 'Switch to api');
    expect(activeName(chat)).toBe('api');
    await chat.node.press(answer, 'Switch to web');
    expect(activeName(chat)).toBe('api');
    expect(saidBy(chat)).toEqual([texts.switched('api').en, 'That question was already answered: Switch to api.']);
  });

  test('do nothing for another user', async () => {
    await using chat = await ChatNode.open();
    const answer = await listed(chat);
    await chat.node.press(answer, 'Switch to api', 'bob');
    expect(activeName(chat)).toBe('docs');
    expect(saidBy(chat)).toEqual(['That question was asked of somebody else, or in another chat.']);
    await chat.node.press(answer, 'Switch to api');
    expect(activeName(chat)).toBe('api');
  });

  test('work after a restart too', async () => {
    await using chat = await ChatNode.open();
    const answer = await listed(chat);
    await using next = await chat.node.afterCrash();
    const desk = await NodeDesk.over(next.disk, { sessions: next });
    await next.press(answer, 'Switch to web');
    expect(next.room.manager.active('alice')?.name).toBe('web');
    await desk.desk.stop(0);
  });

  test('say what a typed command would say of a session that is gone', async () => {
    await using chat = await ChatNode.open();
    const answer = await listed(chat);
    await chat.say('/close api');
    await chat.node.press(answer, 'Switch to api');
    expect(saidBy(chat)).toEqual([texts.unknown('api', undefined).en]);
  });

  test('mean the session of that name, also where the name is a number', async () => {
    await using chat = await ChatNode.open();
    await withSessions(chat, '1', 'web', 'docs');
    const answer = await chat.say('/sessions');
    await chat.node.press(answer, 'Switch to 1');
    expect(activeName(chat)).toBe('1');
  });

  test('are at most eight, and none where there is nothing to switch to', async () => {
    await using chat = await ChatNode.open();
    await withSessions(chat, 'only');
    expect(await chat.say('/sessions')).not.toHaveProperty('actions');
    await withSessions(chat, ...Array.from({ length: 9 }, (_, index) => `s${index}`));
    expect(labels(await chat.say('/sessions'))).toHaveLength(8);
  });

  test('are in Chinese for who writes Chinese, as is what they lead to', async () => {
    await using chat = await ChatNode.open();
    chat.node.languages.set('alice', 'zh');
    await withSessions(chat, 'api', 'web');
    const answer = await chat.say('/sessions');
    expect(labels(answer)).toEqual(['切换到 api']);
    await chat.say('/close api');
    await chat.node.press(answer, '切换到 api');
    await chat.node.press(answer, '切换到 api');
    expect(saidBy(chat)).toEqual(['没有叫“api”的会话。/sessions 列出你的会话。', '这个问题已经回答过：切换到 api。']);
  });
});

describe('the button under /status', () => {
  test('stops what runs, and asks what becomes of the messages that wait behind it', async () => {
    await using chat = await ChatNode.open();
    const { id, agent } = await chat.working(await chat.direct());
    const waiting = await chat.send('and then this');
    const status = await chat.say('/status');
    expect(status).toMatchObject({ is_offer: true, actions: [{ label: 'Stop', style: 'danger' }] });
    await chat.node.press(status, 'Stop');
    expect(agent.interrupts).toBe(1);
    await chat.node.answer(id);
    const asked = await chat.node.message(texts.waitingAfterStop('app', 1).en);
    expect(asked).not.toHaveProperty('is_offer');
    await chat.node.press(asked, 'Drop it');
    await chat.node.answer(waiting);
    expect(agent.sent).toHaveLength(1);
  });

  test('stops the turn of a message to the assistant', async () => {
    await using chat = await ChatNode.open();
    chat.desk.answerWith = undefined;
    const id = await chat.send('think');
    const turn = await chat.desk.turn(id);
    await chat.node.press(await chat.say('/status'), 'Stop');
    await chat.node.answer(id);
    expect(turn.isOpen).toBe(false);
  });

  test('is not there while nothing runs', async () => {
    await using chat = await ChatNode.open();
    await chat.direct();
    expect(await chat.say('/status')).not.toHaveProperty('actions');
  });
});

describe('the buttons under /tasks', () => {
  async function begin(chat: ChatNode): Promise<string> {
    const { taskRoom, workingDir: cwd } = chat.node;
    const subject = { kind: 'shell', command: 'sleep 100', cwd } as const;
    return await taskRoom.runner.submit({
      userId: 'alice',
      chatId: 'chat of alice',
      description: 'the tests',
      subject,
    });
  }

  test('show a task, whose own button cancels it', async () => {
    await using chat = await ChatNode.open();
    const id = await begin(chat);
    const list = await chat.say('/tasks');
    expect(list.is_offer).toBe(true);
    expect(labels(list)).toEqual([`Show #${id}`, `Cancel #${id}`]);
    await chat.node.press(list, `Show #${id}`);
    const shown = await chat.node.message('sleep 100');
    expect(shown).toMatchObject({ is_offer: true, text: expect.stringContaining(`Task #${id} running`) });
    expect(labels(shown)).toEqual([`Cancel #${id}`]);
    await chat.node.press(shown, `Cancel #${id}`);
    expect(saidBy(chat)).toContain(`Ending task #${id}.`);
    expect((await chat.node.completion()).result).toContain('🚫');
  });
});

describe('the buttons under /reminders', () => {
  test('cancel one each, for the first five', async () => {
    await using chat = await ChatNode.open();
    for (const hours of [1, 2, 3, 4, 5, 6]) await chat.say(`/remind ${hours}h stretch ${hours}`);
    const list = await chat.say('/reminders');
    const ids = chat.node.taskRoom.scheduler.list('alice').map(({ id }) => id);
    expect(list.is_offer).toBe(true);
    expect(labels(list)).toEqual(ids.slice(0, 5).map((id) => `Cancel ${id}`));
    await chat.node.press(list, `Cancel ${ids[1]}`);
    expect(saidBy(chat)).toEqual([`Reminder ${ids[1]} is cancelled: stretch 2`]);
    expect(chat.node.taskRoom.scheduler.list('alice').map(({ id }) => id)).toEqual(ids.toSpliced(1, 1));
  });
});

describe('a button for a command', () => {
  async function offered(desk: QuestionDesk): Promise<string> {
    const { question } = offer({ en: 'Pick', zh: '选择' }, [{ label: { en: 'Go', zh: '走' }, command: '/gone now' }]);
    if (question === undefined) throw new Error('nothing was offered');
    return await desk.ask({ ...question, text: 'Pick one.' });
  }

  test('goes away after a day without a word', async () => {
    await using desk = await QuestionDesk.open();
    desk.questions.own(
      COMMAND_BUTTONS,
      commandButtonOwner([], () => {}),
    );
    const id = await offered(desk);
    await desk.questions.delivered(id);
    desk.now += 25 * 3_600_000;
    desk.questions.start();
    expect(await desk.untilSaid(1)).toEqual(['']);
    expect(desk.frames.at(-1)).toMatchObject({ replaces: id });
  });

  test('of a command that a newer version does not have says that nothing came of it', async () => {
    await using desk = await QuestionDesk.open();
    desk.questions.own(
      COMMAND_BUTTONS,
      commandButtonOwner([], () => {}),
    );
    const id = await offered(desk);
    await desk.press(id, 'command-1');
    expect(desk.said).toEqual([expect.stringContaining('nothing came of it')]);
  });
});
