import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startHouse } from '@phonework/testkit/house';
import { expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';

const MINUTE_MS = 60_000;

test('what came due while the machine was off is told at its start, with how late it is, and the rest waits on', async () => {
  await using house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 60 } });
  const [, node] = await Promise.all([house.startRouter(), house.startNode()]);
  await house.connected();
  const alice = new Phone(house.feishu, 'ou_alice');
  await alice.asks('/remind 10m deploy check', 'in 10m');
  await alice.asks('/remind 20m second check', 'in 20m');
  expect(await node.stop()).toBe(0);
  letTimePass(join(house.folder, 'node-data/node.db'), 12 * MINUTE_MS);
  await house.startNode();
  const startedAt = performance.now();
  const { text } = await alice.hears('⏰ deploy check');
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(text).toMatch(/^⏰ deploy check\n\(due [12]m[ 0-9s]* ago: this machine was off\)$/);
  const { text: left } = await alice.asks('/reminders', 'Reminders');
  expect(left).toMatch(/in [78]m[ 0-9s]* · second check/);
  expect(left).not.toContain('deploy check');
  expect(alice.texts.filter((said) => said.startsWith('⏰ deploy check'))).toHaveLength(1);
  expect(alice.texts.filter((said) => said.startsWith('⏰ second check'))).toEqual([]);
});

/** As if so long had gone by since the jobs were set. */
function letTimePass(path: string, ms: number): void {
  const database = new DatabaseSync(path);
  try {
    database.prepare('UPDATE jobs SET at = at - ?, created_at = created_at - ?').run(ms, ms);
  } finally {
    database.close();
  }
}
