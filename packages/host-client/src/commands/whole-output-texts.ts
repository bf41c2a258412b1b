import type { Text } from '@phonework/shared/language';

/** What is said about outputs that were not shown whole. */
export const wholeOutputTexts = {
  title: (command: string): Text => ({
    en: `Send the whole output of: ${command}`,
    zh: `发送全部输出：${command}`,
  }),
  send: { en: 'Send the whole', zh: '发送全部输出' },
  words: {
    en: 'Nothing was sent: only the button does that. Run the command again to get its output as a file.',
    zh: '没有发送：只有按钮能发送。想以文件得到输出，请再运行一次这条命令。',
  },
} as const;
