/** What is said about outputs that were not shown whole. */
export const wholeOutputTexts = {
  title: (command: string) => `Send the whole output of: ${command}`,
  send: 'Send the whole',
  words: 'Nothing was sent: only the button does that. Run the command again to get its output as a file.',
} as const;
