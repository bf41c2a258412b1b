import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ShellError } from './shell-error.ts';
import { shellErrorTexts } from './shell-error-texts.ts';

type ShellProgram = {
  readonly path: string;
  /** Its arguments to run `command`. */
  args(command: string): readonly string[];
};

/** Whether commands are run by a shell that reads them as they are judged; cmd.exe reads the same text differently. */
export const readsAsJudged = process.platform !== 'win32';

/** bash, or else sh; cmd.exe on Windows. Rejects with ShellError `no_shell`. */
export async function findShell(environment: Readonly<Record<string, string>>): Promise<ShellProgram> {
  if (process.platform === 'win32') {
    const path = environment.ComSpec ?? environment.COMSPEC ?? 'cmd.exe';
    // /s makes cmd.exe take the outer quotes off and leave the rest as it is.
    return { path, args: (command) => ['/d', '/s', '/c', `"${command}"`] };
  }
  const folders = [...(environment.PATH ?? '').split(delimiter).filter(Boolean), '/bin', '/usr/bin'];
  for (const name of ['bash', 'sh']) {
    for (const folder of folders) {
      const path = join(folder, name);
      // After `--` a command that begins with a dash is still a command.
      if (await isExecutable(path)) return { path, args: (command) => ['-c', '--', command] };
    }
  }
  throw new ShellError('no_shell', shellErrorTexts.noShell);
}

/** Whether this program may run the file at `path`. */
export async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
