import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** What systems take as the path of a socket, in bytes. */
const MAX_PATH_BYTES = 100;

/** Where a node with this data folder listens for its own machine; undefined where its path is too long for a socket. */
export function terminalAddress(dataDir: string, platform: string = process.platform): string | undefined {
  if (platform === 'win32') {
    return `\\\\.\\pipe\\phonework-${createHash('sha256').update(dataDir).digest('hex').slice(0, 32)}`;
  }
  const path = join(dataDir, 'node.sock');
  return Buffer.byteLength(path) <= MAX_PATH_BYTES ? path : undefined;
}
