import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process, as the system shows it. */
export type Inhabitant = { readonly pid: number; readonly command: string };

/** The processes that have `folder` as their home. Only Linux tells. */
export async function inhabitantsOf(folder: string): Promise<readonly Inhabitant[]> {
  const names = await readdir('/proc');
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => look(Number(name), folder)));
  return found.filter((inhabitant) => inhabitant !== undefined);
}

async function look(pid: number, folder: string): Promise<Inhabitant | undefined> {
  const [environment, command] = await Promise.all([
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
  ]);
  // One that has ended and was not asked how has no command any more.
  if (command === '' || !environment.split('\0').includes(`HOME=${folder}`)) return undefined;
  return { pid, command: command.replaceAll('\0', ' ').trim() };
}

/** What a process has open, as the system names it. */
export async function openFilesOf(pid: number): Promise<readonly string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  return await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => 'closed')));
}
