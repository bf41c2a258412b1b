/** What the model is told about sessions. */
export const sessionToolTexts = {
  unknown: (idOrName: string, known: readonly string[]) =>
    known.length === 0
      ? `There is no session "${idOrName}": none is open. create_session opens one.`
      : `There is no session "${idOrName}". The user's are: ${known.join(', ')}.`,
  background: (taskId: string) =>
    `⏳ Task #${taskId} started. It goes on in the background, and the user is told the result by itself: do not wait for it.`,
  none: 'No session is open. create_session opens one.',
  closed: (name: string) => `Session ${name} is closed. Its conversation stays on the machine.`,
  failedStart: (name: string, why: string) => `The session ${name} is there, but its first prompt failed: ${why}`,
} as const;
