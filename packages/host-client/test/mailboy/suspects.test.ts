import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { interruptionTexts } from '../../src/mailboy/interruption-texts.ts';
import { Suspects } from '../../src/mailboy/suspects.ts';
import { NodeDesk } from '../fakes/node-desk.ts';
import { NodeStore } from '../fakes/node-store.ts';

const users = ['alice', 'bob', 'carol'];

/** One message of each user, `of NAME`; their turns run side by side. */
async function threeTurns(disk: NodeStore): Promise<void> {
  const node = await NodeDesk.over(disk);
  for (const userId of users) await node.say(`of ${userId}`, { userId });
  for (const userId of users) await node.turn(`of ${userId}`);
}

test('of turns that a crash cut off one at a time runs again, and new messages are answered meanwhile', async () => {
  using disk = new NodeStore();
  await threeTurns(disk);
  using after = disk.afterCrash();
  const next = await NodeDesk.over(after);
  next.desk.start();
  const first = await next.turn('of alice');
  await next.say('of dave', { userId: 'dave' });
  (await next.turn('of dave')).finish();
  await next.answerTo('of dave');
  expect(next.begun).toEqual(['of alice', 'of dave']);
  first.finish();
  (await next.turn('of bob')).finish();
  (await next.turn('of carol')).finish();
  for (const userId of users) expect(await next.answerTo(`of ${userId}`)).toBe(`did of ${userId}`);
});

test('only the message that crashed the process twice is set aside, not those that ran beside it', async () => {
  using disk = new NodeStore();
  await threeTurns(disk);
  using once = disk.afterCrash();
  const second = await NodeDesk.over(once);
  second.desk.start();
  await second.turn('of alice');
  using twice = once.afterCrash();
  const third = await NodeDesk.over(twice);
  third.desk.start();
  (await third.turn('of bob')).finish();
  (await third.turn('of carol')).finish();
  expect(await third.answerTo('of alice')).toBe(interruptionTexts.crashed.en);
  expect(await third.answerTo('of bob')).toBe('did of bob');
  expect(await third.answerTo('of carol')).toBe('did of carol');
});

test('a message whose turn failed to begin does not hold up those that wait for it', async () => {
  using disk = new NodeStore();
  await threeTurns(disk);
  using after = disk.afterCrash();
  const next = await NodeDesk.over(after);
  next.desk.start();
  (await next.turn('of alice')).fail(new Error('no'));
  (await next.turn('of bob')).finish();
  expect(await next.answerTo('of bob')).toBe('did of bob');
});

test('a shutdown waits for none that has not begun, and does not count a beginning', async () => {
  using disk = new NodeStore();
  await threeTurns(disk);
  using after = disk.afterCrash();
  const next = await NodeDesk.over(after);
  next.desk.start();
  await next.turn('of alice');
  await next.desk.stop(0);
  expect(next.begun).toEqual(['of alice']);
  const last = await NodeDesk.over(after);
  last.desk.start();
  for (const userId of users) (await last.turn(`of ${userId}`)).finish();
  await waitFor(() => last.answers.length === users.length, { what: 'all answers' });
});

test('a turn that goes on, waiting for its user perhaps, does not hold up the others for long', async () => {
  const suspects = new Suspects({ suspectedMs: 20 });
  const ended = Promise.withResolvers<string>();
  const first = suspects.oneAtATime(() => ended.promise);
  expect(await suspects.oneAtATime(async () => 'second')).toBe('second');
  ended.resolve('first');
  expect(await first).toBe('first');
});
