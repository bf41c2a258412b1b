/** What the router says to people, in one place. */
export const texts = {
  notAllowed: (openId: string) =>
    `Not allowed. Your open_id is ${openId}: ask the owner of this bot to add it to ALLOWED_OPEN_IDS.`,
  help: `Your messages go to your own machine. An assistant answers them there and does the work; for code it has Claude Code.

Just write what you want: a question, "list the files here", "send me report.pdf", "remind me at 6". Files and images work too.

/help – this text
/status – what your machine is doing, and what waits for your answer
/stop – stop what is running; ! in front of a message does that and goes next
/answer <words> – answer what you are asked, where buttons fail

Claude Code:
/new <name or path>: <what to do> – open a session
/sessions, /switch <name>, /close – your sessions, and others on that machine
/direct, /smart – write to the session itself, or to the assistant
/mode, /model, /compact, /clear – settings and memory

Commands, tasks, reminders:
/shell <command> – run a command; /rules – what you always allow
/tasks, /task <id> – what runs in the background
/remind 10m <text>, /reminders – later

Machines:
/nodes – yours
/node <name> – work with another one; @name in front of a message is for that message alone, @all for every machine`,
  unreadable: (kind: string) => `I can't read this kind of message (${kind}) yet. Send it as text.`,
  empty: 'That message was empty. Write what you want, or /help.',
  noNode:
    'None of your machines has connected to me yet. Start the host client on one of them, with your id in SERVES_USERS.',
  whichNode: (names: readonly string[]) =>
    `Which machine is this for? Press a button, or answer with its number:\n${names.map((name, index) => `${index + 1}. ${name}`).join('\n')}`,
  sentTo: (name: string) => `→ ${name}`,
  chosen: (label: string) => `✓ ${label}`,
  chosenOffline: (label: string, name: string) =>
    `✓ ${label}. Node "${name}" is offline and gets your answer when it is back.`,
  cancelled: (summary: string) => `Cancelled: "${summary}"`,
  tooLateToChange: 'Too late: the machine has this message already.',
  pressLate: 'This button is no longer in use.',
  pressNotYours: 'This question was not for you.',
  pressEnded: 'This question is no longer open.',
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
  fileMissing: (name: string) => `"${name}" was sent from your machine, but its bytes are not here: ask for it again.`,
  fileUndeliverable: (name: string, reason: string) => `"${name}" could not be shown here: ${reason}`,
  fileGone: 'it waited for too long and was removed. Ask for it again.',
  attachmentTooLarge: (name: string) =>
    `"${name}" is larger than 30 MB, so your machine did not get it. Send a part of it, or put it there another way.`,
  tooManyAttachments: (most: number) =>
    `That message has more than ${most} files: your machine gets the first ${most}. Send the others in another message.`,
  attachmentFailed: (name: string, reason: string) => `Your machine did not get "${name}": ${reason} Send it again.`,
  channelOff: 'the chat that it came from is switched off.',
  fetchStalled: 'the chat stopped sending it.',
  fetchBroke: 'the connection to the chat broke again and again.',
  attachmentsFull: 'too many files wait here already.',
  attachmentsWithCommand: 'Files that come with a command are left out: send them without one.',
  undeliverable: (reason: string) => `An answer could not be delivered here: ${reason}`,
  questionUndeliverable: (reason: string) =>
    `A question could not be shown here: ${reason} /status lists it, and /answer answers it.`,
} as const;
