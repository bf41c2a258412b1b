/** What this room says by itself to people. */
export const linkTexts = {
  fileRefused: (name: string) =>
    `⚠️ "${name}" could not be sent: the router did not take it. It may be too old to pass files on, or the proxy in front of it does not let /node/files through.`,
} as const;
