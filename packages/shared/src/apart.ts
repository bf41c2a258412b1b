import { parentPort, Worker, workerData } from 'node:worker_threads';

/** The thread gave no result: it was called off, or broke. */
export class ApartError extends Error {
  override readonly name = 'ApartError';
  readonly code: 'called_off' | 'failed';

  constructor(code: ApartError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Runs the module `entry`, which calls `answerApart`, in a thread of its own: for pure work on input that may be made to
 * take long, while everybody else goes on. Starting costs some 100 ms of the other core, so it is not for what is short.
 * `input` and the result are copied. Rejects with ApartError.
 */
export async function runApart<Result>(entry: URL, input: unknown, signal: AbortSignal): Promise<Result> {
  if (signal.aborted) throw new ApartError('called_off', 'The work was called off before it began.');
  const worker = new Worker(entry, { workerData: input });
  let callOff = () => {};
  try {
    return await new Promise<Result>((resolve, reject) => {
      callOff = () => reject(new ApartError('called_off', 'The work was called off.', { cause: signal.reason }));
      signal.addEventListener('abort', callOff);
      worker.once('message', resolve);
      worker.once('error', (cause) => reject(new ApartError('failed', 'The work failed.', { cause })));
      worker.once('exit', () => reject(new ApartError('failed', 'The work ended without a result.')));
    });
  } finally {
    signal.removeEventListener('abort', callOff);
    await worker.terminate();
  }
}

/** The other end: works on what `runApart` was given, and answers with the result. Once per thread. */
export function answerApart<Input>(work: (input: Input) => unknown): void {
  // `runApart` of the same module gave it, in the same version of the program.
  parentPort?.postMessage(work(workerData as Input));
}
