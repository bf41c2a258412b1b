import { readdir, readFile, readlink } from 'node:fs/promises';

/** The pids of running processes whose command line contains `text`. */
export async function pidsOf(text: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  );
  return lines.filter(([, line]) => line.replaceAll('\0', ' ').includes(text)).map(([pid]) => pid);
}

/** The pids of running processes whose command line is `commandLine`. */
export async function pidsOfExactly(commandLine: string): Promise<readonly number[]> {
  const pids = await pidsOf(commandLine);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, at) => lines[at]?.replaceAll('\0', ' ').trim() === commandLine);
}

/** What process `pid` has open, as the system names it. */
export async function openFilesOf(pid: number | 'self'): Promise<readonly string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  return await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => 'closed')));
}

/** A sleep that nobody else has: to be found by its length. */
export function uniqueSleep(): string {
  return `sleep ${1000 + Math.random() * 1000}`;
}
