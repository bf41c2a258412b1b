import * as z from 'zod';
import type { ActionOutcome, IncomingAction, MessageAction } from '../chat-channel.ts';
import type { MarkdownElement } from './markdown/elements.ts';
import { toElements } from './markdown/elements.ts';
import { travelBytes } from './markdown/measure.ts';
import { plainLine } from './markdown/plain-text.ts';
import { neutralise } from './neutralise.ts';

/** Feishu takes 30 KB for a whole request; what is around the card in it takes the rest. */
export const MAX_CARD_BYTES = 28_000;

const MAX_SUMMARY_CHARS = 100;

type ButtonElement = {
  readonly tag: 'button';
  readonly text: { readonly tag: 'plain_text'; readonly content: string };
  readonly type: MessageAction['style'];
  readonly width: 'fill';
  readonly behaviors: readonly [{ readonly type: 'callback'; readonly value: Readonly<Record<string, string>> }];
};

/** Schema 2.0. */
export type Card = {
  readonly schema: '2.0';
  readonly config: { readonly update_multi: true; readonly summary: { readonly content: string } };
  readonly body: { readonly elements: readonly (MarkdownElement | ButtonElement)[] };
};

/** `content` is Markdown as Feishu is to get it. A press tells the message's and the button's id, and nothing else. */
export function toCard(content: string, messageId: string, actions: readonly MessageAction[]): Card {
  const buttons = actions.map(
    ({ id, label, style }): ButtonElement => ({
      tag: 'button',
      text: { tag: 'plain_text', content: neutralise(label) },
      type: style,
      width: 'fill',
      behaviors: [{ type: 'callback', value: { m: messageId, a: id } }],
    }),
  );
  return {
    schema: '2.0',
    // Notifications and the list of chats show this.
    config: { update_multi: true, summary: { content: summaryOf(content) } },
    body: { elements: [{ tag: 'markdown', content }, ...buttons] },
  };
}

/** What is left for the content of a card with these buttons: as it travels. */
export function roomInCard(messageId: string, actions: readonly MessageAction[]): number {
  const summary = '&'.repeat(MAX_SUMMARY_CHARS * 4);
  return MAX_CARD_BYTES - travelBytes(JSON.stringify(toCard('', messageId, actions))) - summary.length;
}

/** What a message says after its question is settled, say: one card without buttons, cut where that is too long. */
export function toTextCard(text: string): Card {
  const { elements, isCut } = toElements(text, { maxBytes: roomInCard('', []) });
  const content = elements[0]?.content ?? '…';
  return toCard(isCut ? `${content}\n\n…` : content, '', []);
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
  return { toast, card: { type: 'raw', data: toTextCard(outcome.text) } };
}

function summaryOf(content: string): string {
  const line = plainLine(content, MAX_SUMMARY_CHARS);
  return neutralise(line.replaceAll('&#60;', '<'));
}
