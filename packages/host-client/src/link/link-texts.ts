import type { Text } from '@phonework/shared/language';

/** What this room says by itself to people. */
export const linkTexts = {
  fileRefused: (name: string): Text => ({
    en: `⚠️ "${name}" could not be sent: the router did not take it. It may be too old to pass files on, or the proxy in front of it does not let /node/files through.`,
    zh: `⚠️ “${name}”无法发送：路由器没有接收。它可能太旧，不能传文件，或者它前面的代理不放行 /node/files。`,
  }),
  notStored: (name: string): Text => ({
    en: `⚠️ "${name}" can’t take this: its disk is full or broken. Free some space there, and it goes on by itself.`,
    zh: `⚠️ “${name}”无法接收：它的磁盘已满或损坏。请在那里腾出空间，之后会自动继续。`,
  }),
  outputGone: {
    en: 'The whole output is not there any more: such files stay for a day, and only the newest 50. Run the command again.',
    zh: '完整输出已经不在了：这类文件保留一天，且只留最新的 50 个。请再运行一次命令。',
  },
  outputFailed: {
    en: '⚠️ The whole output could not be read on this machine, so nothing was sent. Run the command again.',
    zh: '⚠️ 完整输出在这台机器上无法读取，所以没有发送。请再运行一次命令。',
  },
} as const;
