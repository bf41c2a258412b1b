/** A refusal of the open platform: HTTP `status` with `code` and `msg` in the body. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly code: number;
  readonly status: number;
  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
