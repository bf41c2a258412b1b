import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/** What a task does. */
export type TaskSubject =
  | {
      readonly kind: 'shell';
      readonly command: string;
      /** An absolute path. */
      readonly cwd: string;
      /** It was judged to change nothing, and gets the environment that goes with that. */
      readonly readsOnly?: boolean;
      /** Absent: it may run for ever. */
      readonly timeLimitMs?: number;
    }
  | { readonly kind: 'session'; readonly sessionId: string; readonly turnId: string };

export type ShellSubject = Extract<TaskSubject, { kind: 'shell' }>;

export type NewTask<Subject extends TaskSubject = TaskSubject> = {
  readonly userId: string;
  readonly chatId: string;
  /** What the user knows it by, such as their own words. */
  readonly description: string;
  readonly subject: Subject;
};

type TaskOutcome = 'done' | 'failed' | 'cancelled' | 'interrupted';

export type TaskState = 'queued' | 'running' | TaskOutcome;

/** Work that goes on beside the chat, and reports once when it has ended. */
export type Task<Subject extends TaskSubject = TaskSubject> = NewTask<Subject> & {
  readonly id: string;
  readonly state: TaskState;
  /** ms since the epoch, like the other two. */
  readonly createdAt: number;
  /** Absent while it waits. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Of one that has ended: a phrase for the user, such as "exit code 1". */
  readonly reason?: string;
};

/** For how long it has run, or had run when it ended; 0 for one that never started. `now` in ms since the epoch. */
export function elapsedMs({ startedAt, endedAt }: Task, now: number): number {
  return startedAt === undefined ? 0 : (endedAt ?? now) - startedAt;
}

/** What a task has said, or its beginning and its end. */
export type TaskOutput = {
  readonly text: string;
  /** How many bytes are missing in the middle. */
  readonly leftOut: number;
};

/** How a task came to its end. */
export type TaskEnd = {
  readonly outcome: TaskOutcome;
  /** Stored in the language of the task's user, as the reason is. */
  readonly output: Said;
  /** How many bytes are missing in the middle of `output`. */
  readonly leftOut?: number;
  readonly reason?: Said;
};

export type TaskErrorCode = 'too_many';

/** A task that was not taken; `said` is a sentence for the user. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code: TaskErrorCode;
  readonly said: Said;
  constructor(code: TaskErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}
