import type { FeishuMessage } from '@phonework/testkit/feishu-server';
import { showsTurn } from '@phonework/testkit/house';
import type { MessageKind } from './numbered-message.ts';
import { longLines, markOf } from './numbered-message.ts';

/** One copy of a message's event on its way to the router. Times are ms since the epoch. */
export type Offer = { readonly socket: number; readonly offeredAt: number; readonly acceptedAt?: number };

/** A message that a user has sent. */
export type SentMessage = {
  readonly number: number;
  readonly kind: MessageKind;
  /** Feishu's. */
  readonly id: string;
  readonly chatId: string;
  /** ms since the epoch. */
  readonly sentAt: number;
  readonly offers: readonly Offer[];
};

export type Evidence = {
  /** In the order in which they were sent. */
  readonly sent: readonly SentMessage[];
  /** Everything that the bot has said, in order. */
  readonly said: readonly FeishuMessage[];
  /** The numbers in the ledger, in order. */
  readonly ledger: readonly number[];
};

/** How many of the messages met which end, and what is wrong. */
export type Verdict = {
  readonly sent: number;
  readonly answered: number;
  /** Told that a crash cut their turn. */
  readonly interrupted: number;
  /** Refused, or failed with a reason. */
  readonly refused: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** From the message to what ended it; undefined without any. */
  readonly worstAnswerMs: number | undefined;
  /** What is wrong, a line each, such as "m17 is lost". */
  readonly complaints: readonly string[];
};

type Ending = { readonly kind: 'answered' | 'interrupted' | 'refused'; readonly position: number; readonly at: number };
type Found = { readonly message: SentMessage; readonly endings: readonly Ending[]; readonly isWhole: boolean };

/** Judges what left the house: each message ends in one thing that its user can see, and its command ran at most once. */
export function judge({ sent, said, ledger }: Evidence): Verdict {
  const runs = countRuns(ledger);
  const firstRuns = new Map([...ledger.entries()].reverse().map(([line, number]) => [number, line]));
  const replies = repliesTo(sent, said);
  const found = sent.map((message) => findEnding(message, replies.get(message.number) ?? []));
  const lost = found.filter((one) => isLost(one, runs)).map(({ message }) => `${markOf(message.number)} is lost`);
  const doubled = found.flatMap((one) => doublingOf(one, runs.get(one.message.number) ?? 0));
  const outOfOrder = [
    ...disorder(found.flatMap(({ message, endings }) => placed(message, endings[0]?.position, 'answer'))),
    ...disorder(sent.flatMap((message) => placed(message, firstRuns.get(message.number), 'command'))),
  ];
  const firsts = found.flatMap(({ endings }) => endings.slice(0, 1));
  const waits = found.flatMap(({ message, endings }) => endings.slice(0, 1).map(({ at }) => at - message.sentAt));
  return {
    sent: sent.length,
    answered: firsts.filter(({ kind }) => kind === 'answered').length,
    interrupted: firsts.filter(({ kind }) => kind === 'interrupted').length,
    refused: firsts.filter(({ kind }) => kind === 'refused').length,
    lost: lost.length,
    doubled: doubled.length,
    outOfOrder: outOfOrder.length,
    worstAnswerMs: waits.length === 0 ? undefined : waits.reduce((worst, wait) => Math.max(worst, wait)),
    complaints: [...lost, ...doubled, ...outOfOrder],
  };
}

function countRuns(ledger: readonly number[]): ReadonlyMap<number, number> {
  const runs = new Map<number, number>();
  for (const number of ledger) runs.set(number, (runs.get(number) ?? 0) + 1);
  return runs;
}

type Reply = { readonly message: FeishuMessage; readonly position: number };

/** What was said about each message: what names it, and what answers it. */
function repliesTo(
  sent: readonly SentMessage[],
  said: readonly FeishuMessage[],
): ReadonlyMap<number, readonly Reply[]> {
  const byId = new Map(sent.map(({ id, number }) => [id, number]));
  const replies = new Map<number, Reply[]>();
  for (const [position, message] of said.entries()) {
    if (isNotice(message)) continue;
    const numbers = new Set([...message.text.matchAll(/\bm(\d+)\b/g)].map(([, digits]) => Number(digits)));
    const answered = message.replyTo === undefined ? undefined : byId.get(message.replyTo);
    if (answered !== undefined) numbers.add(answered);
    for (const number of numbers) {
      const known = replies.get(number);
      if (known === undefined) replies.set(number, [{ message, position }]);
      else known.push({ message, position });
    }
  }
  return replies;
}

/** A word in between, after which the answer is still to come. */
export function isNotice(message: FeishuMessage): boolean {
  return showsTurn(message) || noticeTexts.some((pattern) => pattern.test(message.text));
}

