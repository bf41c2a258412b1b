/** What is said about buttons that stand for commands. */
export const commandButtonTexts = {
  words: {
    en: 'Nothing was done: press one of the buttons, or send the command.',
    zh: '什么也没做：请按其中一个按钮，或发送命令。',
  },
} as const;
