import type { Attachment } from '@phonework/shared/protocol';

/** A message that a node was asked to answer. */
export type Forward = {
  readonly id: string;
  readonly nodeId: string;
  readonly userId: string;
  readonly channel: string;
  readonly chatId: string;
  /** The platform's id of the user's message. */
  readonly messageId: string;
  /** Its first line, for a notice about it. */
  readonly summary: string;
  /** The broadcast that it is one of. */
  readonly broadcastId: string | undefined;
  /** Its user took the message back: whether anybody answers it is all the same now. */
  readonly isRecalled: boolean;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** ms since the epoch: when the node was sent it, or when it was made. */
  readonly startedAt: number;
};

/** What a node is asked: a text, files that came with it, or both. */
export type NodeRequest = {
  readonly text: string;
  readonly attachments?: readonly Attachment[];
  /** What the message that this one answers says. */
  readonly quoted?: string;
};

/** A row of the table `forwards`. */
export type ForwardRow = {
  readonly id: string;
  readonly node_id: string;
  readonly user_id: string;
  readonly channel: string;
  readonly chat_id: string;
  readonly message_id: string;
  readonly summary: string;
  readonly broadcast_id: string | null;
  readonly recalled: number;
  readonly created_at: number;
  readonly sent_at: number | null;
};

export function toForward(row: ForwardRow): Forward {
  return {
    id: row.id,
    nodeId: row.node_id,
    userId: row.user_id,
    channel: row.channel,
    chatId: row.chat_id,
    messageId: row.message_id,
    summary: row.summary,
    broadcastId: row.broadcast_id ?? undefined,
    isRecalled: row.recalled === 1,
    createdAt: row.created_at,
    startedAt: row.sent_at ?? row.created_at,
  };
}

const SUMMARY_CHARACTERS = 60;

/** The beginning of a text in a line. */
export function summarize(text: string): string {
  // A character has two UTF-16 units at most.
  const line =
    text
      .trimStart()
      .slice(0, SUMMARY_CHARACTERS * 2 + 1)
      .split('\n', 1)[0]
      ?.trimEnd() ?? '';
  const end = unitsOf(line, SUMMARY_CHARACTERS);
  return end < line.length ? `${line.slice(0, unitsOf(line, SUMMARY_CHARACTERS - 1))}…` : line;
}

/** How many UTF-16 units the first `count` characters of a text have: half of a surrogate pair is no character. */
function unitsOf(text: string, count: number): number {
  let units = 0;
  for (let characters = 0; characters < count && units < text.length; characters += 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}
