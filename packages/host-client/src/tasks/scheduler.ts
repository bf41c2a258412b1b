import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { Firing, Job, NewJob } from './job.ts';
import { SchedulerError } from './job.ts';
import { Jobs } from './jobs.ts';
import { reminderTexts } from './reminder-texts.ts';
import { countRuns, intervalOf } from './repeat.ts';
import type { Clock, TimeZone } from './time-zone.ts';

const MAX_JOBS = 200;
const MIN_INTERVAL_MS = 10_000;
const MAX_AHEAD_MS = 5 * 366 * 86_400_000;
const MAX_MESSAGE_LENGTH = 2000;

/**
 * Longest sleep of the timer: after the machine slept or its clock was set, a job is late by no more than this. It also
 * stays far below the 24.8 days beyond which a timer fires at once.
 */
const MAX_WAIT_MS = 1000;

/** From here on a run says how late it is. */
const LATE_MS = 2000;

/** Run in one go before other work gets its turn. */
const BATCH = 100;

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

export type SchedulerOptions = {
  readonly store: Store;
  /** The node's, for jobs that come at a time of day. */
  readonly zone: TimeZone;
  /**
   * Stores what the job does, so that it is done once: its text for the chat, or its message for the session. Used
   * inside `store.write`, in the commit that also stores the job's next run. When it throws, since nothing can be
   * stored, the job stays due and is tried again later.
   */
  readonly fire: (firing: Firing) => void;
  /** The wall clock, ms since the epoch: reminders go by it, over sleep and changes of the clock. */
  readonly now?: () => number;
  readonly logger: Logger;
};

/**
 * Reminders and repeating messages. A job is a row, and its next run is stored together with what this one did: a crash
 * neither loses a run nor makes one twice. Runs that nobody was there for become one, late.
 */
export class Scheduler {
  readonly #store: Store;
  readonly #jobs: Jobs;
  readonly #zone: TimeZone;
  readonly #fire: (firing: Firing) => void;
  readonly #now: () => number;
  readonly #logger: Logger;
  #isRunning = false;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** When the first of all jobs is due. */
  #nextAt: number | undefined;

  constructor({ store, zone, fire, now = Date.now, logger }: SchedulerOptions) {
    this.#store = store;
    this.#jobs = new Jobs(store);
    this.#zone = zone;
    this.#fire = fire;
    this.#now = now;
    this.#logger = logger;
  }

  /** What the times of jobs are measured by. */
  get clock(): Clock {
    return { now: this.#now(), zone: this.#zone };
  }

  /** Runs what is due, also what was due before, from now on. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#refresh();
  }

  /** Stopping twice is fine. What is due later waits for the next start. */
  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  /** Sets a job. For use inside `store.write`. Throws SchedulerError. */
  add(job: NewJob): Job {
    this.#check(job);
    this.#store.afterCommit(() => this.#refresh());
    return this.#jobs.insert(job, this.#now());
  }

  /** The user's jobs, the next one first. */
  list(userId: string): Job[] {
    return this.#jobs.of(userId);
  }

  /** Undefined when the user has no such job (any more). For use inside `store.write`. */
  cancel(userId: string, id: string): Job | undefined {
    const job = this.#jobs.find(id);
    if (job?.userId !== userId) return undefined;
    this.#jobs.delete(id);
    this.#store.afterCommit(() => this.#refresh());
    return job;
  }

  #check({ userId, message, at, repeat }: NewJob): void {
    const { clock } = this;
    const { refusals } = reminderTexts;
    if (message.trim() === '') throw new SchedulerError('empty', refusals.empty);
    if (message.length > MAX_MESSAGE_LENGTH) {
      throw new SchedulerError('too_long', refusals.tooLong(message.length, MAX_MESSAGE_LENGTH));
    }
    if (at <= clock.now) throw new SchedulerError('past', refusals.past({ ...clock, at }));
    if (at > clock.now + MAX_AHEAD_MS) throw new SchedulerError('too_far', refusals.tooFar);
    const intervalMs = repeat && intervalOf(repeat);
    if (intervalMs !== undefined && intervalMs < MIN_INTERVAL_MS) {
      throw new SchedulerError('too_often', refusals.tooOften(MIN_INTERVAL_MS));
    }
    if (intervalMs !== undefined && intervalMs > MAX_AHEAD_MS) throw new SchedulerError('too_far', refusals.tooFar);
    if (this.#jobs.count(userId) >= MAX_JOBS) throw new SchedulerError('too_many', refusals.tooMany(MAX_JOBS));
  }

  #refresh(): void {
    // After a stop the store may be closed.
    if (!this.#isRunning) return;
    this.#nextAt = this.#jobs.nextAt();
    this.#arm();
  }

  #arm(minWaitMs = 0): void {
    clearTimeout(this.#timer);
    if (!this.#isRunning || this.#nextAt === undefined) return;
    const waitMs = Math.max(minWaitMs, Math.min(this.#nextAt - this.#now(), MAX_WAIT_MS));
    this.#timer = setTimeout(() => this.#tick(), waitMs);
  }

  #tick(): void {
    if (!this.#isRunning || this.#nextAt === undefined) return;
    if (this.#now() < this.#nextAt) this.#arm();
    else void this.#fireDue();
  }

  /** Runs what is due now. Never rejects. */
  async #fireDue(): Promise<void> {
    try {
      await this.#runAll(this.#jobs.due(this.#now(), BATCH));
      this.#retryMs = FIRST_RETRY_MS;
      this.#refresh();
    } catch (error) {
      if (!this.#isRunning) return;
      this.#logger.error({ err: error, retryMs: this.#retryMs }, 'reminders could not be stored, trying again');
      this.#arm(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    }
  }

  /** Each for itself, in one commit; rejects when one failed, with what it failed of. */
  async #runAll(ids: readonly string[]): Promise<void> {
    const outcomes = await Promise.allSettled(ids.map((id) => this.#store.write(() => this.#run(id))));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** For use inside `store.write`. */
  #run(id: string): void {
    const now = this.#now();
    const job = this.#jobs.find(id);
    // Cancelled in the meantime, or the clock was set back.
    if (job === undefined || job.at > now) return;
    const { lateMs, missedRuns, next } = lookBack(job, { now, zone: this.#zone });
    const text = reminderTexts.fired({ message: job.message, lateMs: lateMs >= LATE_MS ? lateMs : 0, missedRuns });
    this.#fire({ job, text, lateMs, missedRuns });
    if (next === undefined) this.#jobs.delete(id);
    else this.#jobs.advance(job, next);
    this.#store.afterCommit(() => this.#logger.debug({ job: id, lateMs, missedRuns }, 'a reminder was due'));
  }
}

/** What became of a due job's runs so far, and when the next one is; without one, the job is over. */
function lookBack(
  { at, repeat, runsLeft = Number.POSITIVE_INFINITY }: Job,
  { now, zone }: Clock,
): { readonly lateMs: number; readonly missedRuns: number; readonly next: number | undefined } {
  if (repeat === undefined) return { lateMs: now - at, missedRuns: 0, next: undefined };
  const { due, last, next } = countRuns(repeat, at, now, zone);
  const followed = runsLeft > 1 ? next : undefined;
  // A single run that is late says by how much; of several, one that is on time is none of the missed.
  const wanted = Math.min(due, runsLeft);
  if (wanted === 1) return { lateMs: now - at, missedRuns: 0, next: followed };
  const isOnTime = due === wanted && now - last < LATE_MS;
  return { lateMs: isOnTime ? now - last : now - at, missedRuns: isOnTime ? wanted - 1 : wanted, next: followed };
}
