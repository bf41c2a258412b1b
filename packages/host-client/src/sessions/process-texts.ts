/** Why a program can't be talked to, for the user. */
export const processTexts = {
  noFolder: (folder: string) => `There is no folder ${folder} on this machine.`,
  notAFolder: (path: string) => `${path} is not a folder.`,
  noProgram: (command: string) => `There is no program ${command} on this machine.`,
  notAProgram: (command: string) => `${command} can't be run: make it an executable file, or name another one.`,
  zeroByte: (command: string) => `${command} can't be started: something that it is given contains a zero byte.`,
  notStarted: (command: string, reason: string) =>
    `${command} did not start (${reason}): see whether it runs by hand on this machine.`,
  noAnswer: 'no sign of life in time',
  ended: (command: string) => `${command} has ended.`,
  /** Stands in a line's place from where it is cut. */
  cut: (bytes: number) => ` [… ${bytes} bytes left out …]`,
} as const;
