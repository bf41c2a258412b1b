import { access, constants, stat } from 'node:fs/promises';
import type { Said } from '@phonework/shared/language';
import type { LineProcessSpec } from './line-process.ts';
import { LineProcessError } from './line-process.ts';
import { processTexts } from './process-texts.ts';

/** Rejects with LineProcessError `not_started` where it can be seen before that `spec` can't be started. */
export async function requireStartable({ command, args, cwd, env }: LineProcessSpec): Promise<void> {
  // In a terminal's C code the text would silently end there.
  const isCut = [command, cwd, ...args, ...Object.entries(env).flat()].some((text) => text.includes('\0'));
  if (isCut) throw notStarted(processTexts.zeroByte(command.replaceAll('\0', '')));
  const folder = await stat(cwd).catch((cause) => {
    throw notStarted(processTexts.noFolder(cwd), cause);
  });
  if (!folder.isDirectory()) throw notStarted(processTexts.notAFolder(cwd));
  const program = await stat(command).catch((cause) => {
    throw notStarted(processTexts.noProgram(command), cause);
  });
  if (!program.isFile()) throw notStarted(processTexts.notAProgram(command));
  await access(command, constants.X_OK).catch((cause) => {
    throw notStarted(processTexts.notAProgram(command), cause);
  });
}

function notStarted(said: Said, cause?: unknown): LineProcessError {
  return new LineProcessError('not_started', said, { cause });
}
