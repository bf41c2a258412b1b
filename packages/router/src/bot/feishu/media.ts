import { openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import * as z from 'zod';
import type { IncomingAttachment, OutgoingFile } from '../chat-channel.ts';
import { ChatError } from '../chat-channel.ts';
import type { FeishuApi } from './api.ts';
import { FeishuError, refusedAnswer } from './feishu-error.ts';
import { feishuTexts } from './feishu-texts.ts';
import type { MessagePart } from './render.ts';
import { partUuid } from './render.ts';
import type { FileAnswer, LoadSdk } from './sdk.ts';
import { createFileHttp } from './sdk.ts';

/** A file that is on the disk, or in memory. */
export type MediaFile = Pick<OutgoingFile, 'id' | 'imageType' | 'name' | 'size'> &
  ({ readonly path: string } | { readonly bytes: Uint8Array<ArrayBuffer> });

/** What Feishu shows as an image; a larger one goes as a file. */
const MAX_IMAGE_BYTES = 10 * 1024 * 1024;

/** Too large, not an image after all, too many pixels: as a file it may go. */
const notShown: ReadonlySet<number | undefined> = new Set([234006, 234011, 234039]);

/** What the platform says in JSON is short. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** By extension. Everything else is a stream of bytes to Feishu, sound and video too: as such it takes any of them. */
const fileTypes: ReadonlyMap<string, string> = new Map([
  ['pdf', 'pdf'],
  ['doc', 'doc'],
  ['docx', 'doc'],
  ['xls', 'xls'],
  ['xlsx', 'xls'],
  ['ppt', 'ppt'],
  ['pptx', 'ppt'],
]);

const UploadAnswer = z.object({
  code: z.literal(0),
  data: z.object({ image_key: z.string().optional(), file_key: z.string().optional() }),
});

/** Files to Feishu and from it. All methods reject with FeishuError. */
export class FeishuMedia {
  readonly #api: FeishuApi;
  readonly #baseUrl: string;
  readonly #loadSdk: LoadSdk;
  readonly #idleMs: number;
  /** What is uploaded and not sent yet, by message: another attempt to send it needs no other upload. */
  readonly #uploaded = new Map<string, MessagePart>();

  constructor(options: {
    readonly api: FeishuApi;
    readonly baseUrl: string;
    readonly loadSdk: LoadSdk;
    /** How long the connection may be silent while a file is on its way. */
    readonly idleMs: number;
  }) {
    this.#api = options.api;
    this.#baseUrl = options.baseUrl;
    this.#loadSdk = options.loadSdk;
    this.#idleMs = options.idleMs;
  }

  /** The file as a message, uploaded at most once until it is `sent`. */
  async toPart(file: MediaFile): Promise<MessagePart> {
    const known = this.#uploaded.get(file.id);
    if (known !== undefined) return known;
    const part = { ...(await this.#upload(file)), uuid: partUuid(file.id, 1) };
    this.#uploaded.set(file.id, part);
    return part;
  }

  /** It is in the chat, or will never be. */
  sent({ id }: Pick<MediaFile, 'id'>): void {
    this.#uploaded.delete(id);
  }

  /** Resolves when the first bytes are there. */
  async download(messageId: string, { key, kind }: IncomingAttachment, signal: AbortSignal): Promise<Readable> {
    const type = kind === 'image' ? 'image' : 'file';
    const path = `im/v1/messages/${encodeURIComponent(messageId)}/resources/${encodeURIComponent(key)}?type=${type}`;
    const route = '/im/v1/messages/:message_id/resources/:file_key';
    return await this.#api.authorized({ method: 'GET', route }, async (token) => {
      const answer = await this.#request({ method: 'GET', path, token, signal });
      const { status, headers, data } = answer;
      // A refusal comes as JSON, with or without a status that says so.
      const isJson = /^application\/json\b/.test(headers['content-type'] ?? '');
      const isFile = status === 200 && (!isJson || headers['content-disposition'] !== undefined);
      if (isFile && data instanceof Readable) return data;
      throw toRefusal(answer, await readJson(data));
    });
  }

  async #upload(file: MediaFile): Promise<Omit<MessagePart, 'uuid'>> {
    if (file.imageType === undefined || file.size > MAX_IMAGE_BYTES) return await this.#uploadFile(file);
    try {
      const { image_key: key } = await this.#post('im/v1/images', file, { field: 'image', image_type: 'message' });
      return { messageType: 'image', content: JSON.stringify({ image_key: key }) };
    } catch (error) {
      if (!(error instanceof FeishuError && notShown.has(error.apiCode))) throw error;
      return await this.#uploadFile(file);
    }
  }

  async #uploadFile(file: MediaFile): Promise<Omit<MessagePart, 'uuid'>> {
    const extension = /\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
    const fields = { file_type: fileTypes.get(extension) ?? 'stream', file_name: file.name };
    const { file_key: key } = await this.#post('im/v1/files', file, { field: 'file', ...fields });
    return { messageType: 'file', content: JSON.stringify({ file_key: key }) };
  }

  async #post(
    path: string,
    file: MediaFile,
    { field, ...fields }: { readonly field: 'file' | 'image' } & Readonly<Record<string, string>>,
  ): Promise<{ readonly image_key?: string | undefined; readonly file_key?: string | undefined }> {
    return await this.#api.authorized({ method: 'POST', route: `/${path}` }, async (token) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      // Read from the disk while it is sent; for another attempt anew.
      form.set(field, 'bytes' in file ? new Blob([file.bytes]) : await openBlob(file.path), file.name);
      const answer = await this.#request({ method: 'POST', path, token, data: form });
      const body = await readJson(answer.data);
      const uploaded = UploadAnswer.safeParse(body);
      if (answer.status === 200 && uploaded.success) return uploaded.data.data;
      throw toRefusal(answer, body);
    });
  }

  async #request(call: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly token: string;
    readonly data?: FormData;
    readonly signal?: AbortSignal;
  }): Promise<FileAnswer> {
    const { path, token, ...rest } = call;
    const http = createFileHttp(await this.#loadSdk(), { idleMs: this.#idleMs });
    return await http({
      ...rest,
      url: `${this.#baseUrl}/open-apis/${path}`,
      headers: { Authorization: `Bearer ${token}` },
    });
  }
}

async function openBlob(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (cause) {
    throw new ChatError('unavailable', feishuTexts.fileUnreadable, { cause });
  }
}

function toRefusal({ status, headers }: FileAnswer, body: unknown): FeishuError {
  return refusedAnswer(status, body, headers['x-ogw-ratelimit-reset']);
}

/** Undefined for what is no JSON: whoever answered was not the platform then, and there is no code to go by. */
async function readJson(stream: unknown): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream instanceof Readable ? stream : []) {
    if (!Buffer.isBuffer(chunk)) break;
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) break;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
