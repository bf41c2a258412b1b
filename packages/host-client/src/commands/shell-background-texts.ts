import type { Text } from '@phonework/shared/language';

/** What is said about commands that took too long. */
export const shellBackgroundTexts = {
  title: (command: string): Text => ({
    en: `Run in the background: ${command}`,
    zh: `在后台运行：${command}`,
  }),
  background: { en: 'Run in background', zh: '在后台运行' },
  leave: { en: 'Leave it', zh: '算了' },
  left: { en: 'It was not run again.', zh: '没有重新运行。' },
  sent: {
    en: 'Its output so far comes as a file. It was not run again.',
    zh: '到目前为止的输出会以文件发来。没有重新运行。',
  },
  started: (id: string): Text => ({
    en: `⏳ Task #${id} started. I'll notify you when it's done.`,
    zh: `⏳ 任务 #${id} 已开始，完成后会通知你。`,
  }),
} as const;
