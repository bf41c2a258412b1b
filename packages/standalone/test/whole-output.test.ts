import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Upload } from '@phonework/testkit/feishu-server';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LoopPauses } from './claude/loop-pauses.ts';
import { Phone } from './claude/phone.ts';

/** On any legal input. */
const maxPauseMs = 20;

let house: House;
let alice: Phone;
let pauses: LoopPauses;

beforeAll(async () => {
  house = await startHouse();
  pauses = new LoopPauses(house.folder);
  await house.startRouter();
  await house.startNode(pauses.environment);
  await house.connected();
  alice = new Phone(house.feishu, 'ou_alice');
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

/** The lines that `seq` writes. */
function numbersTo(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join('');
}

/** The `nth` file that Alice sees, counted from 1, once it is there. */
async function fileTo(nth: number): Promise<Upload> {
  return await waitFor(
    () => {
      const files = alice.messages.flatMap(({ messageType, content }) => {
        const keys = messageType === 'file' ? Object.values(JSON.parse(content)) : [];
        return house.feishu.uploads.filter(({ key }) => keys.includes(key));
      });
      return files[nth - 1];
    },
    { what: `file ${nth}`, timeoutMs: 15_000 },
  );
}

test('what /shell left out comes as a file, byte for byte, when its user presses for it', async () => {
  const answer = await alice.asks('/shell seq 300000', 'left out');
  expect(answer.text).toMatch(/… 1\.9 MB left out/);
  await alice.press(answer, 'send');
  const { name, bytes } = await fileTo(1);
  expect(name).toMatch(/^[0-9a-z]{6}\.txt$/);
  expect(bytes.equals(Buffer.from(numbersTo(300_000)))).toBe(true);
  expect(readdirSync(join(house.folder, 'node-data/outputs'))).toEqual([name]);
});

test('its number does the same as the button', async () => {
  await alice.asks('/shell seq 200000', 'left out');
  alice.say('1');
  expect((await fileTo(2)).bytes.equals(Buffer.from(numbersTo(200_000)))).toBe(true);
});

test('the assistant is told the name, and sends the file when it is asked to', async () => {
  house.model.answerWith(({ body }) => {
    const last = body.messages.at(-1);
    if (last?.role === 'user') return { toolCalls: [{ name: 'run_shell', arguments: { command: 'seq 250000' } }] };
    const [, path] = /"whole_output":"(outputs\/\w{6}\.txt)"/.exec(last?.content ?? '') ?? [];
    return path === undefined
      ? 'There it is.'
      : { toolCalls: [{ name: 'file_ops', arguments: { action: 'send', path } }] };
  });
  await alice.asks('count to 250000, and send me that', 'There it is.');
  expect((await fileTo(3)).bytes.equals(Buffer.from(numbersTo(250_000)))).toBe(true);
});

test('50 MB of output hold up nobody, and what fits is in the file', async () => {
  pauses.reset();
  const answer = await alice.asks('/shell yes | head -c 50000000', 'left out');
  expect(answer.text).toMatch(/… 48 MB left out · the file has all but 38 MB of the middle/);
  await alice.press(answer, 'send');
  const { bytes } = await fileTo(4);
  expect(pauses.longestMs).toBeLessThan(maxPauseMs);
  expect(bytes.length).toBeLessThanOrEqual(10 * 1024 * 1024);
  expect(bytes.subarray(0, 4).toString()).toBe('y\ny\n');
  expect(bytes.includes('bytes left out')).toBe(true);
});

test('a short output leaves nothing behind', async () => {
  const before = readdirSync(join(house.folder, 'node-data/outputs'));
  await alice.asks('/shell echo hello', 'hello');
  expect(readdirSync(join(house.folder, 'node-data/outputs'))).toEqual(before);
  expect(existsSync(join(house.folder, 'node-data/outputs'))).toBe(true);
});
