import type { Letter } from '@phonework/shared/mail';
import type { IncomingMessage } from './chat-channel.ts';

/** A message that waits for what goes with it, or that came behind one. */
export type Unprepared = { readonly message: IncomingMessage; readonly text: string };

/** Messages that make one turn. */
export type Batch = {
  readonly letters: readonly Letter<Unprepared>[];
  /** ms since the epoch: until then another may come that belongs to them; 0 when none can. */
  readonly openUntil: number;
};

/** Pictures that were picked together on a phone come one by one, and so do the words about them. */
export const TOGETHER_MS = 700;

/** How many files one turn is put together of. */
const MAX_TOGETHER = 20;

/** How many letters of a lane `firstBatch` may need: the files, the words about them, and what follows. */
export const MAX_LOOKED_AT = MAX_TOGETHER + 2;

/**
 * Those of `letters`, which are the first of their lane in their order, that make one turn: files without a word that
 * came one after the other from one user, with the words that followed. Pure.
 */
export function firstBatch(letters: readonly Letter<Unprepared>[]): Batch {
  const batch: Letter<Unprepared>[] = [];
  for (const letter of letters) {
    const last = batch.at(-1);
    const isNext = last === undefined || (belongTogether(last, letter) && isRoomFor(letter, batch));
    if (!isNext) return { letters: batch, openUntil: 0 };
    batch.push(letter);
  }
  const last = batch.at(-1);
  return { letters: batch, openUntil: last !== undefined && isOnlyFiles(last) ? last.receivedAt + TOGETHER_MS : 0 };
}

function belongTogether(one: Letter<Unprepared>, other: Letter<Unprepared>): boolean {
  const { message } = one.body;
  return (
    isOnlyFiles(one) &&
    (isOnlyFiles(other) || other.body.text !== '') &&
    message.userId === other.body.message.userId &&
    message.quotedId === other.body.message.quotedId &&
    other.receivedAt - one.receivedAt <= TOGETHER_MS
  );
}

function isRoomFor(letter: Letter<Unprepared>, batch: readonly Letter<Unprepared>[]): boolean {
  return filesOf([...batch, letter]) <= MAX_TOGETHER;
}

/** A voice is words. */
function isOnlyFiles({ body: { message, text } }: Letter<Unprepared>): boolean {
  const { attachments = [] } = message;
  return text === '' && attachments.length > 0 && attachments.every(({ kind }) => kind !== 'audio');
}

function filesOf(letters: readonly Letter<Unprepared>[]): number {
  return letters.reduce((sum, { body }) => sum + (body.message.attachments ?? []).length, 0);
}
