import type { Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import { readOnlyEnvironment } from '../shell/environment.ts';
import { boundedOutput } from '../shell/output.ts';
import type { ShellResult } from '../shell/run.ts';
import { runShell } from '../shell/run.ts';
import { ShellError } from '../shell/shell-error.ts';
import type { ShellSubject, Task, TaskEnd, TaskOutput } from './task.ts';
import type { TaskLog } from './task-log.ts';
import { taskTexts } from './task-texts.ts';

/** Kept at hand of a task's output, and then in its row: what a person or a model may want to see of it at once. */
export const OUTPUT_BYTES = 16_000;

/** The longest time that timers reach. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export type RunningTaskOptions = {
  readonly log: TaskLog;
  /** What commands get: see childEnvironment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Between SIGTERM and SIGKILL. */
  readonly killAfterMs?: number;
  readonly logger: Logger;
};

/** A shell task whose command runs. */
export class RunningTask {
  readonly task: Task<ShellSubject>;
  /** Resolves to how it ended, when everything that it started is gone and its log is written. Never rejects. */
  readonly ended: Promise<TaskEnd>;
  readonly #options: RunningTaskOptions;
  readonly #output = boundedOutput(OUTPUT_BYTES);
  readonly #stopping = new AbortController();
  #stoppedAs: 'cancelled' | 'interrupted' = 'interrupted';

  constructor(task: Task<ShellSubject>, options: RunningTaskOptions) {
    this.task = task;
    this.#options = options;
    this.ended = this.#run();
  }

  /** So far. */
  get output(): TaskOutput {
    return { text: this.#output.text(), leftOut: this.#output.omittedBytes };
  }

  /** Ends it with everything that it started. The first call says what it counts as. */
  stop(as: 'cancelled' | 'interrupted'): void {
    if (this.#stopping.signal.aborted) return;
    this.#stoppedAs = as;
    this.#stopping.abort();
  }

  async #run(): Promise<TaskEnd> {
    const how = await this.#execute();
    await this.#options.log.close();
    const { text, leftOut } = this.output;
    return { ...how, output: text, leftOut };
  }

  async #execute(): Promise<Pick<TaskEnd, 'outcome' | 'reason'>> {
    const { log, environment, killAfterMs, logger } = this.#options;
    const { command, cwd, readsOnly = false, timeLimitMs } = this.task.subject;
    try {
      const result = await runShell({
        command,
        cwd,
        env: readsOnly ? readOnlyEnvironment(environment) : environment,
        ...(timeLimitMs !== undefined && { timeoutMs: Math.min(timeLimitMs, MAX_TIMER_MS) }),
        ...(killAfterMs !== undefined && { killAfterMs }),
        // It is kept here and in the log.
        maxOutputBytes: 0,
        onOutput: (chunk) => {
          this.#output.write(chunk);
          return log.write(chunk);
        },
        runId: this.task.id,
        signal: this.#stopping.signal,
      });
      return this.#judge(result);
    } catch (error) {
      if (!(error instanceof ShellError)) {
        logger.error({ err: error, task: this.task.id }, 'a background task failed unexpectedly');
        return { outcome: 'failed', reason: taskTexts.unexpected };
      }
      if (error.code === 'aborted') return { outcome: this.#stoppedAs };
      // It stands in the middle of a sentence.
      return {
        outcome: 'failed',
        reason: bilingual((language) => inLanguage(error.said, language).replace(/[.。]$/, '')),
      };
    }
  }

  #judge(result: ShellResult): Pick<TaskEnd, 'outcome' | 'reason'> {
    const left = result.allEnded ? {} : { reason: taskTexts.mayStillRun };
    if (result.aborted) return { outcome: this.#stoppedAs, ...left };
    const fault = faultOf(result, this.task.subject);
    if (fault !== undefined) return { outcome: 'failed', reason: fault };
    return { outcome: 'done', ...(result.backgroundEnded && { reason: taskTexts.backgroundEnded }), ...left };
  }
}

function faultOf(result: ShellResult, { timeLimitMs }: ShellSubject): Text | undefined {
  if (result.timedOut) return taskTexts.tookTooLong(timeLimitMs ?? result.durationMs);
  if (result.signal !== undefined) return taskTexts.endedBy(result.signal);
  return result.exitCode === 0 || result.exitCode === null ? undefined : taskTexts.exitCode(result.exitCode);
}
