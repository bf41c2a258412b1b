import { newId } from '@phonework/shared/id';
import type { Said } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Parcel } from '@phonework/shared/mail';
import { Outbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import { FileError } from '../files/file-error.ts';
import type { FileRoots } from '../files/file-roots.ts';
import type { FileUploads } from './file-uploads.ts';
import { linkTexts } from './link-texts.ts';
import type { RouterMail } from './router-mail.ts';

/** Who wants the file at `path`, and where. */
type OutputRequest = { readonly userId: string; readonly chatId: string; readonly path: string };

/** The one who takes all requests: this node's uploads. */
const UPLOADS = 'uploads';

export type OutputRequestsOptions = {
  readonly store: Store;
  readonly mail: Pick<RouterMail, 'say'>;
  readonly uploads: FileUploads;
  readonly roots: FileRoots;
  readonly logger: Logger;
};

/**
 * Outputs of commands that users asked for with a button: each goes into its chat once, over restarts too, or its user
 * is told why it does not.
 */
export class OutputRequests {
  readonly #options: OutputRequestsOptions;
  readonly #requests: Outbox<OutputRequest>;
  readonly #stopping = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #detach: (() => void) | undefined;

  constructor(options: OutputRequestsOptions) {
    this.#options = options;
    this.#requests = new Outbox(options.store, { box: 'output' });
  }

  /** Goes on with what an earlier process left behind. To be called when the uploads have started. */
  start(): void {
    const send = (parcel: Parcel<OutputRequest>) => {
      this.#working = this.#working.then(() => this.#send(parcel));
    };
    this.#detach = this.#requests.attach(UPLOADS, send, { window: 1 });
  }

  /** For use inside `store.write`. */
  request(request: OutputRequest): void {
    this.#requests.put({ id: newId(), peer: UPLOADS, body: request });
  }

  /** What is not with the uploads yet goes on after the next start. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#detach?.();
    await this.#working;
  }

  /** Never rejects. */
  async #send({ id, body }: Parcel<OutputRequest>): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    try {
      await this.#handOver(body, () => this.#requests.remove(UPLOADS, id));
    } catch (error) {
      if (signal.aborted) return;
      const isGone = error instanceof FileError && error.code === 'missing';
      if (!isGone) logger.error({ err: error }, 'the output of a command could not be sent');
      await this.#refuse(id, body, isGone ? linkTexts.outputGone : linkTexts.outputFailed).catch((fault: unknown) => {
        logger.error({ err: fault }, 'a request for an output could not be settled, and stays for the next start');
      });
    }
  }

  /** `alongside` is done in the commit that hands it over: a crash can't send it twice. */
  async #handOver({ userId, chatId, path }: OutputRequest, alongside: () => void): Promise<void> {
    const { roots, uploads } = this.#options;
    const { signal } = this.#stopping;
    await using file = await roots.openFile(path);
    const copy = await uploads.copy(file.stream(), signal);
    // What the uploads have is theirs to see through, and to tell about.
    await uploads.send(copy, { userId, chatId, name: file.name }, { patienceMs: 0, signal, alongside });
  }

  async #refuse(id: string, { userId, chatId }: OutputRequest, said: Said): Promise<void> {
    const { store, mail } = this.#options;
    await store.write(() => {
      this.#requests.remove(UPLOADS, id);
      mail.say({ userId, chatId }, said);
    });
  }
}
