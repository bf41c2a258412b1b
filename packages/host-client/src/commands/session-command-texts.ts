import type { PermissionMode } from '../sessions/agent-runner.ts';

const modeMeanings: Readonly<Record<PermissionMode, string>> = {
  default: 'asks before it changes anything',
  acceptEdits: 'edits files unasked',
  plan: 'only makes plans',
  bypassPermissions: 'asks for nothing',
};

/** What the commands about sessions answer. */
export const sessionCommandTexts = {
  noneActive: 'No session is active. /sessions lists yours and what else is on this machine, /new <name> opens one.',
  unknown: (text: string, meant: string | undefined) =>
    `No session is called "${text}".${meant === undefined ? '' : ` Did you mean ${meant}?`} /sessions lists yours.`,
  several: (text: string, names: readonly string[]) => `"${text}" could be ${names.join(' or ')}: write more of it.`,
  created: (name: string, folder: string) => `🆕 ${name} is open in ${folder}.`,
  talksToSession: 'Your messages go to it.',
  talksToMailboy: (name: string) =>
    `Your messages go to the assistant, who can pass work on to it; /direct sends them to ${name} itself.`,
  switched: (name: string) => `→ ${name}`,
  takenOver: (name: string, folder: string) => `→ ${name}, taken over from this machine (${folder}).`,
  takenByOther: 'Somebody else has taken that conversation over already. /sessions shows what is left.',
  switchUsage: 'Which one? /switch <name or number>; /sessions lists them.',
  closed: (name: string, dropped: number) =>
    `${name} is closed${dropped === 0 ? '' : `; ${dropped} waiting dropped`}. Its conversation stays on the machine: /sessions lists it.`,
  direct: (name: string | undefined) =>
    name === undefined
      ? 'Your messages go straight to Claude Code now. No session is open yet: /new <name> opens one.'
      : `Your messages go straight to ${name} now. /smart gives them back to the assistant.`,
  smart: 'Your messages go to the assistant now. /direct sends them straight to the session.',
  smartWithoutModel:
    'There is no model on this machine, so there is no assistant to talk to: set OPENAI_API_KEY in its configuration. Your messages go straight to the session.',
  modeUsage: (mode: PermissionMode, modes: readonly PermissionMode[]) =>
    [`The mode is ${mode}. /mode <name> changes it:`, ...modes.map((each) => `${each}: ${modeMeanings[each]}`)].join(
      '\n',
    ),
  mode: (name: string, mode: PermissionMode) => `${name} works in mode ${mode} now.`,
  bypass: (name: string) =>
    `⚠️ ${name} asks for nothing any more: Claude Code may run and change anything on this machine. /mode default takes that back.`,
  modelUsage: (model: string | undefined) =>
    `The model is ${model ?? "Claude Code's default"}. /model <name> chooses another, /model default goes back.`,
  model: (name: string, model: string | undefined) =>
    `${name} uses ${model ?? "Claude Code's default model"} from now on.`,
  nothingRuns: 'Nothing is running.',
  stopping: (what: readonly string[]) => `⏹ Stopping ${what.join(' and ')}.`,
  message: 'your message',
  waitingAfterStop: (name: string, waiting: number) =>
    waiting === 1
      ? `One message waits for ${name}. What becomes of it?`
      : `${waiting} messages wait for ${name}. What becomes of them?`,
  waitingBehind: (waiting: number) => `Waiting behind it: ${waiting}; these go on.`,
  stillRunning: (names: readonly string[]) =>
    `Still running: ${names.join(', ')}. /stop <name> ends one, /stop all everything.`,
  noSuchWork: (text: string) => `Nothing called "${text}" is running. /status shows what is.`,
} as const;
