import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Logger } from '@phonework/shared/log';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import { StalledError } from '@phonework/shared/save-stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Caller, Doorman } from './doorman.ts';
import type { FileRefusalCode, PassingFiles } from './passing-files.ts';
import { FileRefusal } from './passing-files.ts';

export type NodeFilesOptions = {
  readonly doorman: Doorman;
  readonly files: PassingFiles;
  readonly logger: Logger;
};

const Path = z.object({ id: z.string().regex(/^[\w.:-]{1,128}$/) });

/** In all, and of one node, which brings them one after the other: who is slow must not keep out the others. */
const MAX_UPLOADS = 16;
const MAX_UPLOADS_OF_ONE = 4;

/** The same for files that go out: each is an open file. */
const MAX_FETCHES = 64;

/** How long a node that fetches a file may take nothing of it. */
const FETCH_IDLE_MS = 60_000;

const statusOf: Readonly<Record<FileRefusalCode, number>> = { too_large: 413, taken: 409, full: 507 };

/**
 * `PUT` and `GET /node/files/:id`: the bytes of files that nodes announce with a `file` frame, and of those that came with
 * a message to a node. docs/protocol.md describes both. Not to be wrapped in fastify-plugin: its bodies are streams.
 */
export async function nodeFiles(app: FastifyInstance, options: NodeFilesOptions): Promise<void> {
  const door = new FileDoor(options);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', (request, reply) => options.doorman.check(request, reply));
  app.put(
    '/node/files/:id',
    // What it is owed of bytes is watched while they come: 30 MB take their time.
    { bodyLimit: MAX_FILE_BYTES, config: { isSlow: true } },
    async (request, reply) => await door.take(request, reply),
  );
  app.get('/node/files/:id', async (request, reply) => await door.give(request, reply));
}

class FileDoor {
  readonly #doorman: Doorman;
  readonly #files: PassingFiles;
  readonly #logger: Logger;
  /** The nodes that bring a file, each as often as it does. */
  #uploads: readonly Caller[] = [];
  #fetches = 0;

  constructor({ doorman, files, logger }: NodeFilesOptions) {
    this.#doorman = doorman;
    this.#files = files;
    this.#logger = logger;
  }

  async take(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = this.#doorman.callerOf(request);
    const path = Path.safeParse(request.params);
    const size = Number(request.headers['content-length']);
    if (caller === undefined) return refuse(reply, 403, 'This secret or token is not good for that node.');
    if (!path.success) return refuse(reply, 400, 'The id is 1 to 128 letters, digits, "-", "_", "." and ":".');
    if (!Number.isSafeInteger(size)) return refuse(reply, 411, 'A file comes with its content-length.');
    if (size > MAX_FILE_BYTES) {
      // The rest of it is not waited for.
      return refuse(reply.header('connection', 'close'), 413, 'The file is larger than 30 MB.');
    }
    if (this.#isBusyFor(caller)) return refuse(reply, 503, 'Too many files come in now: try again.');
    this.#uploads = [...this.#uploads, caller];
    try {
      const source = request.body instanceof Readable ? request.body : Readable.from([]);
      const origin = { kind: 'node', nodeId: caller.nodeId } as const;
      const { id, sha256 } = await this.#files.receive(source, { id: path.data.id, origin, size });
      return await reply.code(201).send({ id, size, sha256 });
    } catch (error) {
      if (error instanceof FileRefusal) return refuse(reply, statusOf[error.code], error.message);
      if (error instanceof StalledError) return refuse(reply, 408, 'Nothing came for too long.');
      // The node went away in the middle, or the disk is full: it will try again.
      this.#logger.warn({ err: error }, 'a file from a node could not be taken in');
      return refuse(reply, 500, 'The file could not be stored: try again.');
    } finally {
      this.#uploads = this.#uploads.filter((other) => other !== caller);
    }
  }

  #isBusyFor(caller: Caller): boolean {
    return this.#uploads.length >= MAX_UPLOADS || this.#uploads.filter(isOf(caller)).length >= MAX_UPLOADS_OF_ONE;
  }

  async give(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = this.#doorman.callerOf(request);
    const path = Path.safeParse(request.params);
    const file = path.success ? this.#files.find(path.data.id) : undefined;
    const readers = file === undefined ? [] : this.#files.readersOf(file.id);
    const mayRead = readers.some((nodeId) => caller !== undefined && this.#doorman.mayBe(caller, nodeId));
    if (file === undefined || !mayRead) return refuse(reply, 404, 'There is no such file for this node.');
    if (this.#fetches >= MAX_FETCHES) return refuse(reply, 503, 'Too many files go out now: try again.');
    this.#fetches += 1;
    reply.raw.once('close', () => {
      this.#fetches -= 1;
    });
    reply.raw.setTimeout(FETCH_IDLE_MS, () => reply.raw.destroy());
    return await reply
      .type('application/octet-stream')
      .header('content-length', file.size)
      .send(createReadStream(file.path));
  }
}

function isOf({ nodeId }: Caller): (other: Caller) => boolean {
  return (other) => other.nodeId === nodeId;
}

async function refuse(reply: FastifyReply, status: number, error: string): Promise<FastifyReply> {
  return await reply.code(status).send({ error });
}
