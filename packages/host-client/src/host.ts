import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@phonework/shared/log';
import type { Outbox } from '@phonework/shared/mail';
import type { Store } from '@phonework/shared/store';
import type { EffectApprovals } from './approvals/effect-approvals.ts';
import type { OpenQuestions } from './approvals/open-questions.ts';
import type { Audit } from './audit.ts';
import type { HostConfig } from './config.ts';
import type { HostOptions } from './host/assemble.ts';
import { assemble } from './host/assemble.ts';
import type { OutputRoom } from './host/output-room.ts';
import type { SessionRoom } from './host/session-room.ts';
import type { TaskRoom } from './host/task-room.ts';
import type { FileUploads } from './link/file-uploads.ts';
import type { NodeClient, RouterParcel } from './link/node-client.ts';
import type { ReceivedFiles } from './link/received-files.ts';
import type { FrontDesk } from './mailboy/front-desk.ts';
import type { Patience } from './patience.ts';

export type { HostOptions } from './host/assemble.ts';

/** What running turns get before they are ended at a shutdown. */
const DRAIN_MS = 10_000;

/** How long the last answers may take to the router: it may be away. */
const LAST_MAIL_MS = 1000;

/** Makes a node out of its rooms, and opens its database. Nothing connects or runs before `start`. */
export function createHost(config: HostConfig, options: HostOptions): Host {
  return new Host(assemble(config, options));
}

/** What a node consists of. */
export type HostParts = {
  readonly store: Store;
  readonly desk: FrontDesk;
  readonly sessions: SessionRoom;
  readonly taskRoom: TaskRoom;
  readonly questions: OpenQuestions;
  readonly approvals: EffectApprovals;
  readonly audit: Audit;
  readonly link: NodeClient;
  readonly uploads: FileUploads;
  readonly outputs: OutputRoom;
  readonly received: ReceivedFiles;
  readonly outbox: Outbox<RouterParcel>;
  readonly patience: Patience;
  /** Ends what an earlier process of this node, killed, has left running. Resolves to how many that were. */
  readonly reap: () => Promise<number>;
  readonly logger: Logger;
};

/** A node: `start` connects it, `stop` ends it with everything it started. */
export class Host {
  readonly #parts: HostParts;
  #stopping: Promise<void> | undefined;

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** Resolves when what an earlier process left open is told, and the rest goes on. */
  async start(): Promise<void> {
    const { desk, sessions, taskRoom, questions, approvals, uploads, outputs, received, link, reap, logger } =
      this.#parts;
    const reaped = await reap();
    if (reaped > 0) logger.warn({ processes: reaped }, 'ended what an earlier process of this node had left running');
    await uploads.start();
    outputs.start();
    void received.sweep();
    await sessions.start();
    await taskRoom.start();
    await approvals.start();
    questions.start();
    desk.start();
    link.start();
  }

  /** Running turns get up to 10 s; then state is on disk and the link closed. Stopping twice is fine. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    const { store, desk, sessions, taskRoom, questions, audit, uploads, outputs, link, outbox, patience } = this.#parts;
    patience.close();
    // First: a session that waits for its user is left at once, and an answer must not find nobody.
    await questions.stop();
    await Promise.all([desk.stop(DRAIN_MS), sessions.stop(AbortSignal.timeout(DRAIN_MS)), taskRoom.stop(DRAIN_MS)]);
    await outputs.stop();
    await uploads.stop();
    await audit.close();
    // What has just been answered should not wait for the next start.
    const deadline = performance.now() + LAST_MAIL_MS;
    while (outbox.size > 0 && performance.now() < deadline) await delay(10);
    link.stop();
    store.close();
  }
}
