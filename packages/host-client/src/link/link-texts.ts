/** What this room says by itself to people. */
export const linkTexts = {
  fileRefused: (name: string) =>
    `⚠️ "${name}" could not be sent: the router did not take it. It may be too old to pass files on, or the proxy in front of it does not let /node/files through.`,
  outputGone:
    'The whole output is not there any more: such files stay for a day, and only the newest 50. Run the command again.',
  outputFailed: '⚠️ The whole output could not be read on this machine, so nothing was sent. Run the command again.',
} as const;
