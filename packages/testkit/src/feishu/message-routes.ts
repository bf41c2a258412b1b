import { RestError } from './rest-error.ts';
import type { Platform, Route, RouteAnswer, RouteCall } from './route.ts';
import { page, textField } from './route.ts';
import { toWire } from './wire-message.ts';

export const messageRoutes: readonly Route[] = [
  { method: 'POST', path: '/im/v1/messages', answer: createMessage },
  { method: 'GET', path: '/im/v1/messages', answer: listMessages },
  { method: 'POST', path: '/im/v1/messages/:message_id/reply', answer: replyToMessage },
  { method: 'GET', path: '/im/v1/messages/:message_id', answer: getMessage },
  { method: 'PATCH', path: '/im/v1/messages/:message_id', answer: patchMessage },
  { method: 'DELETE', path: '/im/v1/messages/:message_id', answer: deleteMessage },
];

/** The p2p chat of a user with the bot. */
export function p2pChatOf(openId: string): string {
  return `oc_p2p_${openId}`;
}

function createMessage(platform: Platform, { query, body }: RouteCall): RouteAnswer {
  const receiver = textField(body, 'receive_id');
  const receiverKind = query.get('receive_id_type');
  if (receiverKind !== 'chat_id' && receiverKind !== 'open_id') {
    throw new RestError(99992402, 'field validation failed: receive_id_type');
  }
  return send(platform, body, { chatId: receiverKind === 'chat_id' ? receiver : p2pChatOf(receiver) });
}

function replyToMessage(platform: Platform, { path, body }: RouteCall): RouteAnswer {
  const target = platform.chats.get(path.message_id ?? '');
  return send(platform, body, { chatId: target.chatId, replyTo: target.id });
}

function send(
  platform: Platform,
  body: RouteCall['body'],
  to: { readonly chatId: string; readonly replyTo?: string },
): RouteAnswer {
  const { uuid } = body;
  const message = {
    sender: 'bot' as const,
    messageType: textField(body, 'msg_type'),
    content: textField(body, 'content'),
    ...(typeof uuid === 'string' && uuid !== '' ? { uuid } : {}),
  };
  platform.rates.sendTo(to.chatId);
  return { data: toWire(platform, platform.chats.send({ ...to, ...message })) };
}

function getMessage(platform: Platform, { path, query }: RouteCall): RouteAnswer {
  const id = path.message_id ?? '';
  const message = platform.chats.find(id);
  // One that was taken back can still be asked for, and says so.
  const found = message?.state === 'recalled' ? message : platform.chats.get(id);
  return { data: { items: [toWire(platform, found, query.get('card_msg_content_type'))] } };
}

function listMessages(platform: Platform, { query }: RouteCall): RouteAnswer {
  if (!platform.settings.canReadHistory) {
    throw new RestError(230027, 'Lack of necessary permissions, ext=need scope: im:message:readonly');
  }
  if (query.get('container_id_type') !== 'chat') throw new RestError(230001, 'ext=container_id_type');
  const startMs = seconds(query, 'start_time', 0) * 1000;
  const endMs = seconds(query, 'end_time', Number.MAX_SAFE_INTEGER / 1000) * 1000;
  const found = platform.chats
    .in(query.get('container_id') ?? '')
    .filter((message) => message.createdAt >= startMs && message.createdAt < endMs + 1000)
    .sort((one, other) => one.createdAt - other.createdAt);
  const ordered = query.get('sort_type') === 'ByCreateTimeDesc' ? found.toReversed() : found;
  const { items, ...rest } = page(ordered, query);
  const contentType = query.get('card_msg_content_type');
  return { data: { items: items.map((message) => toWire(platform, message, contentType)), ...rest } };
}

function seconds(query: URLSearchParams, field: string, otherwise: number): number {
  const value = query.get(field);
  if (value === null || value === '') return otherwise;
  // Whoever gives milliseconds would ask for a time far ahead, and be told that nothing was said.
  if (!/^\d{1,10}$/.test(value)) throw new RestError(230001, `ext=invalid ${field}`);
  return Number(value);
}

function patchMessage({ chats, rates, settings }: Platform, { path, body }: RouteCall): RouteAnswer {
  const id = path.message_id ?? '';
  const content = textField(body, 'content');
  rates.patch(id);
  if (chats.get(id).cardId !== undefined && !settings.canPatchCardEntities) {
    throw new RestError(230099, 'Failed to create card content, ext=ErrCode: 11310; ErrMsg: cardid is invalid; ');
  }
  chats.patch(id, content);
  return { data: {} };
}

function deleteMessage({ chats }: Platform, { path }: RouteCall): RouteAnswer {
  const message = chats.get(path.message_id ?? '');
  if (message.sender !== 'bot') throw new RestError(230026, 'No permission to recall this message.');
  message.state = 'recalled';
  return { data: {} };
}
