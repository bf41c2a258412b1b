import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Inbox, Letter } from '@phonework/shared/mail';
import type { Attachment } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeRequest } from '../nodes/forward.ts';
import { texts } from '../texts.ts';
import type { AttachmentDownloads } from './attachment-downloads.ts';
import type { Unprepared } from './batch.ts';
import { firstBatch, MAX_LOOKED_AT, TOGETHER_MS } from './batch.ts';
import type { ChatChannel, IncomingMessage } from './chat-channel.ts';
import type { Deliveries } from './deliveries.ts';
import { Lanes } from './lanes.ts';
import type { Quote, Quotes } from './quotes.ts';
import { untilAborted } from './until-aborted.ts';

/** Of the inbox that messages wait in: it once held only those whose files were fetched. */
export const PREPARATIONS_BOX = 'download';

export type PreparationOptions = {
  readonly store: Store;
  /** Its box is PREPARATIONS_BOX. */
  readonly inbox: Inbox<Unprepared>;
  readonly channels: readonly ChatChannel[];
  readonly downloads: AttachmentDownloads;
  readonly quotes: Quotes;
  readonly deliveries: Deliveries;
  /** Gets each message when it is ready. Used inside `store.write`. */
  readonly onReady: (message: IncomingMessage, request: NodeRequest) => void;
  /** Told of each message that became a part of another. Used inside `store.write`. */
  readonly onMerged: (message: IncomingMessage) => void;
  /** Told what was heard in a message. Used inside `store.write`. */
  readonly onHeard: (message: IncomingMessage, words: string) => void;
  readonly logger: Logger;
};

/** What was got ready for one letter. */
type Prepared = {
  readonly got: readonly Attachment[];
  readonly faults: readonly Text[];
  readonly heard: string;
  readonly quote: Quote;
};

/** A letter with what was got ready for it. */
type Ready = Prepared & Unprepared & { readonly id: string };

/** Feishu's troubles pass sooner than that, or a person has to look. */
const PATIENCE_MS = 10 * 60_000;

/** What one frame to a node holds. */
const MAX_ATTACHMENTS = 100;

/** A voice is heard by then, or goes on as a file alone. */
const HEARING_MS = 20_000;

/**
 * Gets ready what goes with a message before it goes on: its files, the words of a voice, what it answers, and the
 * pictures that were sent along with it. In order within a chat, over restarts too. What can't be got is told to the
 * user, and the rest of the message goes on.
 */
export class Preparations {
  readonly #options: PreparationOptions;
  readonly #channels: ReadonlyMap<string, ChatChannel>;
  readonly #lanes: Lanes<Unprepared>;

