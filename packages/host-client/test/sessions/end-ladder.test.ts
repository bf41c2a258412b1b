import { expect, test } from 'vitest';
import { endByLadder } from '../../src/sessions/end-ladder.ts';
import { ProcessTree } from '../../src/shell/process-tree.ts';

/** On a machine that has no file descriptors left. */
class UnseenTree extends ProcessTree {
  override isAlive(): Promise<boolean> {
    return Promise.reject(new Error('EMFILE: too many open files'));
  }
  override end(): Promise<boolean> {
    return Promise.reject(new Error('EMFILE: too many open files'));
  }
}

test('a program is ended also where the processes of its machine can not be listed', async () => {
  const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
  const signals: string[] = [];
  let isClosed = false;
  const isGone = await endByLadder(
    {
      tree: new UnseenTree(-1, 'MARK=none'),
      exited,
      signal(name) {
        signals.push(name);
        exit();
      },
      async close() {
        isClosed = true;
      },
    },
    { signal: 'SIGTERM', killAfterMs: 1000 },
  );
  expect([isGone, isClosed, signals]).toEqual([false, true, ['SIGTERM']]);
});
