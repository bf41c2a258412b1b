import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bilingual, inLanguage } from '@phonework/shared/language';
import { describe, expect, test } from 'vitest';
import type { OpenQuestion, QuestionOwner, Reply } from '../../src/approvals/question.ts';
import type { ImmediateCommand } from '../../src/commands/command.ts';
import { commandButtonOwner } from '../../src/commands/command-buttons.ts';
import { interruptionQuestion, TASK_QUESTION, taskQuestionOwner } from '../../src/commands/task-questions.ts';
import { taskCommandTexts } from '../../src/commands/task-texts.ts';
import { taskCommand, tasksCommand } from '../../src/commands/tasks.ts';
import type { EnglishReply } from '../fakes/read-outcome.ts';
import { toOpenQuestion, toReply } from '../fakes/read-outcome.ts';
import { TaskHouse } from '../fakes/task-house.ts';

function commandsOf(house: TaskHouse): readonly ImmediateCommand[] {
  const parts = {
    list: (user: string) => house.tasks.list(user),
    find: (user: string, id: string) => house.tasks.find(user, id),
    output: (user: string, id: string) => house.runner.output(user, id),
    logPath: (id: string) => house.runner.logPath(id),
    cancel: (user: string, id: string) => house.runner.cancel(user, id),
  };
  return [tasksCommand(parts), taskCommand(parts)];
}

async function say(house: TaskHouse, text: string, userId = 'alice'): Promise<EnglishReply> {
  const [name, ...words] = text.split(' ');
  const command = commandsOf(house).find((each) => each.name === name);
  if (command === undefined) throw new Error(`no such command: ${name}`);
  const request = { userId, chatId: 'chat', turnId: 'turn', argument: words.join(' ') };
  return toReply(await house.store.write(() => command.run(request)));
}

function owner(house: TaskHouse, kind: string): QuestionOwner {
  if (kind === TASK_QUESTION) return taskQuestionOwner(house.runner);
  return commandButtonOwner(commandsOf(house), () => {});
}

/** Presses a button under a reply that `userId` got. */
async function press(house: TaskHouse, question: OpenQuestion, label: string): Promise<string | undefined> {
  const option = question.options.find((one) => one.label === label);
  const answer = { optionId: option?.id ?? '', label };
  const said = await house.store.write(() => owner(house, question.kind).answered(question, answer));
  return said === undefined ? undefined : inLanguage(said, 'en');
}

function asked(reply: Reply, userId = 'alice'): OpenQuestion {
  if (reply.question === undefined) throw new Error('nothing was asked');
  return toOpenQuestion({ ...reply.question, text: reply.text, userId, chatId: 'chat' });
}

function labelsOf(reply: Reply): readonly string[] {
  return reply.question === undefined ? [] : asked(reply).options.map(({ label }) => label);
}

describe('/tasks', () => {
  test('lists what runs, what waits and what has ended, with buttons for what can be cancelled', async () => {
    await using house = new TaskHouse({ maxRunning: 1 });
    expect((await say(house, '/tasks')).text).toContain('no tasks');
    const failed = await house.submit('exit 2', { description: 'the tests' });
    await house.noticeOf(failed);
    const running = await house.submit('sleep 100', { description: `build ${'x'.repeat(200)}` });
    const waiting = await house.submit('sleep 100', { description: 'deploy' });
    const reply = await say(house, '/tasks');
    const lines = reply.text.split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(new RegExp(`^⏳ #${running} running for 0s: build x+…$`));
    expect(lines[0]?.length).toBeLessThan(120);
    expect(lines[1]).toBe(`🕒 #${waiting} waiting for 0s: deploy`);
    expect(lines[2]).toBe(`❌ #${failed} failed (exit code 2) after 0s: the tests`);
    expect(labelsOf(reply)).toEqual([`Show #${running}`, `Cancel #${running}`, `Cancel #${waiting}`]);
    expect((await say(house, '/tasks', 'bob')).text).toContain('no tasks');
  });

  test('shows the newest ten that have ended, and how many more there are', async () => {
    await using house = new TaskHouse();
    const ids = [];
    for (let n = 0; n < 12; n++) {
      const id = await house.submit('true');
      ids.push(id);
      await house.noticeOf(id);
    }
    const { text, question } = await say(house, '/tasks');
    expect(text.match(/#\w{6}/g)).toEqual(
      ids
        .slice(2)
        .toReversed()
        .map((id) => `#${id}`),
    );
    expect(text).toMatch(/\n… and 2 older\.$/);
    expect(question).toBeUndefined();
  });
});

describe('a button under /tasks', () => {
  test('ends the task', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo begun; sleep 100');
    const question = asked(await say(house, '/tasks'));
    expect(await press(house, question, `Cancel #${id}`)).toBe(`Ending task #${id}.`);
    expect(await house.noticeOf(id)).toContain('🚫');
    expect(await press(house, question, `Cancel #${id}`)).toBe(`Task #${id} has ended already.`);
  });

  test('does nothing to another user’s task', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('sleep 100');
    const question = asked(await say(house, '/tasks'), 'bob');
    expect(await press(house, question, `Cancel #${id}`)).toContain('There is no task');
    expect(house.tasks.find('alice', id)?.state).toBe('running');
  });
});