const noticeTexts: readonly RegExp[] = [
  /^⏳/,
  /^⏪ I was away/,
  /^⚠️ I can’t take messages just now/,
  /^Node ".*" is offline/,
  /^⚠️ Node ".*" disconnected/,
  /^✅ Node ".*" reconnected/,
];

function findEnding(message: SentMessage, replies: readonly Reply[]): Found {
  if (message.kind === 'long') return findLongEnding(message, replies);
  return { message, endings: replies.map((reply) => toEnding(message, reply)), isWhole: true };
}

/** A long answer comes in parts: it has come as often as the line that came most often. */
function findLongEnding(message: SentMessage, replies: readonly Reply[]): Found {
  const [first] = longLines(message.number);
  const isPart = ({ message: { text } }: Reply) => text.includes(`${markOf(message.number)} line `);
  const parts = replies.filter(isPart);
  const others = replies.filter((reply) => !isPart(reply)).map((reply) => toEnding(message, reply));
  if (parts.length === 0) return { message, endings: others, isWhole: true };
  const counts = countLines(message.number, parts);
  const times = Math.max(...counts.values());
  const heads = parts.filter(({ message: { text } }) => first !== undefined && text.includes(first));
  const answers = Array.from({ length: times }, (_, index) => heads[index] ?? parts[0]).filter(
    (head) => head !== undefined,
  );
  return {
    message,
    endings: [...answers.map((reply) => toEnding(message, reply)), ...others],
    isWhole: counts.size === longLines(message.number).length,
  };
}

function countLines(number: number, parts: readonly Reply[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { message } of parts) {
    for (const [line] of message.text.matchAll(new RegExp(`\\b${markOf(number)} line \\d+`, 'g'))) {
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  return counts;
}

function toEnding(message: SentMessage, { message: { text, createdAt }, position }: Reply): Ending {
  return { kind: kindOf(message, text), position, at: createdAt };
}

function kindOf({ number }: SentMessage, text: string): Ending['kind'] {
  if (/interrupted|set it aside/.test(text)) return 'interrupted';
  if (/too old to run/.test(text)) return 'refused';
  return !text.startsWith('⚠️') && new RegExp(`\\b${markOf(number)}\\b`).test(text) ? 'answered' : 'refused';
}

/** No ending, a part of an answer, or an answer that says of a command that it ran, and it did not. */
function isLost({ message, endings, isWhole }: Found, runs: ReadonlyMap<number, number>): boolean {
  if (endings.length === 0 || !isWhole) return true;
  const hasCommand = message.kind === 'shell' || message.kind === 'tool';
  return hasCommand && endings[0]?.kind === 'answered' && !runs.has(message.number);
}

function doublingOf({ message, endings }: Found, runs: number): string[] {
  const mark = markOf(message.number);
  return [
    ...(endings.length > 1
      ? [`${mark} has ${endings.length} endings: ${endings.map(({ kind }) => kind).join(', ')}`]
      : []),
    ...(runs > 1 ? [`the command of ${mark} ran ${runs} times`] : []),
  ];
}

type Placed = { readonly message: SentMessage; readonly position: number; readonly what: string };

function placed(message: SentMessage, position: number | undefined, what: string): Placed[] {
  return position === undefined ? [] : [{ message, position, what }];
}

/**
 * Those that came before an earlier one of their chat. `all` is in the order of sending. Only what the platform has
 * handed over in that order counts: an event that it brings again comes behind later ones.
 */
function disorder(all: readonly Placed[]): string[] {
  const complaints: string[] = [];
  for (const chat of Map.groupBy(all, ({ message }) => message.chatId).values()) {
    for (const later of chat) {
      const overtaken = chat.find(
        (earlier) =>
          earlier.message.number < later.message.number &&
          earlier.position > later.position &&
          wasSurelyFirst(earlier.message, later.message),
      );
      if (overtaken === undefined) continue;
      const [mine, its] = [markOf(later.message.number), markOf(overtaken.message.number)];
      complaints.push(`the ${later.what} of ${mine} came before that of ${its}`);
    }
  }
  return complaints;
}

function wasSurelyFirst(earlier: SentMessage, later: SentMessage): boolean {
  const [before, after] = [earlier.offers[0], later.offers[0]];
  if (before === undefined || after === undefined) return false;
  const acceptedAt = earlier.offers.find((offer) => offer.acceptedAt !== undefined)?.acceptedAt;
  if (acceptedAt !== undefined && acceptedAt < after.offeredAt) return true;
  const isOneOffer = earlier.offers.length === 1 && later.offers.length === 1;
  return isOneOffer && acceptedAt !== undefined && before.socket === after.socket;
}
