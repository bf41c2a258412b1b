import { readFileSync } from 'node:fs';
import type { House, Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

const options = {
  users: ['ou_alice', 'ou_bob'],
  logLevel: 'info',
  // Ten thousand events come over one connection.
  feishu: { ackTimeoutMs: 60_000, limits: true },
};

/** What a user may have waiting. */
const BOUND = 10_000;

function flood(house: House, from: number, to: number): void {
  for (let index = from; index < to; index += 1) house.feishu.say({ openId: 'ou_alice', text: `flood ${index}` });
}

async function askAsBob(house: House, text: string): Promise<void> {
  house.feishu.say({ openId: 'ou_bob', text });
  await waitFor(() => house.textsTo('ou_bob').includes(`re: ${text}`), {
    what: `the answer to ${text}`,
    timeoutMs: 20_000,
  });
}

function residentMegabytes({ pid }: Program): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

test('of ten thousand messages of one user every one waits, what is more is refused in a sentence, and others are answered', async () => {
  await using house = await startHouse(options);
  const never = new Promise<string>(() => {});
  // Of the flood the first message keeps the assistant busy, so that all the others wait.
  house.model.answerWith(({ body }) => {
    const text = body.messages.at(-1)?.content ?? '';
    return text.startsWith('flood') ? never : `re: ${text}`;
  });
  const router = await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  await askAsBob(house, 'before');
  flood(house, 0, BOUND);
  await waitFor(async () => (await house.health())?.queue?.inbox === BOUND, {
    what: 'all to wait at the node',
    timeoutMs: 45_000,
  });
  flood(house, BOUND, BOUND + 300);
  await askAsBob(house, 'after');
  const refusal = `${BOUND} of your messages wait for an answer already: the last 300 were not taken. Send them again when some are answered.`;
  await waitFor(() => house.textsTo('ou_alice').includes(refusal), { what: 'the refusal' });
  // A word about the place of each would be ten thousand words.
  expect(house.textsTo('ou_alice').length).toBeLessThan(30);
  expect((await house.health())?.queue?.inbox).toBe(BOUND);
  // And a command gets through.
  house.feishu.say({ openId: 'ou_alice', text: '/status' });
  await waitFor(() => house.textsTo('ou_alice').some((text) => text.includes(`${BOUND - 1}`)), { what: 'a status' });
  // Of which the Lark SDK is a part; ten thousand events that come within a second are garbage a second later.
  expect(residentMegabytes(router)).toBeLessThan(512);
  expect(residentMegabytes(node)).toBeLessThan(256);
}, 60_000);

test('three hundred answers that one chat can take only slowly hold up no other chat', async () => {
  await using house = await startHouse(options);
  house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
  await house.start();
  flood(house, 0, 300);
  await waitFor(async () => ((await house.health())?.queue?.outbox ?? 0) > 100, { what: 'answers to pile up' });
  await askAsBob(house, 'now');
  // Behind them all it would have come last.
  expect((await house.health())?.queue?.outbox).toBeGreaterThan(100);
  const answers = house.textsTo('ou_alice').filter((text) => text.startsWith('re: '));
  expect(answers).toEqual(answers.map((_, index) => `re: flood ${index}`));
});
