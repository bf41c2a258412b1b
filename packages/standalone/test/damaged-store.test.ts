import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House, Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

/** Runs a message through the house and cuts the power, so that both databases are there with their logs. */
async function leaveUsed(house: House): Promise<{ readonly router: string; readonly node: string }> {
  house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
  const router = await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  house.feishu.say({ openId: 'ou_alice', text: 'first' });
  await waitFor(() => house.textsTo('ou_alice').length === 1, { what: 'an answer' });
  await Promise.all([router.kill(), node.kill()]);
  return { router: join(house.folder, 'data/router.db'), node: join(house.folder, 'node-data/node.db') };
}

/** What the operator reads of a program that does not start, with no stack trace in it. */
async function refusalOf(program: Program): Promise<string> {
  expect((await program.ended()).code).toBe(1);
  const lines = program.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(lines.length).toBe(1);
  expect(program.stderr).not.toContain('    at ');
  return lines[0] ?? '';
}

test('neither router nor node starts anew over a database that is cut off, and each goes on once it is whole', async () => {
  await using house = await startHouse();
  const paths = await leaveUsed(house);
  for (const [name, path] of [
    ['phonework-router', paths.router],
    ['phonework-host', paths.node],
  ] as const) {
    for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${path}${end}.kept`);
    for (const bytes of [0, 5000]) {
      rmSync(`${path}-wal`);
      truncateSync(path, bytes);
      expect(await refusalOf(house.launch(name))).toBe(
        `${name}: ${path} can't be read as a database: restore a copy of it, or move it away.`,
      );
      for (const end of ['', '-wal']) copyFileSync(`${path}${end}.kept`, `${path}${end}`);
    }
  }
  await house.start();
  house.feishu.say({ openId: 'ou_alice', text: 'second' });
  await waitFor(() => house.textsTo('ou_alice').includes('re: second'), { what: 'an answer after the repair' });
  expect(house.textsTo('ou_alice')).toEqual(['re: first', 're: second']);
});

test('a log with a flipped bit stops the router once, and the second start goes on with what can be read', async () => {
  await using house = await startHouse();
  const { router: path } = await leaveUsed(house);
  const log = readFileSync(`${path}-wal`);
  const middle = Math.floor(log.length / 2);
  log[middle] = (log[middle] ?? 0) ^ 1;
  writeFileSync(`${path}-wal`, log);
  expect(await refusalOf(house.launch('phonework-router'))).toMatch(
    /router\.db-wal is damaged: the last \d+ changes of .* can't be read\. .*start once more to go on without these changes/,
  );
  await house.start();
  house.feishu.say({ openId: 'ou_alice', text: 'second' });
  await waitFor(() => house.textsTo('ou_alice').includes('re: second'), { what: 'an answer after the damage' });
});
