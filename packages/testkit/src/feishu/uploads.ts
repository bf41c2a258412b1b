import { randomBytes } from 'node:crypto';
import { RestError } from './rest-error.ts';

/** A file or an image that someone uploaded. */
export type Upload = {
  readonly key: string;
  readonly kind: 'file' | 'image';
  readonly name: string;
  readonly bytes: Buffer;
  /** The user's message it came with: only with that id can it be downloaded. Absent for the bot's own. */
  readonly messageId?: string;
};

const maxFileBytes = 30 * 1024 * 1024;
const maxImageBytes = 10 * 1024 * 1024;

/** The bytes behind `file_key` and `image_key`. */
export class Uploads {
  readonly #uploads = new Map<string, Upload>();

  get all(): readonly Upload[] {
    return [...this.#uploads.values()];
  }

  async receive(kind: Upload['kind'], form: FormData | undefined): Promise<Upload> {
    const part = form?.get(kind);
    if (!(part instanceof Blob)) throw new RestError(234001, 'Invalid request param.');
    const bytes = Buffer.from(await part.arrayBuffer());
    if (bytes.length === 0) throw new RestError(234010, "File's size can't be 0.");
    if (bytes.length > (kind === 'file' ? maxFileBytes : maxImageBytes)) {
      throw new RestError(234006, 'The file size exceed the max value.');
    }
    const name = form?.get('file_name');
    return this.add({ kind, name: typeof name === 'string' ? name : part.name, bytes });
  }

  add(upload: Omit<Upload, 'key'> & { readonly key?: string }): Upload {
    const prefix = upload.kind === 'file' ? 'file_v3_' : 'img_v3_';
    const added = { key: `${prefix}${randomBytes(8).toString('hex')}`, ...upload };
    this.#uploads.set(added.key, added);
    return added;
  }

  find(key: string): Upload | undefined {
    return this.#uploads.get(key);
  }

  /** Whether the bot may show this image: it uploaded it. */
  hasImage(key: string): boolean {
    const upload = this.#uploads.get(key);
    return upload?.kind === 'image' && upload.messageId === undefined;
  }

  /** Throws RestError when the key is not one of that message. */
  ofMessage(messageId: string, key: string): Upload {
    const upload = this.#uploads.get(key);
    if (upload?.messageId !== messageId) throw new RestError(234003, 'File not in msg.');
    return upload;
  }
}
