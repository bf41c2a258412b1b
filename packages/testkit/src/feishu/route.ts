import type { CardEntities } from './card-entities.ts';
import type { Chats } from './chats.ts';
import type { EventSockets } from './event-sockets.ts';
import type { Rates } from './rates.ts';
import type { Reactions } from './reactions.ts';
import { RestError } from './rest-error.ts';
import type { Tokens } from './tokens.ts';
import type { Uploads } from './uploads.ts';

/** What an administrator, or the platform of the day, decides; a test may change it at any time. */
export type PlatformSettings = {
  /** How many connections `event/v1/connection` names; the real number when undefined. */
  onlineInstances: number | undefined;
  /** Whether the app may list the messages of a chat. */
  canReadHistory: boolean;
  /** How long a send with the uuid of an earlier one makes no second message. Feishu: 1 h. */
  uuidWindowMs: number;
  canRecognizeSpeech: boolean;
  /** What is heard in every sound. */
  recognizes: string;
  /** Whether a message that shows a card made with CardKit can be patched like any other card. */
  canPatchCardEntities: boolean;
  /** How long a card may stream before the platform ends it. Feishu: 10 min. */
  streamingLimitMs: number;
  /**
   * How a card of schema 2.0 comes back to who does not ask for its JSON: as its text, or as a request to upgrade; or as
   * its text to who does ask, too.
   */
  cardsReadAs: 'text' | 'placeholder' | 'always-text';
};

/** What the calls act upon. */
export type Platform = {
  readonly appId: string;
  readonly appSecret: string;
  readonly botOpenId: string;
  readonly botName: string;
  /** `host:port` of the server. */
  readonly host: string;
  readonly settings: Readonly<PlatformSettings>;
  readonly tokens: Tokens;
  readonly chats: Chats;
  readonly cards: CardEntities;
  readonly reactions: Reactions;
  readonly rates: Rates;
  readonly uploads: Uploads;
  readonly sockets: EventSockets;
};

export type RouteCall = {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body; empty when there was none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly form: FormData | undefined;
};

/** Fields beside `code` and `msg`, or bytes. */
export type RouteAnswer = Readonly<Record<string, unknown>> | Buffer;

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without `/open-apis`; `:name` stands for one segment. */
  readonly path: string;
  /** Needs no tenant access token. */
  readonly open?: true;
  readonly answer: (platform: Platform, call: RouteCall) => RouteAnswer | Promise<RouteAnswer>;
};

/** A field of a body that must be there. Throws RestError. */
export function textField(body: RouteCall['body'], field: string): string {
  const value = body[field];
  if (typeof value !== 'string' || value === '') throw new RestError(99992402, `field validation failed: ${field}`);
  return value;
}

/** Which part of a list is asked for; at most 50 at once. Throws RestError. */
export function page<T>(
  all: readonly T[],
  query: URLSearchParams,
): { readonly items: readonly T[]; readonly has_more: boolean; readonly page_token: string } {
  const size = Number(query.get('page_size') ?? 20);
  const offset = Number(query.get('page_token') || 0);
  if (!Number.isInteger(size) || size < 1 || size > 50)
    throw new RestError(99992402, 'field validation failed: page_size');
  if (!Number.isInteger(offset) || offset < 0) throw new RestError(230001, 'ext=invalid page_token');
  const next = offset + size;
  const hasMore = next < all.length;
  return { items: all.slice(offset, next), has_more: hasMore, page_token: hasMore ? String(next) : '' };
}
