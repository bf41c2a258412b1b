import type { Text } from '@phonework/shared/language';

/** What is said of messages whose turns broke off. */
export const interruptionTexts = {
  interrupted: (effect: string): Text => ({
    en: `⚠️ I was interrupted while doing this: ${effect}`,
    zh: `⚠️ 我在做这件事时被中断：${effect}`,
  }),
  ended: (outcome: string): Text => ({
    en: `It had finished (${outcome}); nothing was run again.`,
    zh: `它已经做完（${outcome}）；没有重新运行。`,
  }),
  open: {
    en: 'It may have finished or not; nothing was run again.',
    zh: '它可能做完了，也可能没有；没有重新运行。',
  },
  before: { en: 'Done before, the newest first:', zh: '此前做过的，由新到旧：' },
  more: (count: number): Text => ({ en: `… and ${count} more`, zh: `……还有 ${count} 项` }),
  lastOutput: { en: 'Last output:', zh: '最后的输出：' },
  crashed: {
    en: '⚠️ This message ended the program on your machine twice, so I set it aside. Nothing more was tried; the log on that machine says why.',
    zh: '⚠️ 这条消息两次让你机器上的程序崩溃，所以我把它放到一边，没有再试；原因见那台机器的日志。',
  },
  title: (message: string): Text => ({
    en: `Interrupted: ${message} – shall it run again?`,
    zh: `已中断：${message}——要重新运行吗？`,
  }),
  retry: { en: 'Retry', zh: '重试' },
  dismiss: { en: 'Dismiss', zh: '不用了' },
  again: (message: string): Text => ({ en: `Running it again: ${message}`, zh: `重新运行：${message}` }),
  left: { en: 'Left as it is.', zh: '保持原样。' },
  notAnAnswer: {
    en: 'Nothing was run again: press Retry or Dismiss.',
    zh: '没有重新运行：请按“重试”或“不用了”。',
  },
} as const;
