import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** `refused` stays so; `away` may pass. */
export type FileDoorErrorCode = 'refused' | 'away';

/** A file that the router did not take or give. */
export class FileDoorError extends Error {
  override readonly name = 'FileDoorError';
  readonly code: FileDoorErrorCode;
  constructor(code: FileDoorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Statuses that the same request would meet again: the id, the size or the route is the matter. */
const finalStatuses: ReadonlySet<number> = new Set([400, 404, 405, 409, 410, 411, 413]);

/** Bytes of files to the router and from it. All methods reject with FileDoorError, or with what `signal` was aborted with. */
export class FileDoor {
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #idleMs: number;

  constructor(options: {
    /** The WebSocket's. */
    readonly routerUrl: string;
    readonly secret: string;
    readonly nodeId: string;
    /** How long the connection may be silent; 30 s. */
    readonly idleMs?: number;
  }) {
    this.#origin = new URL(options.routerUrl.replace(/^ws/, 'http')).origin;
    // With the secret that nodes share, the router would not know whose file it is.
    this.#headers = { authorization: `Bearer ${options.secret}`, 'x-node-id': options.nodeId };
    this.#idleMs = options.idleMs ?? 30_000;
  }

  /** Resolves when the router has the file on its disk. The same again does no harm. */
  async put(id: string, file: { readonly path: string; readonly size: number }, signal: AbortSignal): Promise<void> {
    // A copy that is gone does not come back.
    await access(file.path).catch((cause: unknown) => {
      throw new FileDoorError('refused', 'The file is not here any longer.', { cause });
    });
    const request = this.#request('PUT', id, { 'content-length': String(file.size) }, signal);
    const answered = this.#answerTo(request, signal);
    // The router may have answered, and hung up, before it had all: then the answer counts.
    const [sent, answer] = await Promise.allSettled([pipeline(createReadStream(file.path), request), answered]);
    if (answer.status === 'rejected') throw answer.reason;
    answer.value.resume();
    requireSuccess(answer.value.statusCode ?? 0);
    if (sent.status === 'rejected') throw this.#away(sent.reason, signal);
  }

  /** The bytes as they come. */
  async get(id: string, signal: AbortSignal): Promise<Readable> {
    const request = this.#request('GET', id, {}, signal);
    request.end();
    const answer = await this.#answerTo(request, signal);
    try {
      requireSuccess(answer.statusCode ?? 0);
      return answer;
    } catch (error) {
      answer.resume();
      throw error;
    }
  }

  #request(method: string, id: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): ClientRequest {
    const url = `${this.#origin}/node/files/${encodeURIComponent(id)}`;
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = send(url, { method, headers: { ...this.#headers, ...headers }, signal, timeout: this.#idleMs });
    request.on('timeout', () => request.destroy(new Error('the connection was silent for too long')));
    return request;
  }

  #answerTo(request: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', (error) => reject(this.#away(error, signal)));
    });
  }

  #away(cause: unknown, signal: AbortSignal): unknown {
    return signal.aborted ? signal.reason : new FileDoorError('away', 'The router could not be reached.', { cause });
  }
}

function requireSuccess(status: number): void {
  if (status >= 200 && status < 300) return;
  const code = finalStatuses.has(status) ? 'refused' : 'away';
  throw new FileDoorError(code, `The router answered ${status} about a file.`);
}
