export type ShellErrorCode = 'no_folder' | 'no_shell' | 'not_started' | 'aborted';

/** A command that did not start. The message is a sentence for the user. */
export class ShellError extends Error {
  override readonly name = 'ShellError';
  readonly code: ShellErrorCode;
  constructor(code: ShellErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
