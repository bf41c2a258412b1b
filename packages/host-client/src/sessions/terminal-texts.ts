/** What a person reads at a terminal who asks for a session there: English, as all that programs print. */
export const terminalTexts = {
  taken: (name: string) => `Another terminal has ${name} already, or waits for it.`,
  noSession: 'There is no session yet: /new in the chat opens one.',
  unknown: (text: string, names: readonly string[]) =>
    `No session is called "${text}". ${names.length === 0 ? 'There is none yet.' : `There are: ${names.join(', ')}.`}`,
} as const;
