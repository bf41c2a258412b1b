import type { Chats, FeishuMessage } from './chats.ts';
import type { EventSockets } from './event-sockets.ts';
import { RestError } from './rest-error.ts';
import type { Tokens } from './tokens.ts';
import type { Upload, Uploads } from './uploads.ts';

/** What the calls act upon. */
export type Platform = {
  readonly appId: string;
  readonly appSecret: string;
  readonly botOpenId: string;
  readonly botName: string;
  /** `host:port` of the server. */
  readonly host: string;
  /** How many connections Feishu says the app has; the real number when absent. */
  readonly onlineInstances: number | undefined;
  readonly tokens: Tokens;
  readonly chats: Chats;
  readonly uploads: Uploads;
  readonly sockets: EventSockets;
};

type RouteCall = {
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

/** Every call that the server knows: a further one is one entry. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/auth/v3/tenant_access_token/internal', open: true, answer: issueToken },
  { method: 'POST', path: '/callback/ws/endpoint', open: true, answer: openEndpoint },
  { method: 'GET', path: '/bot/v3/info', answer: describeBot },
  { method: 'GET', path: '/event/v1/connection', answer: countConnections },
  { method: 'POST', path: '/im/v1/messages', answer: createMessage },
  { method: 'GET', path: '/im/v1/messages', answer: listMessages },
  { method: 'POST', path: '/im/v1/messages/:message_id/reply', answer: replyToMessage },
  { method: 'GET', path: '/im/v1/messages/:message_id', answer: getMessage },
  { method: 'PATCH', path: '/im/v1/messages/:message_id', answer: patchMessage },
  { method: 'DELETE', path: '/im/v1/messages/:message_id', answer: deleteMessage },
  { method: 'POST', path: '/im/v1/messages/:message_id/reactions', answer: addReaction },
  { method: 'DELETE', path: '/im/v1/messages/:message_id/reactions/:reaction_id', answer: removeReaction },
  { method: 'GET', path: '/im/v1/messages/:message_id/resources/:key', answer: downloadResource },
  { method: 'POST', path: '/im/v1/files', answer: uploadFile },
  { method: 'POST', path: '/im/v1/images', answer: uploadImage },
];

/** The p2p chat of a user with the bot. */
export function p2pChatOf(openId: string): string {
  return `oc_p2p_${openId}`;
}

function issueToken({ appId, appSecret, tokens }: Platform, { body }: RouteCall): RouteAnswer {
  // These refusals come with HTTP 200.
  if (body.app_id !== appId) throw new RestError(10003, 'invalid param', 200);
  if (body.app_secret !== appSecret) throw new RestError(10014, 'app secret invalid', 200);
  const { token, expiresInS } = tokens.issue();
  return { tenant_access_token: token, expire: expiresInS };
}

function openEndpoint({ appId, appSecret, sockets, host }: Platform, { body }: RouteCall): RouteAnswer {
  if (body.AppID !== appId || body.AppSecret !== appSecret) {
    throw new RestError(1000040345, 'app_id or app_secret is invalid', 200);
  }
  return { data: sockets.endpoint(host) };
}

function describeBot({ botOpenId, botName }: Platform): RouteAnswer {
  return { bot: { activate_status: 2, app_name: botName, avatar_url: '', ip_white_list: [], open_id: botOpenId } };
}

function countConnections({ onlineInstances, sockets }: Platform): RouteAnswer {
  return { data: { online_instance_cnt: onlineInstances ?? sockets.live } };
}

function createMessage({ appId, chats }: Platform, { query, body }: RouteCall): RouteAnswer {
  const receiver = text(body, 'receive_id');
  const receiverKind = query.get('receive_id_type');
  if (receiverKind !== 'chat_id' && receiverKind !== 'open_id') {
    throw new RestError(99992402, 'field validation failed: receive_id_type');
  }
  const chatId = receiverKind === 'chat_id' ? receiver : p2pChatOf(receiver);
  return { data: toWire(appId, chats.send({ chatId, ...newMessage(body) })) };
}

function replyToMessage({ appId, chats }: Platform, { path, body }: RouteCall): RouteAnswer {
  const target = chats.get(path.message_id ?? '');
  return { data: toWire(appId, chats.send({ chatId: target.chatId, replyTo: target.id, ...newMessage(body) })) };
}

function newMessage(body: RouteCall['body']) {
  const uuid = body.uuid;
  return {
    sender: 'bot' as const,
    messageType: text(body, 'msg_type'),
    content: text(body, 'content'),
    ...(typeof uuid === 'string' && uuid !== '' ? { uuid } : {}),
  };
}

function getMessage({ appId, chats }: Platform, { path }: RouteCall): RouteAnswer {
  return { data: { items: [toWire(appId, chats.get(path.message_id ?? ''))] } };
}

function listMessages({ appId, chats }: Platform, { query }: RouteCall): RouteAnswer {
  if (query.get('container_id_type') !== 'chat') throw new RestError(230001, 'ext=container_id_type');
  const startMs = Number(query.get('start_time') ?? 0) * 1000;
  const endMs = Number(query.get('end_time') ?? Number.MAX_SAFE_INTEGER) * 1000;
  const found = chats
    .in(query.get('container_id') ?? '')
    .filter((message) => message.createdAt >= startMs && message.createdAt < endMs + 1000);
  const ordered = query.get('sort_type') === 'ByCreateTimeDesc' ? found.toReversed() : found;
  const offset = Number(query.get('page_token') || 0);
  const next = offset + Math.min(Number(query.get('page_size') ?? 20), 50);
  const items = ordered.slice(offset, next).map((message) => toWire(appId, message));
  return { data: { items, has_more: next < ordered.length, page_token: next < ordered.length ? String(next) : '' } };
}

function patchMessage({ chats }: Platform, { path, body }: RouteCall): RouteAnswer {
  chats.patch(path.message_id ?? '', text(body, 'content'));
  return { data: {} };
}

function deleteMessage({ chats }: Platform, { path }: RouteCall): RouteAnswer {
  const message = chats.get(path.message_id ?? '');
  if (message.sender !== 'bot') throw new RestError(230026, 'No permission to recall this message.');
  message.state = 'recalled';
  return { data: {} };
}

function addReaction({ chats, appId }: Platform, { path, body }: RouteCall): RouteAnswer {
  const type = body.reaction_type;
  const emoji = typeof type === 'object' && type !== null && 'emoji_type' in type ? type.emoji_type : undefined;
  if (typeof emoji !== 'string' || !/^\w+$/.test(emoji)) throw new RestError(231001, 'reaction type is invalid.');
  const message = chats.get(path.message_id ?? '');
  const id = `r_${message.id.slice(3)}_${emoji}`;
  message.reactions.set(id, emoji);
  const operator = { operator_id: appId, operator_type: 'app' };
  return {
    data: { reaction_id: id, operator, action_time: String(Date.now()), reaction_type: { emoji_type: emoji } },
  };
}

function removeReaction({ chats }: Platform, { path }: RouteCall): RouteAnswer {
  const removed = chats.get(path.message_id ?? '').reactions.delete(path.reaction_id ?? '');
  if (!removed) throw new RestError(231007, 'The reaction is not yours.');
  return { data: {} };
}

function downloadResource({ uploads }: Platform, { path, query }: RouteCall): RouteAnswer {
  const kind = query.get('type');
  if (kind !== 'image' && kind !== 'file') throw new RestError(234001, 'Invalid request param.');
  return uploads.ofMessage(path.message_id ?? '', path.key ?? '').bytes;
}

async function uploadFile({ uploads }: Platform, { form }: RouteCall): Promise<RouteAnswer> {
  const upload: Upload = await uploads.receive('file', form);
  return { data: { file_key: upload.key } };
}

async function uploadImage({ uploads }: Platform, { form }: RouteCall): Promise<RouteAnswer> {
  const upload: Upload = await uploads.receive('image', form);
  return { data: { image_key: upload.key } };
}

function text(body: RouteCall['body'], field: string): string {
  const value = body[field];
  if (typeof value !== 'string' || value === '') throw new RestError(99992402, `field validation failed: ${field}`);
  return value;
}

function toWire(appId: string, message: FeishuMessage): Record<string, unknown> {
  const sender =
    message.sender === 'bot'
      ? { id: appId, id_type: 'app_id', sender_type: 'app' }
      : { id: message.openId, id_type: 'open_id', sender_type: 'user' };
  return {
    message_id: message.id,
    ...(message.replyTo === undefined ? {} : { root_id: message.replyTo, parent_id: message.replyTo }),
    msg_type: message.messageType,
    create_time: String(message.createdAt),
    update_time: String(message.createdAt),
    deleted: message.state !== 'sent',
    updated: message.updates > 0,
    chat_id: message.chatId,
    sender,
    body: { content: message.content },
  };
}
