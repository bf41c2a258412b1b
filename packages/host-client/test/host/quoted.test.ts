import { expect, test } from 'vitest';
import { WholeNode } from '../fakes/whole-node.ts';

test('the mailboy is told which earlier message a message answers, and whose words are whose', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', 'is that so?', { quoted: 'The tests pass.\n  All of them.\n' });
  await node.answerTo('m1');
  const [block, note, ...words] = node.lastWords('user').split('\n\n');
  expect(block).toBe('> The tests pass.\n>   All of them.');
  expect(note).toContain('The user answers the earlier message above');
  expect(words).toEqual(['is that so?']);
});

test('a session gets the earlier message before the words', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', '/new app');
  await node.answerTo('m1');
  await node.say('m2', '/direct');
  await node.say('m3', 'do that', { quoted: 'Shall I fix it?' });
  const agent = await node.runner.agent();
  await expect.poll(() => agent.sent.map(({ text }) => text)).toEqual(['> Shall I fix it?\n\ndo that']);
});

test('of a long earlier message the beginning goes along', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', 'why?', { quoted: 'x'.repeat(20_000) });
  await node.answerTo('m1');
  expect(node.lastWords('user').split('\n\n')[0]).toBe(`> ${'x'.repeat(7999)}…`);
});

test('a command does what it does, whatever it answers; without an earlier message nothing is added', async () => {
  await using node = await WholeNode.start();
  await node.say('m1', '/abracadabra', { quoted: 'Which command?' });
  expect(await node.answerTo('m1')).toBe('There is no command /abracadabra. /help lists them.');
  await node.say('m2', 'hello', { quoted: ' \n' });
  await node.answerTo('m2');
  expect(node.lastWords('user')).toBe('hello');
});
