import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Text } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { PassingFiles } from '../../nodes/passing-files.ts';
import { FileRefusal } from '../../nodes/passing-files.ts';
import type { ConsoleAccess } from './access.ts';
import { browserLanguage } from './browser-language.ts';
import { consoleTexts as texts } from './console-texts.ts';
import type { ConsoleFile } from './frames.ts';
import { toPage } from './notice.ts';

export type ConsoleFilesOptions = {
  readonly access: ConsoleAccess;
  readonly languageSetting: LanguageSetting;
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

async function take(options: ConsoleFilesOptions, request: FastifyRequest, reply: FastifyReply) {
  const { access, files, logger, languageSetting } = options;
  const refuse = async (code: number, reason: Text) =>
    await reply.code(code).send({ reason: reason[browserLanguage(request, languageSetting)] });
  if (!access.isSameOrigin(request)) return await refuse(403, texts.ownAddress);
  const size = Number(request.headers['content-length']);
  const source = request.body instanceof Readable ? request.body : Readable.from([]);
  try {
    const known = Number.isSafeInteger(size) ? { size } : {};
    const { id } = await files.receive(source, { origin: { kind: 'chat' }, ...known });
    return await reply.code(201).send({ id });
  } catch (error) {
    if (error instanceof FileRefusal) return await refuse(413, texts.fileRefused[error.code]);
    logger.warn({ err: error }, 'a file from the console could not be taken in');
    return await refuse(500, texts.fileNotStored);
  }
}

async function show(options: ConsoleFilesOptions, request: FastifyRequest, reply: FastifyReply) {
  const { files, fileOf, languageSetting } = options;
  const path = Shown.safeParse(request.params);
  const shown = path.success ? fileOf(path.data.message, path.data.index) : undefined;
  const file = shown && files.find(shown.fileId);
  if (shown === undefined || file === undefined) {
    const page = toPage(texts.fileGone, browserLanguage(request, languageSetting));
    return await reply.code(404).type('text/html; charset=utf-8').send(page);
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
