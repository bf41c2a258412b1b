import type { Said, Text } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { Repeat } from './repeat.ts';

/** A message that is to come at a given time. */
export type Job = {
  readonly id: string;
  readonly userId: string;
  readonly chatId: string;
  readonly message: string;
  /** The session that gets the message as its prompt; absent: the message goes to the chat. */
  readonly sessionId?: string;
  /** When it is due next, ms since the epoch. */
  readonly at: number;
  /** Absent: once. */
  readonly repeat?: Repeat;
  /** Absent: without end. */
  readonly runsLeft?: number;
};

export type NewJob = Omit<Job, 'id'>;

/** A job that is due, as it was before this run. */
export type Firing = {
  readonly job: Job;
  /** What the user is to read: the message, and behind it what is to be said about its time. */
  readonly text: Text;
  readonly lateMs: number;
  /** Runs that this one stands for, since nobody was there to make them. */
  readonly missedRuns: number;
};

type SchedulerErrorCode = 'empty' | 'too_long' | 'past' | 'too_far' | 'too_often' | 'too_many';

/** A job that can't be set; `said` is a sentence for the user. */
export class SchedulerError extends Error {
  override readonly name = 'SchedulerError';
  readonly code: SchedulerErrorCode;
  readonly said: Said;
  constructor(code: SchedulerErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}
