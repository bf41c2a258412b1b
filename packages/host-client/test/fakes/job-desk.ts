import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { newId } from '@phonework/shared/id';
import type { Language } from '@phonework/shared/language';
import { mailSchema, Outbox, outboxSchema } from '@phonework/shared/mail';
import type { TaskComplete } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { vi } from 'vitest';
import { ROUTER } from '../../src/link/node-client.ts';
import type { Firing, NewJob } from '../../src/tasks/job.ts';
import { Scheduler } from '../../src/tasks/scheduler.ts';
import { schedulerSchema } from '../../src/tasks/scheduler-schema.ts';
import { TimeZone } from '../../src/tasks/time-zone.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

type Options = { readonly folder?: string; readonly timeZone?: string };

/** A scheduler over a real database, whose messages go into a real outbox, in the same commit. */
export class JobDesk {
  readonly scheduler: Scheduler;
  readonly store: Store;
  readonly log: readonly LogEntry[];
  readonly firings: Firing[] = [];
  /** English for everybody else. */
  readonly languages = new Map<string, Language>();
  /** When set, nothing can be handed on: `fire` throws it. */
  refusal: Error | undefined;
  readonly #folder: string;
  readonly #timeZone: string;

  static async open(options: Options = {}): Promise<JobDesk> {
    return new JobDesk(options, await recordingLogger());
  }

  private constructor(options: Options, { logger, entries }: Awaited<ReturnType<typeof recordingLogger>>) {
    this.#folder = options.folder ?? mkdtempSync(join(tmpdir(), 'phonework-jobs-'));
    this.#timeZone = options.timeZone ?? 'UTC';
    this.log = entries;
    const migrations = [`${mailSchema}; ${outboxSchema} ${schedulerSchema}`];
    this.store = openStore({ path: join(this.#folder, 'node.db'), migrations, logger });
    const outbox = new Outbox<TaskComplete>(this.store, { box: 'router' });
    this.scheduler = new Scheduler({
      store: this.store,
      zone: new TimeZone(this.#timeZone),
      logger,
      fire: (firing) => {
        if (this.refusal !== undefined) throw this.refusal;
        const { job, text } = firing;
        const { id: task_id, userId: user_id, chatId: chat_id } = job;
        const result = text[this.languages.get(user_id) ?? 'en'];
        const id = newId();
        outbox.put({ id, peer: ROUTER, body: { type: 'task_complete', id, task_id, user_id, chat_id, result } });
        this.firings.push(firing);
      },
    });
  }

  /** Sets a job of Alice's, for ten minutes from now if not said otherwise; returns its id. */
  async set(job: Partial<NewJob> = {}): Promise<string> {
    const whole = { userId: 'alice', chatId: 'chat', message: 'deploy check', at: Date.now() + 600_000, ...job };
    return (await this.store.write(() => this.scheduler.add(whole))).id;
  }

  /** What goes to the router, in the order in which it was stored. */
  get frames(): TaskComplete[] {
    const rows = this.store.prepare('SELECT body FROM outbox ORDER BY seq').all();
    // Written by Outbox.put out of this type.
    return rows.map((row) => JSON.parse(String(row.body)) as TaskComplete);
  }

  get sent(): string[] {
    return this.frames.map(({ result }) => result);
  }

  /** Lets the fake clock run; what becomes due on the way is committed at its second. */
  async pass(ms: number): Promise<void> {
    const end = Date.now() + ms;
    while (Date.now() < end) {
      vi.advanceTimersByTime(Math.min(1000, end - Date.now()));
      await this.settle();
    }
  }

  /** The machine's clock shows another time from one moment to the next, or it was asleep. */
  async jump(ms: number): Promise<void> {
    vi.setSystemTime(Date.now() + ms);
    await this.pass(1000);
  }

  /** Resolves when what is due now is committed. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) await setImmediate();
  }

  /** What a process finds that starts after this one died right now: what was committed, and nothing else. */
  async afterCrash(): Promise<JobDesk> {
    const folder = mkdtempSync(join(tmpdir(), 'phonework-jobs-'));
    for (const file of ['node.db', 'node.db-wal']) cpSync(join(this.#folder, file), join(folder, file));
    return await JobDesk.open({ folder, timeZone: this.#timeZone });
  }

  [Symbol.dispose](): void {
    this.scheduler.stop();
    this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
