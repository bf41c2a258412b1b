import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

/**
 * How a process came to its end. `signal` names the one that ended it, also where the process took it and then exited
 * with 128 + its number, as shells do; `code` is null then, and where the end could not be told.
 */
export type ProcessEnd = { readonly code: number | null; readonly signal?: NodeJS.Signals };

export type LineProcessSpec = {
  /** An absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All that the process gets, beside a mark of ours and PWD. Names are letters, digits and `_`: some shells drop others. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Takes each line of the output, whole and without its end; what comes on stdout and stderr alike. Must
   * not throw. The first may come before the start has resolved. A line of over 64 MiB is cut, and says so.
   */
  readonly onLine: (line: string) => void;
};

export type LineProcessErrorCode = 'not_started' | 'ended';

export class LineProcessError extends Error {
  override readonly name = 'LineProcessError';
  readonly code: LineProcessErrorCode;
  /** For the user. */
  readonly said: Said;
  constructor(code: LineProcessErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}

/** A process that is talked to in lines. Over a terminal where there is one that can be made transparent, else over pipes. */
export interface LineProcess {
  /**
   * Resolves when the process is gone, and every line of its output was handed on. What it has started may be left: that
   * too is for `end`. Never rejects.
   */
  readonly exited: Promise<ProcessEnd>;
  /**
   * Writes `line` and a line feed; lines go out whole, in the order of the calls. Resolves when the last byte has left
   * us; a reader that does not read costs nothing but memory. Rejects with LineProcessError `ended`.
   */
  write(line: string): Promise<void>;
  /**
   * Ends it with everything that it has started: `signal` to the program itself, SIGKILL to whatever is left after
   * `killAfterMs`. Resolves to whether all are gone. Ending twice is fine.
   */
  end(options: { readonly signal: 'SIGINT' | 'SIGTERM'; readonly killAfterMs: number }): Promise<boolean>;
}

/** Resolves when the process can be written to. Rejects with LineProcessError `not_started`. */
export type StartLineProcess = (spec: LineProcessSpec) => Promise<LineProcess>;
