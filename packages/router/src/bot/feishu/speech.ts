import { randomBytes } from 'node:crypto';
import { HOUR_MS } from '@phonework/shared/duration';
import * as z from 'zod';
import type { FeishuApi } from './api.ts';
import { FeishuError } from './feishu-error.ts';
import { readOggOpus } from './ogg-opus.ts';
import { decodeOpus } from './opus-pcm.ts';

/** What Feishu recognises at once. */
const MAX_SOUND_MS = 60_000;

/** A minute of Opus at its highest rate is no larger. */
const MAX_SOUND_BYTES = 4 * 1024 * 1024;

/** A permission that an administrator did not give is not asked for with each sound. */
const FORGET_REFUSAL_MS = HOUR_MS;

const notGranted: ReadonlySet<number | undefined> = new Set([99991672, 99991679]);

const Answer = z.object({ data: z.object({ recognition_text: z.string() }) });

/** Feishu's recognition of speech, where it was granted to the app. */
export class Speech {
  readonly #api: FeishuApi;
  readonly #now: () => number;
  #refusedAt: number | undefined;

  /** `now` gives ms. */
  constructor(api: FeishuApi, { now = () => performance.now() }: { readonly now?: () => number } = {}) {
    this.#api = api;
    this.#now = now;
  }

  /**
   * The words in a sound that is Ogg Opus of at most a minute; undefined for others, and without the permission. Rejects
   * with FeishuError, or with what broke the sound.
   */
  async transcribe(sound: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string | undefined> {
    if (this.#refusedAt !== undefined && this.#now() - this.#refusedAt < FORGET_REFUSAL_MS) return undefined;
    const bytes = await read(sound);
    const opus = bytes && readOggOpus(bytes);
    const pcm = opus && (await decodeOpus(opus, { maxMs: MAX_SOUND_MS, signal }));
    return pcm === undefined || pcm.length === 0 ? undefined : await this.#recognise(pcm, signal);
  }

  async #recognise(pcm: Buffer, signal: AbortSignal): Promise<string | undefined> {
    try {
      const answer = await this.#api.call({
        method: 'POST',
        route: '/speech_to_text/v1/speech/file_recognize',
        data: {
          speech: { speech: pcm.toString('base64') },
          config: { file_id: randomBytes(8).toString('hex'), format: 'pcm', engine_type: '16k_auto' },
        },
        signal,
      });
      return Answer.safeParse(answer).data?.data.recognition_text;
    } catch (error) {
      if (!(error instanceof FeishuError && notGranted.has(error.apiCode))) throw error;
      this.#refusedAt = this.#now();
      return undefined;
    }
  }
}

/** Undefined where it is too large for a minute of speech. */
async function read(sound: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of sound) {
    size += chunk.length;
    if (size > MAX_SOUND_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
