import { Worker } from 'node:worker_threads';

/**
 * Swaps a file or folder for a symbolic link and back, in a thread of its own: `path` names now what it named before, now
 * what `elsewhere` names. As fast as it can, or with pauses; disposing puts things right again.
 */
export class SymlinkRacer {
  readonly #worker: Worker;
  readonly #counts = new Int32Array(new SharedArrayBuffer(8));

  constructor(
    path: string,
    elsewhere: string,
    pauses: { readonly elsewhereMs: number; readonly backMs: number } = { elsewhereMs: 0, backMs: 0 },
  ) {
    const workerData = { path, elsewhere, pauses, counts: this.#counts };
    this.#worker = new Worker(swapping, { eval: true, workerData });
  }

  get swaps(): number {
    return Atomics.load(this.#counts, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    Atomics.store(this.#counts, 1, 1);
    await ended;
  }
}

const swapping = `
  const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
  const { path, elsewhere, pauses, counts } = require('node:worker_threads').workerData;
  while (Atomics.load(counts, 1) === 0) {
    renameSync(path, path + '.aside');
    symlinkSync(elsewhere, path);
    pause(pauses.elsewhereMs);
    unlinkSync(path);
    renameSync(path + '.aside', path);
    pause(pauses.backMs);
    Atomics.add(counts, 0, 1);
  }
  // Timers are not that exact.
  function pause(ms) {
    for (const start = performance.now(); performance.now() < start + ms; );
  }
`;
