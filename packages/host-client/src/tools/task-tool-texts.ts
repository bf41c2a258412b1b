/** What the tools for tasks say. */
export const taskToolTexts = {
  started: (id: string) => `⏳ Task #${id} started. I'll notify you when it's done.`,
  either: 'run_background takes either a command, or a conv_id with a prompt. Call it again with one of them.',
  noSessions: 'There are no sessions on this machine: use a command instead.',
  unknown: (id: string) => `There is no task ${id}. The user sees all of them with /tasks.`,
  leftOut: (characters: number) => `[… ${characters} characters left out …]`,
} as const;
