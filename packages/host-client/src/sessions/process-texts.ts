import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** Why a program can't be talked to, for the user. */
export const processTexts = {
  noFolder: (folder: string): Text => ({
    en: `There is no folder ${folder} on this machine.`,
    zh: `这台机器上没有文件夹 ${folder}。`,
  }),
  notAFolder: (path: string): Text => ({ en: `${path} is not a folder.`, zh: `${path} 不是文件夹。` }),
  noProgram: (command: string): Text => ({
    en: `There is no program ${command} on this machine.`,
    zh: `这台机器上没有程序 ${command}。`,
  }),
  notAProgram: (command: string): Text => ({
    en: `${command} can't be run: make it an executable file, or name another one.`,
    zh: `${command} 无法运行：请把它设为可执行文件，或换一个。`,
  }),
  zeroByte: (command: string): Text => ({
    en: `${command} can't be started: something that it is given contains a zero byte.`,
    zh: `${command} 无法启动：传给它的内容里有零字节。`,
  }),
  notStarted: (command: string, reason: Said): Text => ({
    en: `${command} did not start (${inLanguage(reason, 'en')}): see whether it runs by hand on this machine.`,
    zh: `${command} 没有启动（${inLanguage(reason, 'zh')}）：请看看它在这台机器上能否手动运行。`,
  }),
  noAnswer: { en: 'no sign of life in time', zh: '没有及时响应' },
  ended: (command: string): Text => ({ en: `${command} has ended.`, zh: `${command} 已结束。` }),
  /** Stands in a line's place from where it is cut: such a line is for programs. */
  cut: (bytes: number) => ` [… ${bytes} bytes left out …]`,
} as const;
