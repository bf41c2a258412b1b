import { execFileSync } from 'node:child_process';

/** Makes a FIFO: whoever opens it for reading waits for a writer, and none comes. */
export function makePipe(path: string): void {
  execFileSync('/usr/bin/mkfifo', [path]);
}
