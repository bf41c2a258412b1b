/** What a node says to people, in one place. */
export const texts = {
  noModel: (nodeId: string) =>
    `There is no model on ${nodeId}, so I can't answer in words, send you files or search the web. /new <name> opens a Claude Code session, and then your messages go to it; /shell ls runs a command. For an assistant who can, set OPENAI_API_KEY in its configuration and start it again.`,
  noSession:
    'No session is active. /sessions lists yours, /new <name> opens one; /smart lets the assistant answer instead.',
  waiting: (place: number) =>
    `⏳ Queued (#${place}) behind what is running. Begin a message with ! to interrupt that; /stop ends it.`,
  notServed: (nodeId: string) =>
    `${nodeId} does not work for you: its owner can add your open_id to SERVES_USERS in its configuration.`,
  stopped: 'Stopped.',
  cleared: 'The conversation so far is forgotten.',
  unknownCommand: (name: string, meant: string | undefined) =>
    meant === undefined
      ? `There is no command ${name}. /help lists them.`
      : `There is no command ${name}. Did you mean ${meant}?`,
  shellUsage: 'Write the command after it, such as: /shell git status',
  interrupted: (effect: string) =>
    `⚠️ I was interrupted while doing this: ${effect}\nIt may have finished or not; nothing was run again. Send your message again if it should be.`,
  crashed:
    '⚠️ This message ended the program on your machine twice, so I set it aside. Nothing more was tried; the log on that machine says why.',
  unexpected: 'Something unexpected went wrong on this machine; its log says what. Try again, or write it differently.',
  cut: (characters: number) => `\n\n[… ${characters} characters left out …]\n\n`,
} as const;
