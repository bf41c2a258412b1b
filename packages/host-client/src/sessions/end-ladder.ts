import { isDoneWithin } from '@phonework/shared/done-within';
import type { ProcessTree } from '../shell/process-tree.ts';

/** Between SIGKILL to the program alone, which lets its end be told truly, and SIGKILL to all. */
const lastWordMs = 500;

/** What is to be ended, with all that it has started. */
export type EndingProcess = {
  readonly tree: ProcessTree;
  /** Resolves when the program itself is gone. */
  readonly exited: Promise<unknown>;
  /** To the program alone; does nothing when it is gone. */
  signal(name: NodeJS.Signals): void;
  /** Lets go of what the program was talked to through. */
  close(): Promise<void>;
};

/** Resolves to whether all are gone, as far as that can be told. Never rejects. */
export async function endByLadder(
  { tree, exited, signal, close }: EndingProcess,
  steps: { readonly signal: NodeJS.Signals; readonly killAfterMs: number },
): Promise<boolean> {
  const killAt = performance.now() + steps.killAfterMs;
  // The tree remembers whom it has seen: without their parent they may not be found any more. Where the processes of this
  // machine can't be listed (there are no file descriptors left, say), the program itself is ended all the same.
  await tree.isAlive().catch(() => false);
  signal(steps.signal);
  let isGone = await isDoneWithin(exited, steps.killAfterMs);
  if (!isGone) {
    signal('SIGKILL');
    isGone = await isDoneWithin(exited, lastWordMs);
  }
  await close();
  // There the tree is found by the program's pid alone, which may be another's by now.
  if (isGone && process.platform === 'win32') return true;
  return await tree.end({ killAfterMs: Math.max(0, killAt - performance.now()) }).catch(() => false);
}
