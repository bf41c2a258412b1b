import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Logger } from '@phonework/shared/log';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { PassingFiles } from '../../nodes/passing-files.ts';
import { FileRefusal } from '../../nodes/passing-files.ts';
import type { ConsoleAccess } from './access.ts';
import type { ConsoleFile } from './frames.ts';
import { toPage } from './notice.ts';

export type ConsoleFilesOptions = {
  readonly access: ConsoleAccess;
  readonly files: PassingFiles;
  /** The n-th file of a message, counted from 0. */
  readonly fileOf: (messageId: string, index: number) => ConsoleFile | undefined;
  readonly logger: Logger;
};

const Shown = z.object({ message: z.string().min(1).max(256), index: z.coerce.number().int().min(0).max(100) });

/** Files that the page brings before it says them, and those that it shows. Its guards are those of the console. */
export function serveFiles(app: FastifyInstance, options: ConsoleFilesOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const isSlow = { bodyLimit: MAX_FILE_BYTES, config: { isSlow: true } };
  app.post('/console/files', isSlow, async (request, reply) => await take(options, request, reply));
  app.get('/console/files/:message/:index', async (request, reply) => await show(options, request, reply));
}

async function take({ access, files, logger }: ConsoleFilesOptions, request: FastifyRequest, reply: FastifyReply) {
  if (!access.isSameOrigin(request))
    return await reply.code(403).send({ reason: 'Open the console at its own address.' });
  const size = Number(request.headers['content-length']);
  const source = request.body instanceof Readable ? request.body : Readable.from([]);
  try {
    const known = Number.isSafeInteger(size) ? { size } : {};
    const { id } = await files.receive(source, { origin: { kind: 'chat' }, ...known });
    return await reply.code(201).send({ id });
  } catch (error) {
    if (error instanceof FileRefusal) return await reply.code(413).send({ reason: error.message });
    logger.warn({ err: error }, 'a file from the console could not be taken in');
    return await reply.code(500).send({ reason: 'The file could not be stored: try again.' });
  }
}

async function show({ files, fileOf }: ConsoleFilesOptions, request: FastifyRequest, reply: FastifyReply) {
  const path = Shown.safeParse(request.params);
  const shown = path.success ? fileOf(path.data.message, path.data.index) : undefined;
  const file = shown && files.find(shown.fileId);
  if (shown === undefined || file === undefined) {
    const sentences = ['Files are kept here for a day. Ask your machine for it again.'];
    return await reply
      .code(404)
      .type('text/html; charset=utf-8')
      .send(toPage('This file is not here any longer', sentences));
  }
  // Only images are shown: what else a file may be is for the owner to open, not for the browser to run.
  const disposition = file.imageType === undefined ? 'attachment' : 'inline';
  return await reply
    .type(file.imageType ?? 'application/octet-stream')
    .header('content-length', file.size)
    .header('content-disposition', `${disposition}; filename*=UTF-8''${toHeaderText(shown.name)}`)
    .header('cache-control', 'private, max-age=86400')
    .send(createReadStream(file.path));
}

/** RFC 8187. */
function toHeaderText(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(/['()*!]/g, (found) => `%${found.charCodeAt(0).toString(16)}`);
}
