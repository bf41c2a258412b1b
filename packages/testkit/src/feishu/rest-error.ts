/** A refusal of the open platform: HTTP `status` with `code` and `msg` in the body. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly code: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: number, message: string, status = 400, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}
