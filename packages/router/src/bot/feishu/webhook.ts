import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from '@phonework/shared/log';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { EventHandlers } from './events.ts';
import { flattenEvent } from './events.ts';

export type WebhookOptions = {
  readonly encryptKey: string;
  readonly verificationToken?: string;
  readonly logger: Logger;
  readonly events: EventHandlers;
};

const maxBodyBytes = 1024 * 1024;
/** Feishu brings an event again for up to six hours, and may keep its first time stamp. */
const maxAgeMs = 8 * 3_600_000;
const maxAheadMs = 5 * 60_000;

const Encrypted = z.object({ encrypt: z.string() });
const Challenge = z.object({
  type: z.literal('url_verification'),
  challenge: z.string(),
  token: z.string().optional(),
});
const Token = z.object({ header: z.object({ token: z.string() }) });

/**
 * `POST /feishu/events`. Whatever is wrong with a request, the answer is the same empty 401, so that trying teaches
 * nothing about the key.
 */
export function createWebhook(options: WebhookOptions): FastifyPluginAsync {
  const { encryptKey, logger } = options;
  if (encryptKey.trim() === '')
    throw new Error('the webhook needs the encrypt key: without it anyone could post events');
  const key = createHash('sha256').update(encryptKey).digest();
  const handlers = new Map(Object.entries(options.events));

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const body = open(raw, key);
    if (body === undefined) return refuse(reply, 'unreadable');
    const challenge = Challenge.safeParse(body.content);
    if (challenge.success) {
      // Feishu's first request need not be signed; that it could be decrypted shows that the sender has the key.
      const trusted = body.encrypted && isToken(options.verificationToken, challenge.data.token);
      return trusted ? { challenge: challenge.data.challenge } : refuse(reply, 'bad challenge');
    }
    if (!isSigned(request, raw, encryptKey)) return refuse(reply, 'bad signature');
    const token = Token.safeParse(body.content);
    if (!isToken(options.verificationToken, token.data?.header.token)) return refuse(reply, 'bad token');
    return await handOn(body.content, reply);
  }

  async function handOn(content: unknown, reply: FastifyReply): Promise<unknown> {
    const event = flattenEvent(content);
    const handle = event === null ? undefined : handlers.get(event.event_type);
    if (handle === undefined) return {};
    try {
      return (await handle(event)) ?? {};
    } catch (error) {
      logger.error({ err: error }, 'Feishu event could not be stored, it will come again');
      return reply.code(500).send();
    }
  }

  function refuse(reply: FastifyReply, reason: string): FastifyReply {
    logger.warn({ reason }, 'Feishu webhook refused a request');
    return reply.code(401).send();
  }

  return async (server) => {
    // Only inside this plugin: the signature is over the bytes as they came.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, raw, done) => done(null, raw));
    server.post('/feishu/events', { bodyLimit: maxBodyBytes }, answer);
  };
}

function open(raw: Buffer, key: Buffer): { readonly content: unknown; readonly encrypted: boolean } | undefined {
  try {
    const body: unknown = JSON.parse(raw.toString('utf8'));
    const sealed = Encrypted.safeParse(body);
    if (!sealed.success) return { content: body, encrypted: false };
    const bytes = Buffer.from(sealed.data.encrypt, 'base64');
    const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    return { content: JSON.parse(plain.toString('utf8')), encrypted: true };
  } catch {
    // Not JSON, or encrypted with another key: the caller refuses it.
    return undefined;
  }
}

function isSigned(request: FastifyRequest, raw: Buffer, encryptKey: string): boolean {
  const timestamp = header(request, 'x-lark-request-timestamp');
  const ageMs = Date.now() - Number(timestamp) * 1000;
  if (!/^\d{1,12}$/.test(timestamp) || ageMs > maxAgeMs || ageMs < -maxAheadMs) return false;
  const expected = createHash('sha256')
    .update(timestamp + header(request, 'x-lark-request-nonce') + encryptKey)
    .update(raw)
    .digest('hex');
  return isSame(expected, header(request, 'x-lark-signature'));
}

function isToken(expected: string | undefined, given: string | undefined): boolean {
  return expected === undefined || isSame(expected, given ?? '');
}

/** Takes the same time wherever two strings differ. */
function isSame(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}

function header(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
