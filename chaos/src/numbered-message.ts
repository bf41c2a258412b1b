import type { ModelReply, ModelRequest } from '@phonework/testkit/model-server';
import type { Random } from './random.ts';

/**
 * What a message asks for: `shell` is a command of the user's own, `tool` one that the model runs; both append the
 * number to the ledger. `plain` and `long` are answered by the model alone, `long` in more than one message.
 */
export type MessageKind = 'shell' | 'tool' | 'plain' | 'long';

export type NumberedMessage = { readonly number: number; readonly kind: MessageKind; readonly text: string };

/** How often each kind comes, in a hundred. */
const mix: readonly (readonly [MessageKind, number])[] = [
  ['shell', 35],
  ['tool', 35],
  ['plain', 25],
  ['long', 5],
];

const LONG_LINES = 150;

export function drawKind(random: Random): MessageKind {
  let left = random.next() * 100;
  for (const [kind, share] of mix) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'plain';
}

export function numberedMessage(number: number, kind: MessageKind, ledger: string): NumberedMessage {
  const text = kind === 'shell' ? `/shell ${commandOf(number, ledger)}` : `${kind} ${markOf(number)}`;
  return { number, kind, text };
}

/** How a message is named in every text about it. */
export function markOf(number: number): string {
  return `m${number}`;
}

/** The lines of the answer to a `long` message; each is there once. */
export function longLines(number: number): string[] {
  return Array.from({ length: LONG_LINES }, (_, index) => `${markOf(number)} line ${index + 1} of a long answer.`);
}

/** What the model says to numbered messages. */
export function replyTo({ body }: ModelRequest, ledger: string): ModelReply {
  const last = body.messages.at(-1);
  const asked = body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const found = /\b(tool|plain|long) m(\d+)\b/.exec(asked);
  const number = Number(found?.[2]);
  if (found === null) return 'I do not know this message.';
  if (found[1] === 'tool' && last?.role !== 'tool') {
    return { toolCalls: [{ name: 'run_shell', arguments: { command: commandOf(number, ledger) } }] };
  }
  // A tool that could not run, for want of disk, say, has done nothing.
  if (found[1] === 'tool' && last?.content?.includes('exit_code') !== true) return '⚠️ The command did not run.';
  if (found[1] !== 'long') return `${markOf(number)} done`;
  return { text: longLines(number).join('\n\n'), chunkSize: 4_000 };
}

function commandOf(number: number, ledger: string): string {
  return `echo ${markOf(number)} | tee -a ${ledger}`;
}
