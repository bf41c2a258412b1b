import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { endMarked, treeOf } from '../../src/shell/process-tree.ts';
import { pidsOf, pidsOfExactly, uniqueSleep } from '../fakes/process-list.ts';

/** Starts `script` in the background, as what a killed program has left: nobody waits for it. */
async function leave(script: string, mark: string): Promise<void> {
  const env = { PATH: process.env.PATH, MARK: mark };
  const child = spawn('/bin/sh', ['-c', `(setsid sh -c "$SCRIPT" &)`], {
    env: { ...env, SCRIPT: script },
    stdio: 'ignore',
  });
  await once(child, 'exit');
}

describe.runIf(process.platform === 'linux')('what a killed program has left', () => {
  test('is ended by its mark, also where it does not listen or has forgotten the mark', async () => {
    const mark = `${Math.random()}`;
    const sleep = uniqueSleep();
    await leave(sleep, mark);
    await leave(`trap '' TERM; while :; do ${sleep}; done`, mark);
    await leave(`env -i setsid ${sleep} & wait`, mark);
    await waitFor(async () => (await pidsOfExactly(sleep)).length === 3);
    expect(await endMarked(`MARK=${mark}`)).toBeGreaterThanOrEqual(5);
    expect(await pidsOf(sleep)).toEqual([]);
    expect(await endMarked(`MARK=${mark}`)).toBe(0);
  });

  test('is seen also in the moment in which another program takes it over', async () => {
    const mark = `${Math.random()}`;
    // Not for ever, should nobody find them.
    const script = `[ "$1" = 30000 ] || exec /bin/sh -c "$SCRIPT" ${mark} $(($1 + 1))`;
    for (let count = 0; count < 4; count++) await leave(script, mark);
    await waitFor(async () => (await pidsOf(mark)).length === 4);
    const seen = new Set<number>();
    for (let look = 0; look < 20; look++) {
      const tree = treeOf(-1, `MARK=${mark}`);
      await tree.isAlive();
      seen.add(tree.seen);
    }
    await endMarked(`MARK=${mark}`);
    expect([...seen]).toEqual([4]);
    expect(await pidsOf(mark)).toEqual([]);
  });

  test('is not mistaken for what has another mark', async () => {
    const mark = `${Math.random()}`;
    const sleep = uniqueSleep();
    await leave(sleep, `${mark}1`);
    await waitFor(async () => (await pidsOfExactly(sleep)).length === 1);
    expect(await endMarked(`MARK=${mark}`)).toBe(0);
    expect(await endMarked(`ARK=${mark}1`)).toBe(0);
    expect(await pidsOfExactly(sleep)).toHaveLength(1);
    await endMarked(`MARK=${mark}1`);
    expect(await pidsOf(sleep)).toEqual([]);
  });
});
