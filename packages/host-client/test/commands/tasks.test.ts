import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OpenQuestion, QuestionOwner, Reply } from '../../src/approvals/question.ts';
import type { CommandOutcome, ImmediateCommand } from '../../src/commands/command.ts';
import { interruptionQuestion, taskQuestionOwner } from '../../src/commands/task-questions.ts';
import { taskCommand, tasksCommand } from '../../src/commands/tasks.ts';
import { TaskHouse } from '../fakes/task-house.ts';

async function say(house: TaskHouse, text: string, userId = 'alice'): Promise<Reply> {
  const parts = {
    list: (user: string) => house.tasks.list(user),
    find: (user: string, id: string) => house.tasks.find(user, id),
    output: (user: string, id: string) => house.runner.output(user, id),
    logPath: (id: string) => house.runner.logPath(id),
    cancel: (user: string, id: string) => house.runner.cancel(user, id),
  };
  const [name, ...words] = text.split(' ');
  const command: ImmediateCommand = name === '/tasks' ? tasksCommand(parts) : taskCommand(parts);
  const request = { userId, chatId: 'chat', turnId: 'turn', argument: words.join(' ') };
  return toReply(await house.store.write(() => command.run(request)));
}

function toReply(outcome: CommandOutcome): Reply {
  if (typeof outcome === 'string') return { text: outcome };
  if ('settle' in outcome) throw new Error('these commands answer themselves');
  return outcome;
}

function owner(house: TaskHouse): QuestionOwner {
  return taskQuestionOwner(house.runner);
}

/** Presses a button under a reply that `userId` got. */
async function press(house: TaskHouse, question: OpenQuestion, label: string): Promise<string | undefined> {
  const option = question.options.find((one) => one.label === label);
  return await house.store.write(() => owner(house).answered(question, { optionId: option?.id ?? '', label }));
}

function asked(reply: Reply, userId = 'alice'): OpenQuestion {
  if (reply.question === undefined) throw new Error('nothing was asked');
  return { ...reply.question, text: reply.text, userId, chatId: 'chat', id: 'frame', number: 1, askedAt: 0 };
}

describe('/tasks', () => {
  test('lists what runs, what waits and what has ended, with buttons for what can be cancelled', async () => {
    await using house = new TaskHouse({ maxRunning: 1 });
    expect((await say(house, '/tasks')).text).toContain('no tasks');
    const failed = await house.submit('exit 2', { description: 'the tests' });
    await house.noticeOf(failed);
    const running = await house.submit('sleep 100', { description: `build ${'x'.repeat(200)}` });
    const waiting = await house.submit('sleep 100', { description: 'deploy' });
    const { text, question } = await say(house, '/tasks');
    const lines = text.split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(new RegExp(`^⏳ #${running} running for 0s: build x+…$`));
    expect(lines[0]?.length).toBeLessThan(120);
    expect(lines[1]).toBe(`🕒 #${waiting} waiting for 0s: deploy`);
    expect(lines[2]).toBe(`❌ #${failed} failed (exit code 2) after 0s: the tests`);
    expect(question?.options.map(({ label }) => label)).toEqual([`Cancel #${running}`, `Cancel #${waiting}`]);
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

describe('a Cancel button', () => {
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
    expect(early.question?.options.map(({ label }) => label)).toEqual([`Cancel #${id}`]);
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
    const question = interruptionQuestion({ task, title: 'Task was interrupted', text: 'interrupted' });
    return { question: { ...question, id: 'frame', number: 1, askedAt: 0 } };
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
    expect(owner(house).answered(question, { words: 'hm?' })).toContain('Nothing was done');
    expect(owner(house).expired(question)).toBe('It was not run again.');
    expect(house.tasks.list('alice')).toHaveLength(1);
  });
});
