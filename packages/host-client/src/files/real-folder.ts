import { realpath, stat } from 'node:fs/promises';
import { WorkDirError } from './work-dir.ts';

/** The real path of any folder of this machine, after symbolic links; `path` is absolute. Rejects with WorkDirError. */
export async function realFolder(path: string): Promise<string> {
  if (path.includes('\0')) throw new WorkDirError('unsupported', 'A path cannot contain a NUL character.');
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (cause) {
    throw new WorkDirError('missing', `There is no folder "${path}" on this machine.`, { cause });
  }
  throw new WorkDirError('not_a_folder', `"${path}" is not a folder.`);
}
