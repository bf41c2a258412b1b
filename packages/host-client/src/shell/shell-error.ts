import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

export type ShellErrorCode = 'no_folder' | 'no_shell' | 'not_started' | 'aborted';

/** A command that did not start; `said` is a sentence for the user. */
export class ShellError extends Error {
  override readonly name = 'ShellError';
  readonly code: ShellErrorCode;
  readonly said: Said;
  constructor(code: ShellErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}
