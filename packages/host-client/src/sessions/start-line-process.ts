import type { Logger } from '@phonework/shared/log';
import type { StartLineProcess } from './line-process.ts';
import { startPipeProcess } from './pipe-process.ts';

/** Over a terminal where this system has one that can be made transparent, else over pipes. */
export function createStartLineProcess(logger: Logger): StartLineProcess {
  let chosen: Promise<StartLineProcess> | undefined;
  return async (spec) => {
    chosen ??= choose(logger);
    const start = await chosen;
    return await start(spec);
  };
}

async function choose(logger: Logger): Promise<StartLineProcess> {
  if (process.platform === 'win32') return startPipeProcess;
  try {
    // Only when it is needed: its native part takes memory, and is not there for every system.
    const { startPtyProcess } = await import('./pty-process.ts');
    return startPtyProcess;
  } catch (error) {
    logger.warn({ err: error }, 'no terminals on this system: programs are talked to through pipes');
    return startPipeProcess;
  }
}
