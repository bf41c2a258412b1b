import { mkdir, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@phonework/shared/id';
import type { Language } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Parcel } from '@phonework/shared/mail';
import { Outbox } from '@phonework/shared/mail';
import type { NodeFile } from '@phonework/shared/protocol';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import { saveStream } from '@phonework/shared/save-stream';
import type { Store } from '@phonework/shared/store';
import type { BackoffTimings } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import type { FileDoor } from './file-door.ts';
import { FileDoorError } from './file-door.ts';
import { linkTexts } from './link-texts.ts';
import type { RouterParcel } from './node-client.ts';
import { ROUTER } from './node-client.ts';
import { put } from './router-mail.ts';

/** A copy of a file, as it will be sent. */
export type FileCopy = { readonly id: string; readonly size: number; readonly sha256: string };

/** Who gets it, and what it is called there. */
export type FileAddress = { readonly userId: string; readonly chatId: string; readonly name: string };

/** `on_its_way`: it goes by itself when the router can be reached, over restarts too. `too_many`: it is not kept. */
export type UploadOutcome = 'announced' | 'on_its_way' | 'refused' | 'too_many';

const UPLOAD_BOX = 'upload';

/** Copies that wait: a router that is away must not fill this disk. */
const MAX_WAITING = 50;

/** A disk that does not give bytes as they are read. */
const READ_IDLE_MS = 60_000;

export type FileUploadsOptions = {
  readonly store: Store;
  readonly outbox: Outbox<RouterParcel>;
  /** For the copies. */
  readonly folder: string;
  readonly door: FileDoor;
  readonly timings: BackoffTimings;
  readonly languageOf: (userId: string) => Language;
  readonly logger: Logger;
};

/**
 * Files on their way to chats: each is copied first, so that what was judged is what is sent and a restart can go on; its
 * bytes go to the router, and only when they are there it is announced, once.
 */
export class FileUploads {
  readonly #options: FileUploadsOptions;
  readonly #uploads: Outbox<NodeFile>;
  readonly #stopping = new AbortController();
  readonly #waiting = new Map<string, (outcome: UploadOutcome) => void>();
  #working: Promise<void> = Promise.resolve();
  #detach: (() => void) | undefined;

  constructor(options: FileUploadsOptions) {
    this.#options = options;
    this.#uploads = new Outbox(options.store, { box: UPLOAD_BOX });
  }

  /** Goes on with what an earlier process left behind. To be awaited before the first `copy`. */
  async start(): Promise<void> {
    await this.#removeStray();
    // One after the other, in order.
    this.#detach = this.#uploads.attach(ROUTER, (parcel) => this.#begin(parcel), { window: 1 });
  }

  /** What is not with the router yet goes on after the next start. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#detach?.();
    await this.#working;
  }

  /** Copies what comes. Rejects with TooLargeError beyond MAX_FILE_BYTES, or with what breaks `source`. */
  async copy(source: Readable, signal: AbortSignal): Promise<FileCopy> {
    const { folder } = this.#options;
    const id = newId();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const limits = { maxBytes: MAX_FILE_BYTES, idleMs: READ_IDLE_MS, signal };
    const { size, sha256 } = await saveStream(source, this.#pathOf(id), limits);
    return { id, size, sha256 };
  }

  /** It will not be sent after all. */
  async discard({ id }: FileCopy): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  /**
   * Sends a copy. Resolves when it is announced or refused for good, or, if that takes longer than `patienceMs` or
   * `signal` is aborted, with `on_its_way`. A refusal that nobody waits for any longer is told in the chat. `alongside`
   * is done in the commit that stores it. Rejects with StoreError; then the copy is gone, as with `too_many`.
   */
  async send(
    copy: FileCopy,
    { userId, chatId, name }: FileAddress,
    {
      patienceMs,
      signal,
      alongside,
    }: { readonly patienceMs: number; readonly signal: AbortSignal; readonly alongside?: () => void },
  ): Promise<UploadOutcome> {
    const { id, size, sha256 } = copy;
    // With something to be done alongside, a person has pressed a button: they do that slowly.
    if (this.#uploads.size >= MAX_WAITING && alongside === undefined) {
      await this.discard(copy);
      return 'too_many';
    }
    const frame: NodeFile = { type: 'file', id, user_id: userId, chat_id: chatId, name, size, sha256 };
    const { promise: settled, resolve } = Promise.withResolvers<UploadOutcome>();
    this.#waiting.set(id, resolve);
    const enough = AbortSignal.any([signal, AbortSignal.timeout(patienceMs), this.#stopping.signal]);
    const giveUp = () => resolve('on_its_way');
    try {
      await this.#enqueue(frame, alongside);
      enough.addEventListener('abort', giveUp, { once: true });
      if (enough.aborted) giveUp();
      return await settled;
    } finally {
      enough.removeEventListener('abort', giveUp);
      this.#waiting.delete(id);
    }
  }

  async #enqueue(frame: NodeFile, alongside: (() => void) | undefined): Promise<void> {
    try {
      await this.#options.store.write(() => {
        this.#uploads.put({ id: frame.id, peer: ROUTER, body: frame });
        alongside?.();
      });
    } catch (error) {
      await this.discard(frame);
      throw error;
    }
  }

  #begin(parcel: Parcel<NodeFile>): void {
    this.#working = this.#upload(parcel).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.logger.error({ err: error }, 'an upload broke off');
    });
  }

  /** Tries until the router has it or will never take it. Rejects at a stop. */
  async #upload({ id, body }: Parcel<NodeFile>): Promise<void> {
    const { door, timings, logger } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; ; ) {
      try {
        await door.put(id, { path: this.#pathOf(id), size: body.size }, signal);
        await this.#settle(body, 'announced');
        return;
      } catch (error) {
        signal.throwIfAborted();
        const isFinal = error instanceof FileDoorError && error.code === 'refused';
        if (isFinal) {
          logger.error({ err: error, id }, 'the router refused a file for good');
          await this.#settle(body, 'refused');
          return;
        }
        failures += 1;
        const waitMs = backoffMs(failures, timings);
        logger.warn({ err: error, id, failures, waitMs }, 'a file could not be brought to the router, trying again');
        await delay(waitMs, undefined, { signal });
      }
    }
  }

  async #settle(frame: NodeFile, outcome: 'announced' | 'refused'): Promise<void> {
    const { store, outbox, languageOf } = this.#options;
    const { id, user_id, chat_id, name } = frame;
    await store.write(() => {
      this.#uploads.remove(ROUTER, id);
      if (outcome === 'announced') put(outbox, frame);
      else if (!this.#waiting.has(id)) {
        const text = linkTexts.fileRefused(name)[languageOf(user_id)];
        put(outbox, { type: 'message', id: newId(), user_id, chat_id, text });
      }
    });
    this.#waiting.get(id)?.(outcome);
    await rm(this.#pathOf(id), { force: true });
  }

  /** Copies that were never sent, or were and could not be removed. Never rejects. */
  async #removeStray(): Promise<void> {
    const { folder, store, logger } = this.#options;
    const isQueued = store.prepare(`SELECT 1 FROM outbox WHERE box = '${UPLOAD_BOX}' AND id = ?`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for await (const { name } of await opendir(folder)) {
        if (isQueued.get(name) === undefined) await rm(join(folder, name), { recursive: true, force: true });
      }
    } catch (error) {
      logger.warn({ err: error }, 'old copies of files could not be removed');
    }
  }

  #pathOf(id: string): string {
    return join(this.#options.folder, id);
  }
}
