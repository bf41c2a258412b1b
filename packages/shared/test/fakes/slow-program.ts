import * as z from 'zod';
import { commonKeys } from '../../src/common-keys.ts';
import { runProgram } from '../../src/program.ts';

// A program that takes STOP_MS to stop, for ever when that is not set, fails to start when FAIL says so, and dies of a
// bug when BUG says so.
const { STOP_MS: stopMs, FAIL: failure, BUG: bug } = process.env;
const { DATA_DIR, LOG_LEVEL } = commonKeys;

await runProgram(
  {
    name: 'slow',
    summary: 'A program for tests.',
    version: '1.2.3',
    configFile: 'slow.yaml',
    keys: { DATA_DIR, LOG_LEVEL, TOKEN: { schema: z.string().optional(), expected: 'a token', secret: true } },
    async start({ values }, { print, logger }) {
      if (failure !== undefined) throw new Error(failure);
      const timer = setInterval(() => {}, 1000);
      if (bug !== undefined) setImmediate(() => Promise.reject(new Error(bug)));
      logger.info({ token: values.TOKEN }, 'started');
      print(`ready in ${values.DATA_DIR}`);
      return {
        stop: () =>
          new Promise((resolve) => {
            if (stopMs === undefined) return;
            setTimeout(() => {
              clearInterval(timer);
              resolve();
            }, Number(stopMs));
          }),
      };
    },
  },
  process,
);
