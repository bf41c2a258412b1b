/** What the router says to people, in one place. */
export const texts = {
  notAllowed: (openId: string) =>
    `Not allowed. Your open_id is ${openId}: ask the owner of this bot to add it to ALLOWED_OPEN_IDS.`,
  help: `I pass your messages on to your own machine, where an assistant answers them and does the work.

Just write what you want: a question, or "list the files here".

/help – this text
/nodes – your machines
/node <name> – work with another one; @name in front of a message is for that message alone, @all for every machine
/status – what your machine is doing
/stop – stop what is running
/clear – forget the conversation so far
/shell <command> – run a command`,
  unreadable: (kind: string) => `I can't read this kind of message (${kind}) yet. Send it as text.`,
  empty: 'That message was empty. Write what you want, or /help.',
  noNode:
    'None of your machines has connected to me yet. Start the host client on one of them, with your id in SERVES_USERS.',
  whichNode: (names: readonly string[]) =>
    `Which machine is this for? Press a button, or answer with its number:\n${names.map((name, index) => `${index + 1}. ${name}`).join('\n')}`,
  sentTo: (name: string) => `→ ${name}`,
  chosen: (label: string) => `✓ ${label}`,
  cancelled: (summary: string) => `Cancelled: "${summary}"`,
  tooLateToChange: 'Too late: the machine has this message already.',
  pressLate: 'This button is no longer in use.',
  pressNotYours: 'This question was not for you.',
  pressTwice: (answer: string) => `Already answered: ${answer}`,
  pressFailed: 'That did not work. Try again in a moment.',
  active: (name: string) => `Active node: ${name}`,
  activeOffline: (name: string) => `Active node: ${name} (offline; your messages wait until it is back)`,
  nodeUsage: (names: readonly string[]) => `Which one? /node <name>, with one of: ${names.join(', ')}`,
  disconnected: (name: string) => `⚠️ Node "${name}" disconnected.`,
  reconnected: (name: string) => `✅ Node "${name}" reconnected.`,
  offlineNow: '(offline)',
  sendTo: (name: string) => `Send to ${name}`,
  cancel: 'Cancel',
  unknownNode: (name: string, names: readonly string[]) =>
    `No machine is called "${name}". Yours are: ${names.join(', ')}.`,
  offline: (name: string, place: number) =>
    `Node "${name}" is offline. Your message waits (#${place} in its queue) and runs when it is back.`,
  queueFull: (name: string) =>
    `Too many messages wait for "${name}" already. This one was not taken: send it again later.`,
  tooLong: 'That message is too long for me. Send it in parts, or as less text.',
  expired: (name: string, summary: string) =>
    `Node "${name}" did not come back in time, and your message was dropped: "${summary}". Send it again if you still need it.`,
  stillRunning: (name: string) => `⏳ "${name}" is still working on this. The answer comes when it is done.`,
  awayAtWork: (name: string) => `⏳ "${name}" had this message when it went offline. The answer comes when it is back.`,
  failed: (error: string) => `⚠️ ${error}`,
  noAnswer: '(The answer was empty.)',
  fileNotPassedOn: (name: string) => `"${name}" was sent from your machine, but this router can't pass files on yet.`,
  undeliverable: (reason: string) => `An answer could not be delivered here: ${reason}`,
} as const;
