import * as z from 'zod';
import type { ActionOutcome, IncomingStop } from '../../chat-channel.ts';

/** `card.action.trigger` of the *Stop* button in the card of a turn. */
export const StopPress = z.object({
  app_id: z.string(),
  operator: z.object({ open_id: z.string().min(1) }),
  action: z.object({ value: z.object({ t: z.string().min(1) }) }),
  context: z.object({ open_chat_id: z.string().min(1) }),
});
export type StopPress = z.infer<typeof StopPress>;

export function toIncomingStop({ operator, action, context }: StopPress): IncomingStop {
  return { channel: 'feishu', chatId: context.open_chat_id, userId: operator.open_id, turnId: action.value.t };
}

/** A toast and no card: Feishu changes none while it streams. */
export function toStopAnswer({ kind, toast }: ActionOutcome): Record<string, unknown> {
  return { toast: { type: kind, content: toast } };
}
