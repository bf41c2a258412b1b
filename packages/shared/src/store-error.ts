export type StoreErrorCode = 'in_use' | 'newer_schema' | 'older_schema' | 'unreadable' | 'unwritable' | 'closed';

/** The store can't do its work. The message is a sentence for the operator: which file, why, what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** SQLite's primary result code, as https://sqlite.org/rescode.html lists them; undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
