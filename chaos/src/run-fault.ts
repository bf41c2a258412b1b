import { once } from 'node:events';
import type { Fault } from './fault.ts';
import type { ResidentMb } from './programs.ts';
import { quiet } from './quiet.ts';
import { Random } from './random.ts';
import { Scene } from './scene.ts';
import type { Evidence, Verdict } from './verdict.ts';
import { judge } from './verdict.ts';
import type { WaitingMail } from './waiting-mail.ts';
import { waitingMail } from './waiting-mail.ts';

/** What came of a fault. */
export type Row = Verdict & {
  readonly name: string;
  readonly title: string;
  readonly kills: number;
  /** Of the whole fault. */
  readonly tookMs: number;
  /** Resident memory once connected, and at the end. */
  readonly residentMb: { readonly atStart: ResidentMb; readonly atEnd: ResidentMb };
  /** Why it did not come to its end. */
  readonly error?: string;
  /** What is to be read where it is not clean. */
  readonly files: { readonly evidence: Evidence; readonly waiting: readonly WaitingMail[]; readonly logs: string };
};

export type RunOptions = {
  readonly seed: number;
  readonly messages: number;
  readonly logLevel?: string;
  /** Once aborted, the programs are ended, and the row says that it did not come to its end. */
  readonly signal?: AbortSignal;
};

/** Does one fault with so many messages, heals, waits for quiet and judges. Never rejects for what the fault finds. */
export async function runFault(fault: Fault, options: RunOptions): Promise<Row> {
  const startedAt = performance.now();
  const { name, title, users, house, quietMs } = fault;
  // By its name, so that a fault does the same alone and among others.
  const seed = new Random(options.seed).fork(name).between(0, 2 ** 31);
  await using scene = await Scene.open({
    seed,
    messages: options.messages,
    ...(users !== undefined && { users }),
    house: { ...(options.logLevel !== undefined && { logLevel: options.logLevel }), ...house },
  });
  const toTheEnd = async () => {
    await fault.run(scene);
    await scene.heal();
    await quiet(scene, quietMs === undefined ? {} : { timeoutMs: quietMs });
  };
  const error = await failureOf(() => unlessAborted(toTheEnd, options.signal));
  const evidence = scene.evidence();
  return {
    name,
    title,
    ...judge(evidence),
    kills: scene.programs.kills,
    tookMs: Math.round(performance.now() - startedAt),
    residentMb: { atStart: scene.residentMbAtStart, atEnd: scene.programs.residentMb() },
    ...(error !== undefined && { error }),
    files: { evidence, waiting: error === undefined ? [] : waitingMail(scene.house), logs: scene.programs.logs },
  };
}

/** Whether a row is as it must be. */
export function isClean({ lost, doubled, outOfOrder, error }: Row): boolean {
  return lost === 0 && doubled === 0 && outOfOrder === 0 && error === undefined;
}

/** What `work` still does after that is nobody's. */
async function unlessAborted(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await work();
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal }).then(() => signal.throwIfAborted());
  try {
    await Promise.race([work(), aborted]);
  } finally {
    over.abort();
  }
}

async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
