import { isRecord } from './content.ts';
import type { FeishuMessage } from './message.ts';
import type { Reaction, ReactionOperator } from './reactions.ts';
import { RestError } from './rest-error.ts';
import type { Platform, Route, RouteAnswer, RouteCall } from './route.ts';
import { page } from './route.ts';

const path = '/im/v1/messages/:message_id/reactions';

export const reactionRoutes: readonly Route[] = [
  { method: 'POST', path, answer: addReaction },
  { method: 'GET', path, answer: listReactions },
  { method: 'DELETE', path: `${path}/:reaction_id`, answer: removeReaction },
];

function addReaction(platform: Platform, call: RouteCall): RouteAnswer {
  const type = call.body.reaction_type;
  const emoji = isRecord(type) ? type.emoji_type : undefined;
  return { data: toWire(platform.reactions.add(messageOf(platform, call), emoji, botOf(platform))) };
}

function listReactions(platform: Platform, call: RouteCall): RouteAnswer {
  const emoji = call.query.get('reaction_type') || undefined;
  const found = platform.reactions.under(messageOf(platform, call));
  const { items, ...rest } = page(
    found.filter((reaction) => emoji === undefined || reaction.emoji === emoji),
    call.query,
  );
  return { data: { items: items.map(toWire), ...rest } };
}

function removeReaction(platform: Platform, call: RouteCall): RouteAnswer {
  const id = call.path.reaction_id ?? '';
  return { data: toWire(platform.reactions.remove(messageOf(platform, call), id, botOf(platform))) };
}

/** Throws RestError; to these calls a message that was taken back is none. */
function messageOf({ chats }: Platform, call: RouteCall): FeishuMessage {
  const message = chats.find(call.path.message_id ?? '');
  if (message?.state !== 'sent') throw new RestError(231003, 'The message is not found, or has been recalled.');
  return message;
}

function botOf({ appId }: Platform): ReactionOperator {
  return { operator_id: appId, operator_type: 'app' };
}

function toWire({ id, emoji, operator, at }: Reaction): Record<string, unknown> {
  return { reaction_id: id, operator, action_time: String(at), reaction_type: { emoji_type: emoji } };
}