describe('/task', () => {
  test('shows one task with its output and where all of it is', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('echo begun; until [ -e go ]; do sleep 0.02; done; seq 100000', {
      description: 'count',
    });
    await expect.poll(async () => (await say(house, `/task #${id}`)).text).toContain('begun\n```');
    const early = await say(house, `/task ${id}`);
    expect(early.text).toMatch(new RegExp(`^⏳ Task #${id} running for 0s\ncount\n\`\`\`\necho begun;`));
    expect(early.text).toContain(
      `in ${house.folder}\n\n\`\`\`\nbegun\n\`\`\`\nWhole output: ${house.folder}/tasks/${id}.log`,
    );
    expect(labelsOf(early)).toEqual([`Cancel #${id}`]);
    writeFileSync(join(house.folder, 'go'), '');
    await house.noticeOf(id);
    const { text, question } = await say(house, `/task ${id.toUpperCase()}`);
    expect(text).toMatch(
      /^✅ Task #\w+ done \(\ds\)\n[\s\S]*\nbegun\n1\n2\n[\s\S]*… \d+ characters left out …[\s\S]*\n100000\n```\nWhole output/,
    );
    expect(text.length).toBeLessThan(4_200);
    expect(question).toBeUndefined();
  });

  test('cancels by word too', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('sleep 100');
    expect((await say(house, `/task ${id} cancel`)).text).toBe(`Ending task #${id}.`);
    expect(await house.noticeOf(id)).toContain('🚫');
  });

  test('says what to do without an id, or with one that is not there', async () => {
    await using house = new TaskHouse();
    const id = await house.submit('sleep 100');
    expect((await say(house, '/task')).text).toContain('/task k3f9x2');
    expect((await say(house, '/task zzzzzz')).text).toBe('There is no task #zzzzzz. /tasks lists them.');
    expect((await say(house, `/task ${id}`, 'bob')).text).toContain('There is no task');
    expect((await say(house, `/task ${id} cancel`, 'bob')).text).toContain('There is no task');
  });
});

describe('a task that was interrupted', () => {
  async function interrupted(house: TaskHouse): Promise<{ readonly question: OpenQuestion }> {
    const id = await house.submit('echo run >> runs');
    const task = await house.reaches(id, 'done');
    const said = bilingual(() => 'interrupted');
    return { question: toOpenQuestion(interruptionQuestion({ task, title: said, text: said })) };
  }

  test('runs again at the press of a button, and not at another', async () => {
    await using house = new TaskHouse();
    const { question } = await interrupted(house);
    expect(question.options.map(({ label }) => label)).toEqual(['Run again', 'Dismiss']);
    expect(await press(house, question, 'Dismiss')).toBeUndefined();
    expect(house.tasks.list('alice')).toHaveLength(1);
    expect(await press(house, question, 'Run again')).toMatch(/^⏳ Task #\w{6} started\./);
    expect(house.tasks.list('alice')).toHaveLength(2);
  });

  test('can’t when too many wait, or when it is not kept any more', async () => {
    await using house = new TaskHouse({ maxRunning: 1, maxQueued: 1 });
    const { question } = await interrupted(house);
    await house.submit('sleep 100');
    await house.submit('sleep 100');
    expect(await press(house, question, 'Run again')).toMatch(/^1 of your tasks wait already/);
    await house.store.write(() => house.store.prepare("DELETE FROM tasks WHERE state = 'done'").run());
    expect(await press(house, question, 'Run again')).toContain("can't be run again");
    expect(house.tasks.list('alice')).toHaveLength(2);
  });

  test('is left alone when the user writes something, or nothing', async () => {
    await using house = new TaskHouse();
    const { question } = await interrupted(house);
    const taskOwner = owner(house, question.kind);
    expect(taskOwner.answered(question, { words: 'hm?' })).toBe(taskCommandTexts.words);
    expect(taskOwner.expired(question)).toBe(taskCommandTexts.notRunAgain);
    expect(house.tasks.list('alice')).toHaveLength(1);
  });
});
