/**
 * Loaded into a process before its program (`--import`): at SIGUSR2 it collects its garbage and gives back what
 * it has to spare, as it would where memory is short, so that what is measured next is what it keeps.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  // The flag gives it to contexts that are made from now on.
  const collect = runInNewContext('gc') as (options: object) => void;
  process.on('SIGUSR2', () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
}
