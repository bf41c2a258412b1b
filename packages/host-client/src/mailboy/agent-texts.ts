/** What the mailboy's loop says by itself: to the user, or to the model. */
export const agentTexts = {
  seenEarlier: 'content from the web, earlier in this conversation',
  tooManyRounds: (rounds: number) =>
    `I stopped after ${rounds} steps without an end in sight: say "go on", or ask for a smaller piece.`,
  repeating: (tool: string) =>
    `I stopped because I kept calling ${tool} in the same way: tell me what to do differently.`,
  emptyAnswer: 'The model gave an empty answer twice: ask again, or send /clear to start afresh.',
  unreadableCall:
    "The model tried to use a tool in a way that can't be understood, so nothing was run: ask again, or send /clear to start afresh.",
  cutAnswer: '[The answer was cut at the model\'s length limit: say "go on" for the rest.]',
} as const;

/** Notes to the model. They are not remembered: a mistake that stays in the conversation is made again. */
export const notes = {
  empty: note('Your last answer was empty. Write your answer to the user now, or call a tool.'),
  unreadableCall: note(
    'Your last answer held a tool call that could not be understood, or one of a tool that does not exist; it was not run. Call tools only through the function calling interface, or answer the user in words.',
  ),
} as const;

/** Results that stand in for a tool that was not run. */
export const notRun = {
  stopped: 'Not run: the turn was stopped before.',
  cut: 'Not run: your answer was cut at the length limit, so its tool calls may be incomplete. Make shorter ones, one at a time.',
} as const;

function note(text: string): string {
  return `(A note of the program, not from the user: ${text})`;
}