  constructor(options: PreparationOptions) {
    this.#options = options;
    this.#lanes = new Lanes({
      inbox: options.inbox,
      work: ({ lane }, signal) => this.#work(lane, signal),
      complaint: 'what goes with a message could not be got ready, trying again',
      logger: options.logger,
    });
    this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
  }

  /** Goes on with what an earlier process left behind. */
  start(): void {
    this.#lanes.start();
  }

  /** What is not ready waits for the next start. */
  async stop(): Promise<void> {
    await this.#lanes.stop();
  }

  /** Whether the message has to wait: for what goes with it, or behind others of its chat. */
  mustWait(message: IncomingMessage): boolean {
    const isAlone = (message.attachments ?? []).length === 0 && message.quotedId === undefined;
    return !isAlone || this.#options.inbox.waiting(laneOf(message)) > 0;
  }

  /** For use inside `store.write`. */
  take(message: IncomingMessage, text: string): void {
    const { store, inbox } = this.#options;
    const lane = laneOf(message);
    inbox.add({ id: idOf(message.channel, message.id), lane, body: { message, text } });
    store.afterCommit(() => this.#lanes.wake(lane));
  }

  /** Forgets a message that waits here. For use inside `store.write`. */
  drop(channel: string, messageId: string): void {
    this.#options.inbox.settle(idOf(channel, messageId));
  }

  /** One turn: its messages, as far as they are here when all of them are ready. */
  async #work(lane: string, signal: AbortSignal): Promise<void> {
    const prepared = new Map<string, Prepared>();
    for (;;) {
      const { letters, openUntil } = firstBatch(this.#firstOf(lane));
      const next = letters.find(({ id }) => !prepared.has(id));
      const waitMs = openUntil - Date.now();
      if (next !== undefined) prepared.set(next.id, await this.#prepare(next, signal));
      // More than that only a clock that was set back asks for.
      else if (waitMs > 0 && waitMs <= TOGETHER_MS) await delay(waitMs, undefined, { signal });
      else return await this.#settle(letters, prepared);
    }
  }

  #firstOf(lane: string): Letter<Unprepared>[] {
    const rows = this.#options.store
      .prepare(
        `SELECT id, lane, body, starts, received_at AS receivedAt FROM inbox
         WHERE box = '${PREPARATIONS_BOX}' AND lane = ? AND settled_at IS NULL ORDER BY seq LIMIT ${MAX_LOOKED_AT}`,
      )
      .all(lane);
    // Columns are as the inbox's schema says, and bodies as `take` wrote them.
    return rows.map((row) => ({ ...row, body: JSON.parse(String(row.body)) }) as Letter<Unprepared>);
  }

  #isWaiting(id: string): boolean {
    return this.#options.inbox.place(id) > 0;
  }

  /** Rejects at a stop, and for the disk. */
  async #prepare(letter: Letter<Unprepared>, signal: AbortSignal): Promise<Prepared> {
    const { quotes } = this.#options;
    const [files, quote] = await Promise.all([this.#getFiles(letter, signal), quotes.get(letter.body.message, signal)]);
    signal.throwIfAborted();
    return { ...files, quote };
  }

  async #getFiles({ id, body, receivedAt }: Letter<Unprepared>, signal: AbortSignal): Promise<Omit<Prepared, 'quote'>> {
    const { message, text } = body;
    const { channel, id: messageId, attachments = [] } = message;
    const got: Attachment[] = [];
    const faults: Text[] = [];
    let heard = '';
    if (attachments.length > MAX_ATTACHMENTS) faults.push(texts.tooManyAttachments(MAX_ATTACHMENTS));
    for (const attachment of attachments.slice(0, MAX_ATTACHMENTS)) {
      const deadline = receivedAt + PATIENCE_MS;
      const isStillWanted = () => this.#isWaiting(id);
      const wanted = { channel, messageId, attachment, deadline, isStillWanted };
      const outcome = await this.#options.downloads.get(wanted, signal);
      if ('en' in outcome) {
        faults.push(outcome);
        continue;
      }
      got.push(outcome.attachment);
      if (attachment.kind === 'audio' && text === '') heard = await this.#hear(channel, outcome.path, signal);
    }
    return { got, faults, heard };
  }

  /** The words of a sound; none where the platform does not tell. */
  async #hear(channel: string, path: string, signal: AbortSignal): Promise<string> {
    const source = this.#channels.get(channel);
    if (source?.transcribe === undefined) return '';
    const patience = AbortSignal.any([signal, AbortSignal.timeout(HEARING_MS)]);
    const sound = createReadStream(path);
    // Whoever reads it is told; a file that nobody reads may fail unheard.
    sound.on('error', () => {});
    try {
      return (await untilAborted(source.transcribe(sound, patience), patience))?.trim() ?? '';
    } catch (error) {
      signal.throwIfAborted();
      this.#options.logger.warn({ err: error, channel }, 'a voice could not be heard, and goes on as a file');
      return '';
    } finally {
      sound.destroy();
    }
  }

  async #settle(letters: readonly Letter<Unprepared>[], prepared: ReadonlyMap<string, Prepared>): Promise<void> {
    const { store, inbox } = this.#options;
    await store.write(() => {
      const ready = letters.flatMap(({ id, body }): Ready[] => {
        const mine = prepared.get(id);
        // Taken back meanwhile.
        return mine !== undefined && this.#isWaiting(id) ? [{ ...mine, ...body, id }] : [];
      });
      for (const { id } of ready) inbox.settle(id);
      this.#passOn(ready);
    });
  }

  #passOn(ready: readonly Ready[]): void {
    const { deliveries, onReady, onMerged, onHeard } = this.#options;
    const words = ready.map(({ text, heard }) => text || heard).filter((each) => each !== '');
    const files = ready.flatMap(({ got }) => got);
    const isForwarded = words.length > 0 || files.length > 0;
    for (const { message, heard, faults } of ready) {
      const { channel, chatId, id: replyTo } = message;
      for (const fault of faults) {
        deliveries.put({ channel, chatId, replyTo }, fault, isForwarded ? { isNotice: true } : {});
      }
      if (heard !== '') onHeard(message, heard);
    }
    const last = ready.at(-1);
    if (!isForwarded || last === undefined) return;
    for (const { message } of ready.slice(0, -1)) onMerged(message);
    const quoted = ready.find(({ quote }) => quote.text !== undefined)?.quote.text;
    const attachments = [...files, ...last.quote.attachments].slice(0, MAX_ATTACHMENTS);
    onReady(last.message, { text: words.join('\n'), attachments, ...(quoted !== undefined && { quoted }) });
  }
}

function idOf(channel: string, messageId: string): string {
  return `${channel}:${messageId}`;
}

function laneOf({ channel, chatId }: IncomingMessage): string {
  return `${channel}:${chatId}`;
}
