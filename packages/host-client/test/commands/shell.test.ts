import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { NodeDesk } from '../fakes/node-desk.ts';
import { labels, SessionNode } from '../fakes/session-node.ts';

/** A node whose /shell has little patience. */
async function open(node: SessionNode): Promise<NodeDesk> {
  const desk = await NodeDesk.over(node.disk, { sessions: node, shellTimeoutMs: 300 });
  desk.answerWith = (turn) => desk.answering.answer(turn);
  return desk;
}

const slow = '/shell touch begun; until [ -e go ]; do sleep 0.05; done; touch done';

test('/shell that takes too long runs in the background when its user says so, once', async () => {
  await using node = await SessionNode.open();
  const desk = await open(node);
  await desk.say('m1', { text: slow });
  const answer = await node.answer('m1');
  expect(answer.reply).toContain('it took too long');
  expect(labels(answer)).toEqual(['Run in background', 'Leave it']);
  expect(node.asked()).toEqual([expect.stringMatching(/^Run in the background: touch begun/)]);
  await node.press(answer, 'Run in background');
  await node.press(answer, 'Run in background');
  await waitFor(() => node.messages.length >= 2, { what: 'two sentences' });
  const [started, again] = node.messages.map(({ text }) => text);
  const [, id] = /^⏳ Task #([0-9a-z]{6}) started/.exec(started ?? '') ?? [];
  expect(again).toContain('already answered');
  expect(node.taskRoom.tasks.list('alice')).toMatchObject([
    { id, subject: { kind: 'shell', cwd: node.workingDir, readsOnly: false } },
  ]);
  await waitFor(() => existsSync(join(node.workingDir, 'begun')), { what: 'the task to begin' });
  await desk.desk.stop(0);
});

test('/shell that takes too long is left alone when its user says so', async () => {
  await using node = await SessionNode.open();
  const desk = await open(node);
  await desk.say('m1', { text: '/shell sleep 100' });
  await node.press(await node.answer('m1'), 'Leave it');
  expect(await node.message('It was not run again.')).toBeDefined();
  expect(node.taskRoom.tasks.list('alice')).toEqual([]);
  await desk.desk.stop(0);
});

test('/shell that says more than a phone shows offers the whole, and sends it to who presses', async () => {
  await using node = await SessionNode.open();
  const desk = await open(node);
  await desk.say('m1', { text: '/shell seq 100000; false' });
  const answer = await node.answer('m1');
  expect(answer.reply).toMatch(/\n100000\n```\n… 567 KB left out · exit code 1/);
  expect(labels(answer)).toEqual(['Send the whole']);
  await node.press(answer, 'Send the whole', 'bob');
  expect(node.outputsToSend).toEqual([]);
  await node.press(answer, 'Send the whole');
  await node.press(answer, 'Send the whole');
  const [asked, ...others] = node.outputsToSend;
  expect(others).toEqual([]);
  expect(asked).toMatchObject({ userId: 'alice', chatId: 'chat of alice' });
  expect(readFileSync(asked?.path ?? '', 'utf8').split('\n')).toHaveLength(100_001);
  await desk.desk.stop(0);
});

test('/shell that takes too long and says too much offers both, one of which is done', async () => {
  await using node = await SessionNode.open();
  const desk = await open(node);
  await desk.say('m1', { text: '/shell seq 10000; sleep 100' });
  const answer = await node.answer('m1');
  expect(labels(answer)).toEqual(['Run in background', 'Leave it', 'Send the whole']);
  await node.press(answer, 'Send the whole');
  expect(await node.message('comes as a file. It was not run again.')).toBeDefined();
  expect(node.outputsToSend).toMatchObject([{ userId: 'alice', path: expect.stringMatching(/outputs.\w{6}\.txt$/) }]);
  expect(node.taskRoom.tasks.list('alice')).toEqual([]);
  await desk.desk.stop(0);
});

test('/shell that is quick enough asks nothing, whatever it does', async () => {
  await using node = await SessionNode.open();
  const desk = await open(node);
  await desk.say('m1', { text: '/shell touch made' });
  const answer = await node.answer('m1');
  expect(answer).toMatchObject({ reply: expect.stringContaining('(no output)'), error: '' });
  expect(labels(answer)).toEqual([]);
  expect(existsSync(join(node.workingDir, 'made'))).toBe(true);
  await desk.desk.stop(0);
});
