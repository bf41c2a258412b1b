/** What is said about commands that took too long. */
export const shellBackgroundTexts = {
  title: (command: string) => `Run in the background: ${command}`,
  background: 'Run in background',
  leave: 'Leave it',
  left: 'It was not run again.',
  sent: 'Its output so far comes as a file. It was not run again.',
  started: (id: string) => `⏳ Task #${id} started. I'll notify you when it's done.`,
} as const;
