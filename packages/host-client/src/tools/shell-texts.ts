import { formatSize } from '../files/size.ts';

/** What run_shell, run_background and /shell say of their own. */
export const shellTexts = {
  blocked: (why: string) => `Blocked: ${why}`,
  destructive: (reason: string) => `this command ${reason}, which is never run from here.`,
  unparseable: (reason: string) => `this command cannot be checked: ${reason}. Write it more simply.`,
  readOnlyPolicy: (reason: string) =>
    `this command ${reason}, and the shell policy here is "read-only", which runs only commands known to change nothing. ` +
    `SHELL_POLICY: ask or auto in the machine's configuration allows it.`,
  tooSlow: (duration: string) => `Ended after ${duration}: it took too long.`,
  offerBackground: 'Offer the user to run it with run_background, which has no time limit.',
  stopped: 'Stopped by the user.',
  backgroundEnded: 'Something was still running in the background when the shell was done, and was ended.',
  notEnded: 'Some of its processes could not be ended and may still run.',
  endedBy: (signal: string) => `Ended by ${signal}.`,
  noOutput: '(no output)',
  exitCode: (code: number) => `exit code ${code}`,
  took: (duration: string) => `took ${duration}`,
  leftOut: (bytes: number) => `… ${formatSize(bytes)} left out`,
  leftOutOfFile: (bytes: number) => `the file has all but ${formatSize(bytes)} of the middle`,
  wholeOutput: (missingBytes: number) =>
    'Only a part is shown: all of the output is in whole_output for a day, where file_ops can read, search and send it.' +
    (missingBytes === 0 ? '' : ` Of its middle ${formatSize(missingBytes)} are missing there too.`),
} as const;
