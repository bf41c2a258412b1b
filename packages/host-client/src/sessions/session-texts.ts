/** What people read of sessions, and what Claude is told in their name. */
export const sessionTexts = {
  // What an ask shows.
  asksTo: (session: string, what: string) => `**${session}**: Claude asks to ${what}`,
  toRun: 'run a command:',
  toEdit: (path: string) => `edit ${path}:`,
  toWrite: (path: string) => `write ${path}:`,
  toFetch: 'read a web page:',
  toUse: (tool: string) => `use ${tool}:`,
  everyPlace: 'Each place that reads so is changed.',
  inBackground: 'It goes on in the background.',
  endsAfter: (duration: string) => `It is ended after ${duration}.`,
  cell: (name: string) => `Cell: ${name}`,
  cellKind: (kind: string) => `Kind of cell: ${kind}`,
  cellEdit: (mode: string) => `What happens to the cell: ${mode}`,
  fetchPrompt: 'What it wants to know of it:',
  furtherInput: 'Also given:',
  emptyText: '(empty)',
  nothingChanges: '(nothing changes)',
  whole: 'The file as a whole, as it would be:',
  changes: 'What would change in the file:',
  tooDeep: "[This is nested too deeply to be shown: don't allow it.]",
  reason: 'Why it asks:',
  place: (folder: string, session: string, node: string) => `Folder: ${folder}\nSession: ${session} on ${node}`,
  sessionAllows: (rule: string) => `"Allow for this session" allows: ${rule}`,
  alwaysAllows: (rule: string) => `"Always" allows, from now on: ${rule}`,
  planHeading: (session: string) => `**${session}**: Claude has a plan`,
  noPlan: "(The plan's text did not come along: ask for it before you say Go.)",
  planTitle: (session: string) => `${session}: a plan to look at`,
  questionHeading: (session: string, place: string) => `**${session}**: Claude asks${place}`,
  questionPlace: (number: number, total: number) => ` (${number} of ${total})`,
  pickSeveral:
    'Several may be picked: send their numbers, such as 1,3, or your own words. Where the assistant listens, begin with /answer.',
  ownWords: 'Press one, or send your own words. Where the assistant listens, begin with /answer.',
  noOptions: 'Send your own words. Where the assistant listens, begin with /answer.',

  // Buttons.
  allowOnce: 'Allow once',
  allowSession: 'Allow for this session',
  allowAlways: 'Always',
  deny: 'Deny',
  go: 'Go',
  goAcceptEdits: 'Go and accept edits',
  keepPlanning: 'Keep planning',
  option: (number: number) => `Option ${number}`,

  // For Claude, in the user's name.
  denied: 'The user said no to this. Do not try it in another way: go on without it, or ask what to do instead.',
  deniedBecause: (words: string) => `The user said no to this, and wrote: ${words}`,
  planDenied: 'The user wants to keep planning: do not begin yet, ask what should be different.',
  planDeniedBecause: (words: string) => `The user wants to keep planning, and wrote: ${words}`,

  // What a turn does now.
  thinking: 'thinking',
  writing: 'writing',
  waitingForAnswer: 'waiting for your answer',
  retrying: (attempt: number, maxAttempts: number, reason: string) => `retrying ${attempt}/${maxAttempts}: ${reason}`,
  more: (count: number) => `+${count} more`,
  inAll: (duration: string) => `${duration} in all`,

  // When nothing comes.
  modelSilent: (duration: string) => `no sign from the model for ${duration}, still waiting; /stop to end`,
  modelSilentAfter: (tool: string, duration: string) =>
    `${tool} has finished; no sign from the model for ${duration}, still waiting; /stop to end`,
  modelSilentRetrying: (attempt: number, maxAttempts: number, reason: string, duration: string) =>
    `the model's service failed (${reason}), attempt ${attempt} of ${maxAttempts} for ${duration}; /stop to end`,
  toolSilent: (tool: string, duration: string) => `${tool} has been running for ${duration}, no output yet`,
  toolSilentMessage: (tool: string, duration: string) =>
    `${tool} has been running for ${duration}, no output yet; /stop to end`,

  // The argument of /new.
  newUsage: 'Write it so: /new name: what to do, with --timeout SECONDS before the colon if it may take longer.',
  newTwoNames: (first: string, second: string) =>
    `I can't tell where the folder ends ("${first}" or "${first} ${second}"?): put a colon before what to do, as in /new ${first}: do this, and quotes around a folder with spaces.`,
  newNoName: 'The name between the quotes is empty: write a folder, as in /new "my app": do this.',
  newOpenQuote: 'A quote is opened and never closed: write /new "my app": do this.',
  newTimeout: (given: string) =>
    `--timeout takes whole seconds from 1 to 86400, not "${given}": write /new name --timeout 120: do this.`,
  newNoTimeout: '--timeout takes whole seconds: write /new name --timeout 120: do this.',
  newUnknownFlag: (flag: string) =>
    `There is no ${flag}, only --timeout SECONDS: write /new name --timeout 120: do this.`,

  // Lists.
  noSessions: 'No sessions yet. Start one with /new name: what to do.',
  sessions: 'Sessions:',
  switchHint: 'Use "/switch <number or name>" to change the active one.',
  conversations: 'Other conversations on this machine:',
  takeOver: (number: number) => `/switch ${number} takes it over.`,
  noFirstLine: '(no words yet)',
  ago: (duration: string) => `${duration} ago`,
  idle: 'idle',
  working: (duration: string, step: string | undefined) =>
    step === undefined ? `working ${duration}` : `working ${duration}: ${step}`,
  waiting: 'waiting for you',
  interrupted: 'interrupted',
  inTerminal: 'in a terminal',
  noActiveSession: 'No active session. /sessions lists them, /new starts one.',
  folder: (folder: string) => `Folder: ${folder}`,
  mode: (mode: string) => `Mode: ${mode}`,
  model: (model: string | undefined) => `Model: ${model ?? 'the default'}`,
  context: (used: string, max: string, percent: number) => `Context: ${used} of ${max} tokens, ${percent} %`,
  cost: (cost: string) => `Cost so far: ${cost}`,
  openQuestions: 'Waiting for your answer:',
  answerOnly: 'Press a button under it, or type its number, y or n; /answer and your own words say more.',
  answerOneOf: 'Press the buttons under each, or name it: /answer #7 y.',
  queue: (count: number) => `Messages that wait: ${count}`,
  otherSessions: 'Other sessions at work:',
  tasks: 'Tasks that run:',
} as const;
