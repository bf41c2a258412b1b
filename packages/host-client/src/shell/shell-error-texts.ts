import type { Text } from '@phonework/shared/language';

/** Why a command did not start. */
export const shellErrorTexts = {
  noFolder: (folder: string): Text => ({
    en: `There is no folder ${folder} on this machine.`,
    zh: `这台机器上没有文件夹 ${folder}。`,
  }),
  notAFolder: (path: string): Text => ({ en: `${path} is not a folder.`, zh: `${path} 不是文件夹。` }),
  stopped: { en: 'The command was stopped before it started.', zh: '命令还没开始就被停止了。' },
  notStarted: { en: 'The shell did not start on this machine.', zh: 'shell 在这台机器上没能启动。' },
  noShell: {
    en: 'There is neither bash nor sh on this machine: install one of them.',
    zh: '这台机器上既没有 bash 也没有 sh：请安装其中一个。',
  },
} as const;
