import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@phonework/shared/log';

/** What happened in a session; the further fields say more about it, and are JSON. */
export type AuditEntry = {
  /** Such as `prompt`, `tool`, `tool-result`, `asks`, `decision`, `result`. */
  readonly kind: string;
  readonly [field: string]: unknown;
};

/** Of each value. */
const maxValueChars = 20_000;

/** Longer than any secret in any spelling: what is cut off within it may be a part of one. */
const maxSecretChars = 8192;

/** Objects that are nested deeper are kept as a text. */
const maxDepth = 30;

/** Of lines that wait for the disk; more are not taken, since memory is not where they belong. */
const maxWaitingChars = 32 * 1024 * 1024;

const flags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * A file for each session that says what was asked, done and answered: a JSON line each, in order. It is written in the
 * background and never in anybody's way: what can't be written is lost, and the log says so.
 */
export class Audit {
  readonly #folder: string;
  readonly #redact: (text: string) => string;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, string[]>();
  readonly #writing = new Map<string, Promise<void>>();
  readonly #reported = new Set<string>();
  #waitingChars = 0;
  #isClosed = false;

  /** The folder is made when there is something to write. `redact` takes the secrets out of a text. */
  constructor(options: {
    readonly folder: string;
    readonly redact: (text: string) => string;
    readonly logger: Logger;
  }) {
    this.#folder = options.folder;
    this.#redact = options.redact;
    this.#logger = options.logger;
  }

  /** Returns at once, and never throws. After `close` it does nothing. */
  write(sessionId: string, entry: AuditEntry): void {
    if (this.#isClosed) return;
    try {
      // It becomes a file's name.
      if (!/^[0-9a-z]{6}$/.test(sessionId)) throw new RangeError('a session id is 6 characters of 0-9 and a-z');
      if (this.#waitingChars > maxWaitingChars) throw new RangeError('the disk is too slow for the audit');
      this.#put(sessionId, `${JSON.stringify(this.#toLine(entry))}\n`);
    } catch (error) {
      this.#report(error);
    }
  }

  /** Resolves when everything that was taken is written, or could not be. Closing twice is fine. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#writing.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #put(sessionId: string, line: string): void {
    this.#waitingChars += line.length;
    const waiting = this.#waiting.get(sessionId);
    if (waiting !== undefined) {
      waiting.push(line);
      return;
    }
    this.#waiting.set(sessionId, [line]);
    if (!this.#writing.has(sessionId)) this.#writing.set(sessionId, this.#writeAll(sessionId));
  }

  /** Writes until nothing waits. Never rejects. */
  async #writeAll(sessionId: string): Promise<void> {
    for (let lines = this.#waiting.get(sessionId); lines !== undefined; lines = this.#waiting.get(sessionId)) {
      this.#waiting.delete(sessionId);
      const text = lines.join('');
      try {
        await this.#append(join(this.#folder, `${sessionId}.jsonl`), text);
      } catch (error) {
        this.#report(error);
      } finally {
        this.#waitingChars -= text.length;
      }
    }
    this.#writing.delete(sessionId);
  }

  async #append(path: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await using file = await open(path, flags, 0o600);
    const { size, isFile } = await stateOf(file);
    if (!isFile) throw new RangeError('the audit can only be written to a file');
    // A crash or a full disk may have left a line without its end.
    await file.appendFile((await endsLine(file, size)) ? text : `\n${text}`);
  }

  /** Once for each kind of failure: a full disk fails at every line. */
  #report(error: unknown): void {
    const code = error instanceof Error ? String('code' in error ? error.code : error.message) : 'unknown';
    if (this.#reported.has(code)) return;
    this.#reported.add(code);
    this.#logger.error({ err: error }, 'the audit of a session could not be written: some of it is missing');
  }

  #toLine({ kind, ...fields }: AuditEntry): Record<string, unknown> {
    const values = Object.entries(fields).map(([name, value]) => [name, this.#toValue(value)] as const);
    return { at: new Date().toISOString(), kind, ...Object.fromEntries(values) };
  }

  #toValue(value: unknown): unknown {
    if (typeof value === 'string') return this.#clip(value);
    if (typeof value !== 'object' || value === null) return value;
    const text = JSON.stringify(value);
    if (text.length > maxValueChars || isDeep(value, 0)) return this.#clip(text);
    // One look at the whole is far cheaper than one at each of its texts.
    return this.#redact(text) === text ? value : this.#redactAll(value);
  }

  #clip(text: string): string {
    if (text.length <= maxValueChars) return this.#redact(text);
    const window = text.slice(0, maxValueChars + maxSecretChars);
    const redacted = this.#redact(window);
    const isCut = window.length < text.length;
    const kept = redacted.slice(0, Math.min(maxValueChars, redacted.length - (isCut ? maxSecretChars : 0)));
    return `${kept.toWellFormed()}[… cut: ${text.length} characters in all]`;
  }

  #redactAll(value: unknown): unknown {
    if (typeof value === 'string') return this.#redact(value);
    if (Array.isArray(value)) return value.map((item) => this.#redactAll(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, item]) => [this.#redact(name), this.#redactAll(item)] as const);
    return Object.fromEntries(entries);
  }
}

async function stateOf(file: FileHandle): Promise<{ readonly size: number; readonly isFile: boolean }> {
  const stats = await file.stat();
  return { size: stats.size, isFile: stats.isFile() };
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

function isDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth > maxDepth || Object.values(value).some((item) => isDeep(item, depth + 1));
}
