import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';

let house: House;
let alice: Phone;
/** Ends the turns that run. */
let release: () => void = () => {};

beforeAll(async () => {
  house = await startHouse({ standalone: true });
  await house.start();
}, 60_000);
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

beforeEach(() => {
  alice = new Phone(house.feishu, 'ou_alice');
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  house.model.answerWith(async ({ body }) => {
    await gate;
    return `re: ${body.messages.at(-1)?.content ?? ''}`;
  });
});

function say(text: string): string {
  return house.feishu.say({ openId: 'ou_alice', text });
}

/** The names of the emojis under a message. */
function signs(messageId: string): readonly string[] {
  const message = house.feishu.messagesIn(house.feishu.chatOf('ou_alice')).find(({ id }) => id === messageId);
  return [...(message?.reactions.values() ?? [])];
}

test('a message has its sign within a second, and none any more when it is answered', async () => {
  const saidAt = performance.now();
  const question = say('think hard');
  await waitFor(() => signs(question).includes('EYES'));
  expect(performance.now() - saidAt).toBeLessThan(1000);
  release();
  await alice.hears('re: think hard');
  await waitFor(() => signs(question).length === 0);
});

test('a message that waits behind another one is told its place, and answered after it', async () => {
  say('the first');
  await waitFor(() => house.model.requests.at(-1)?.body.messages.at(-1)?.content === 'the first');
  const second = say('the second');
  await alice.hears('Queued (#1)');
  await waitFor(() => signs(second).includes('EYES'));
  const third = say('the third');
  await alice.hears('Queued (#2)');
  release();
  await alice.hears('re: the third');
  const answers = alice.texts.filter((text) => text.startsWith('re: the'));
  expect(answers.map((text) => text.split('\n')[0])).toEqual(['re: the first', 're: the second', 're: the third']);
  await waitFor(() => [second, third].every((id) => signs(id).length === 0));
});

test('a message that is taken back while it waits is not answered, and the one after it is', async () => {
  const before = house.model.requests.length;
  say('keep this');
  await waitFor(() => house.model.requests.at(-1)?.body.messages.at(-1)?.content === 'keep this');
  const oops = say('forget this');
  await alice.hears('Queued (#1)');
  house.feishu.recall(oops);
  await waitFor(async () => (await house.health())?.queue?.inbox === 1, { what: 'the message to be dropped' });
  say('and this');
  release();
  await alice.hears('re: and this');
  const asked = house.model.requests.slice(before).map(({ body }) => body.messages.at(-1)?.content);
  expect(asked).toEqual(['keep this', 'and this']);
});

test('who writes in Chinese is answered in Chinese, and in English again after English', async () => {
  release();
  await alice.asks('你好', 're: 你好');
  await alice.asks('/nodes', '在线');
  await alice.asks('hello again', 're: hello again');
  await alice.asks('/nodes', 'online');
});

test('the name of a button may be typed in the language that is not shown', async () => {
  release();
  for (const [typed, outcome] of [
    ['允许一次', 're: {"stdout"'],
    ['拒绝。', 're: The user said no'],
  ] as const) {
    house.model.enqueue({ toolCalls: [{ name: 'run_shell', arguments: { command: 'touch made' } }] });
    const question = await alice.asks('make a file for me', 'asks to run a command');
    expect(question.text).toContain('Allow once');
    await alice.asks(typed, outcome);
  }
});
