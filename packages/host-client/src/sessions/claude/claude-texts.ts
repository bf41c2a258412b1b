import { formatDuration } from '@phonework/shared/duration';
import { toPlainText } from '@phonework/shared/terminal-text';
import { firstLine } from '../../texts/cut.ts';

/** What a user reads about Claude Code, when it does not do what it was asked. */
export const claudeTexts = {
  missing: (node: string) =>
    `There is no Claude Code on ${node}: install it there with "npm install -g @anthropic-ai/claude-code", or set CLAUDE_COMMAND to where it is.`,
  notStarted: (node: string, why: string) =>
    `Claude Code did not start on ${node} (${why}): run claude there once to see what it needs.`,
  noReason: 'it gave no reason',
  silentStart: (waitedMs: number) => `no answer within ${formatDuration(waitedMs)}`,
  stoppedStart: 'Claude Code was stopped before it had started: send your message again if you still want it.',
  notContinued: (node: string) =>
    `Claude Code on ${node} can't go on with the turn that was cut: send your message again.`,
  noConversation: (node: string) =>
    `Claude Code on ${node} does not have this conversation any more: start a new one with /new.`,
  rootBypass: (node: string) =>
    `Claude Code does not allow bypassPermissions as root on ${node}: choose another mode with /mode, or run PhoneWork there as another user.`,
  lateBypass: (node: string) =>
    `Claude Code on ${node} can take bypassPermissions only when it starts: close the session and open it again in this mode.`,
  refused: (what: string, why: string) => `Claude Code does not take ${what} (${why}): choose another one.`,
  silent: 'it does not answer',
  defaultModel: 'its default model',
  wrongAnswer: "That answer does not fit Claude's question: use the buttons under it.",
  ended: (node: string) => `Claude Code on ${node} has ended: send your message again to start it.`,
  endedByItself: (node: string, why: string) =>
    `Claude Code on ${node} ended by itself (${why}): send your message again to start it.`,
  exitReason: (how: string, why: string) => `${how}; ${why}`,
  exitCode: (code: number | null) => (code === null ? 'no exit code' : `exit code ${code}`),
  signal: (name: string) => `signal ${name}`,

  notLoggedIn: (node: string) => `Claude Code on ${node} is not logged in: run claude there once and use /login.`,
  accountRefused: (node: string, why: string) =>
    `Claude's service refuses the account of Claude Code on ${node} (${why}): run claude there and log in with another one.`,
  noCredit: (node: string) =>
    `The account of Claude Code on ${node} has no credit left: add some in Anthropic's console, then send your message again.`,
  overLimit: (node: string, resetsInMs: number | undefined) =>
    resetsInMs === undefined
      ? `Claude Code on ${node} is over its usage limit: send your message again later.`
      : `Claude Code on ${node} is over its usage limit: send your message again in ${formatDuration(resetsInMs)}, when the limit is reset.`,
  overloaded: "Claude's service is overloaded or down: send your message again in a few minutes.",
  unknownModel: "Claude's service does not offer this model to your account: choose another one with /model.",
  tooLong: 'This conversation has grown too long for Claude: send /compact, or /clear to start afresh.',
  requestRefused: (why: string) =>
    `Claude's service refused the request (${why}): write it differently, or send /clear to start afresh.`,
  tooManyTurns: 'Claude stopped after too many steps in one turn: say "go on" for the rest.',
  turnFailed: (node: string, why: string) =>
    `The turn of Claude Code on ${node} failed (${why}): send your message again.`,
  retry: (error: string, status: number | undefined) => {
    const words = error.replaceAll('_', ' ');
    return status === undefined ? words : `${words}, ${status}`;
  },
} as const;

/** Told to Claude Code, which may show it to its model. */
export const answersToClaude = {
  unsupported: (subtype: string) => `This host does not support the control request "${subtype}".`,
  unreadable: 'This host could not read the request.',
} as const;

/** The first line of what a program wrote, fit to stand in a sentence of ours. */
export function toReason(text: string): string {
  return firstLine(toPlainText(text.slice(0, 2_000)), 200).replace(/\.$/, '') || claudeTexts.noReason;
}
