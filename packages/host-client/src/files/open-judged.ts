import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open, readlink, realpath } from 'node:fs/promises';
import { FileError, toFileError } from './file-error.ts';
import { filesTexts } from './files-texts.ts';

export type Judged = {
  readonly handle: FileHandle;
  /** Where the descriptor is, not where the name led. */
  readonly realPath: string;
  readonly stats: BigIntStats;
};

export type JudgedOpening = {
  /** Absolute; symbolic links in it are followed. */
  readonly path: string;
  /** For messages: the path as the user wrote it. */
  readonly asked: string;
  /** Throws for a real path that is out of bounds. Asked before opening, and again about what was opened. */
  judge(realPath: string): void;
  /** Whether /proc/self/fd tells where a descriptor is, as on Linux. */
  readonly procFd: boolean;
};

/** On macOS no part of a path may be a symbolic link then; Node has no name for it. From its sys/fcntl.h. */
const noFollowAny = 0x2000_0000;

/** Each is a coin that a racer would have to win. */
const looks = 12;

/**
 * Opens a regular file or a folder for reading, and judges the descriptor: whoever swaps a file or a folder for a
 * symbolic link meanwhile gets a refusal, never bytes from elsewhere. Without /proc, and without the flag of macOS, that is
 * made unlikely, not impossible. A hard link to a file elsewhere cannot be told from the file. Devices, pipes and sockets
 * are refused without being opened, or, in a race, without waiting for their other end. Rejects with FileError.
 */
export async function openJudged({ path, asked, judge, procFd }: JudgedOpening): Promise<Judged> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    judge(real);
    requireOrdinary(await lstat(real, { bigint: true }), asked);
    handle = await openOnce(real, asked);
    const stats = await handle.stat({ bigint: true });
    requireOrdinary(stats, asked);
    const realPath = procFd ? await readlink(`/proc/self/fd/${handle.fd}`) : await findAgain(real, stats, asked);
    judge(realPath);
    return { handle, realPath, stats };
  } catch (cause) {
    await handle?.close();
    throw toFileError(cause, asked);
  }
}

async function openOnce(real: string, asked: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | (process.platform === 'darwin' ? noFollowAny : 0);
  return await open(real, flags).catch((cause) => {
    // A real path has no symbolic links: it got one since.
    if (cause.code === 'ELOOP') throw changed(asked, cause);
    throw cause;
  });
}

/**
 * Where there is no asking a descriptor for its place: the place of the file that it is. A name that is swapped fast
 * enough could show a different file in each look, so there are many.
 */
async function findAgain(path: string, opened: BigIntStats, asked: string): Promise<string> {
  for (let look = 0; look < looks; look++) {
    const found = (await realpath(path)) === path ? await lstat(path, { bigint: true }) : undefined;
    if (found?.dev !== opened.dev || found.ino !== opened.ino) throw changed(asked);
  }
  return path;
}

function changed(asked: string, cause?: unknown): FileError {
  return new FileError('changed', filesTexts.changed(asked), { cause });
}

function requireOrdinary(stats: BigIntStats, asked: string): void {
  if (stats.isFile() || stats.isDirectory()) return;
  // A real path has none.
  if (stats.isSymbolicLink()) throw changed(asked);
  throw new FileError('special', filesTexts.special(asked, kindOf(stats)));
}

function kindOf(stats: BigIntStats): 'pipe' | 'socket' | 'device' {
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}
