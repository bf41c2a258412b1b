import * as z from 'zod';
import type { ActionOutcome, IncomingAction, MessageAction } from '../chat-channel.ts';
import { neutralise } from './neutralise.ts';

/** What Feishu takes is 30 KB for the whole card; the rest is for the buttons. */
export const MAX_CARD_TEXT_BYTES = 20_000;

/** A message with buttons as a card (schema 2.0). A press tells the message's and the button's id, and nothing else. */
export function toCard(text: string, messageId: string, actions: readonly MessageAction[]): Record<string, unknown> {
  const buttons = actions.map(({ id, label, style }) => ({
    tag: 'button',
    text: { tag: 'plain_text', content: label },
    type: style,
    width: 'fill',
    behaviors: [{ type: 'callback', value: { m: messageId, a: id } }],
  }));
  return {
    schema: '2.0',
    config: { update_multi: true },
    body: { elements: [{ tag: 'markdown', content: text }, ...buttons] },
  };
}

/** `card.action.trigger` with its header and its event side by side, as the SDK hands it on. */
export const CardAction = z.object({
  app_id: z.string(),
  operator: z.object({ open_id: z.string().min(1) }),
  action: z.object({ value: z.object({ m: z.string().min(1), a: z.string().min(1) }) }),
  context: z.object({ open_chat_id: z.string().min(1) }),
});
export type CardAction = z.infer<typeof CardAction>;

export function toIncomingAction({ operator, action, context }: CardAction): IncomingAction {
  const { m: messageId, a: actionId } = action.value;
  return { channel: 'feishu', chatId: context.open_chat_id, userId: operator.open_id, messageId, actionId };
}

/** The answer to a press: a toast, and the card without its buttons where the outcome has a text. */
export function toCardAnswer(outcome: ActionOutcome): Record<string, unknown> {
  const toast = { type: outcome.kind, content: outcome.toast };
  if (outcome.text === undefined) return { toast };
  return { toast, card: { type: 'raw', data: toCard(neutralise(outcome.text), '', []) } };
}
