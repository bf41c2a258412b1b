import { expect, test } from 'vitest';
import { rulesCommand } from '../../src/commands/rules.ts';
import { ApprovalDesk } from '../fakes/approval-desk.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import { toReply } from '../fakes/read-outcome.ts';

async function say(desk: ApprovalDesk, argument: string, userId = 'alice'): Promise<string> {
  const command = rulesCommand({ rules: desk.rules, workingDir: '/code' });
  const outcome = await desk.disk.store.write(() => command.run({ userId, chatId: 'chat', turnId: 'm1', argument }));
  return toReply(outcome).text;
}

test('/rules lists what is always allowed, and takes it back by its id', async () => {
  await using desk = await ApprovalDesk.open();
  expect(await say(desk, '')).toMatch(/^Nothing is always allowed/);
  const commit = { program: 'git', subcommand: 'commit' };
  await desk.disk.store.write(() => {
    desk.rules.add({ userId: 'alice', folder: '/code/todo_app', calls: [commit] });
    desk.rules.add({ userId: 'alice', folder: '/code', calls: [{ program: 'mkdir', subcommand: '' }] });
  });
  const listed = await say(desk, '');
  const [, id = ''] = /^([0-9a-z]{6}) · `git commit` in `todo_app` and below$/m.exec(listed) ?? [];
  expect(listed).toMatch(/^[0-9a-z]{6} · `mkdir` in the working folder and below$/m);
  expect(await say(desk, `remove ${id}`, 'bob')).toBe(`There is no rule ${id}. /rules lists them.`);
  expect(await say(desk, `Remove #${id.toUpperCase()}`)).toContain('Not always allowed any more: `git commit`');
  expect(await say(desk, '')).not.toContain('git commit');
  expect(await say(desk, `remove ${id}`)).toContain('There is no rule');
});

test.each(['remove', 'delete x', 'remove a b'])('/rules %s says how it is written', async (argument) => {
  await using desk = await ApprovalDesk.open();
  expect(await say(desk, argument)).toBe('Send /rules for the list, or /rules remove and the id of one.');
});

test('/status says how much is always allowed', async () => {
  await using chat = await ChatNode.open();
  expect(await chat.read('/status')).not.toContain('Always allowed');
  await chat.node.disk.store.write(() =>
    chat.desk.rules.add({ userId: 'alice', folder: '/code', calls: [{ program: 'make', subcommand: 'test' }] }),
  );
  expect(await chat.read('/status')).toContain('Always allowed: 1 (/rules)');
  expect(await chat.read('/status', 'bob')).not.toContain('Always allowed');
});
