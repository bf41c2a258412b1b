import { formatDuration } from '@phonework/shared/duration';

/** What users read about a turn of a session. */
export const turnTexts = {
  taskStarted: (id: string) => `⏳ Task #${id} started. I'll notify you when it's done.`,
  waiting: (name: string, place: number) =>
    `⏳ Queued (#${place}) behind what ${name} does now. Begin a message with ! to interrupt it; /stop ends it.`,
  waitingHeld: (name: string, place: number) =>
    place === 1
      ? `⏳ Your message waits for ${name}, which was stopped with /stop. What becomes of it?`
      : `⏳ ${place} messages wait for ${name} since /stop. What becomes of them?`,
  waitingTerminal: (name: string) =>
    `⏳ ${name} is open in a terminal on the machine. Your message waits until it is closed there.`,
  inTerminal: (name: string, nodeId: string) =>
    `🖥 ${name} is open in a terminal on ${nodeId} now. Messages for it wait until it is closed there.`,
  backFromTerminal: (name: string) => `📱 ${name} was closed in the terminal: you have it here again.`,
  inTerminalAlready: (name: string) => `Another terminal has ${name} already, or waits for it.`,
  noSessionToAttach: 'There is no session yet: /new in the chat opens one.',
  unknownToAttach: (text: string, names: readonly string[]) =>
    `No session is called "${text}". ${names.length === 0 ? 'There is none yet.' : `There are: ${names.join(', ')}.`}`,
  queueFull: (name: string, max: number) =>
    `${max} messages wait for ${name} already. This one was not taken: send it again later, or /stop and start anew.`,
  jobNotTaken: (name: string, max: number, message: string) =>
    `⏰ ${message}\n\n⚠️ This was for ${name}, which did not take it: ${max} messages wait there already. Send it again later, or /stop and drop them.`,
  stopped: '⏹ Stopped.',
  notRun: '⏹ Dropped before it began.',
  left: 'PhoneWork is being stopped on this machine: what became of this is told after its next start.',
  tooLong: (ms: number) =>
    `⏹ Stopped after ${formatDuration(ms)}, the longest that a turn may take here. Write on to let it continue; /new name --timeout <seconds> allows longer ones.`,
  died: (reason = 'Claude Code ended in the middle of this: send your message again.') =>
    `${reason} Or write on: the conversation is kept.`,
  noAnswer: 'Done. (Claude said nothing.)',
  cleared: 'Claude has forgotten the conversation so far.',
  compacted: 'Claude goes on with a summary in place of the conversation so far.',
  noRecord: (name: string) =>
    `Claude Code has no record of the conversation of ${name} any more, so it can't go on. /close ${name}, then /new ${name} begins a new one.`,
  ownedElsewhere: (name: string, pid: number) =>
    `${name} is open in another program on this machine (process ${pid}). Close it there, then send your message again: two at once would lose one side's work.`,
  folderGone: (folder: string) => `The folder ${folder} of this session is gone. /new starts one in another folder.`,
  folderOutside: (folder: string, workingDir: string) =>
    `The folder of this session, ${folder}, is not inside of ${workingDir} any more, so nothing is run there. Move it back, or start one in another folder with /new.`,
  unexpected: "Something unexpected went wrong in this session; the machine's log says what. Send your message again.",
  askWithdrawn: (title: string) => `No answer is needed any more to "${title}".`,
  cut: ({ name, step, waiting }: { name: string; step: string | undefined; waiting: number }) =>
    [
      `⚠️ ${name} was interrupted${step === undefined ? '' : ` while doing this: ${step}`}`,
      'The program on your machine ended in the middle of it. It may have finished or not; nothing was run again.',
      ...(waiting > 0 ? [`${waiting} more wait behind it and go on after your choice.`] : []),
      'Continue lets Claude go on from there. Drop it, or just write something new, and it is left as it is.',
    ].join('\n'),
  cutWhileAsking: (name: string) =>
    `⚠️ The program on your machine was restarted while ${name} waited for your answer above. It still counts: answer, and Claude goes on from there. Or drop it.`,
  continuing: (name: string) => `▶️ ${name} goes on from where it was cut.`,
  dropped: (name: string) => `Dropped. ${name} is ready for something else.`,
  gone: 'That is over already.',
  notAnAnswer: 'That is none of its answers, so nothing was done: press a button, or send its number.',
  queueDecided: (name: string, dropped: number) =>
    dropped === 0 ? `▶️ ${name} goes on.` : `${dropped} dropped. ${name} is ready.`,
  expired: (title: string, ms: number) =>
    `⌛ No answer within ${formatDuration(ms)} to "${title}": that counts as no, and Claude was told.`,
  expiredCut: (title: string) =>
    `⌛ No answer in time to "${title}": the interrupted turn was dropped. Write on to let Claude continue.`,
  deniedByExpiry: (ms: number) =>
    `The user did not answer within ${formatDuration(ms)}, so this is denied. Do not try it again now; go on without it, or end your turn and say what you need.`,
  unasked: (name: string, text: string) => `🔔 ${name}:\n${text}`,
  signed: (text: string, name: string) => `${text}\n\n· ${name}`,
} as const;
