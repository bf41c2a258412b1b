import * as z from 'zod';
import { texts } from '../../texts.ts';
import type { IncomingMessage } from '../chat-channel.ts';
import { MENU_KIND } from '../unreadable.ts';

/** `application.bot.menu_v6` with its header and its event side by side, as the SDK hands it on. */
export const MenuEvent = z.object({
  app_id: z.string(),
  event_id: z.string().min(1),
  /** ms since the epoch, as a string. */
  create_time: z.coerce.number(),
  operator: z.object({ operator_id: z.object({ open_id: z.string().min(1) }) }),
  /** What the app's administrator gave the entry. */
  event_key: z.string().min(1),
});
export type MenuEvent = z.infer<typeof MenuEvent>;

/** The help lists all of them. */
const commands: ReadonlySet<string> = new Set(
  Array.from(texts.help.en.matchAll(/\/([a-z]+)\b/g), ([, name]) => name ?? ''),
);

/** Feishu does not say in which chat the menu was opened: the user stands in its place, who can be written to as well. */
export function toMenuMessage({ event_id, event_key, operator, create_time }: MenuEvent): IncomingMessage {
  const userId = operator.operator_id.open_id;
  const command = toCommand(event_key);
  return {
    id: event_id,
    channel: 'feishu',
    chatId: userId,
    chatType: 'p2p',
    userId,
    text: command ?? '',
    addressed: true,
    ...(command === undefined && { unreadable: `${MENU_KIND}${event_key}` }),
    sentAt: create_time,
  };
}

/** `status`, `/status`, and with arguments `remind_10m_stretch`: a key can't hold a space. */
function toCommand(key: string): string | undefined {
  const [name = '', ...words] = key
    .trim()
    .replace(/^\//, '')
    .split(/[\s_]+/);
  return commands.has(name.toLowerCase())
    ? ['/', name.toLowerCase(), ...words.map((word) => ` ${word}`)].join('').trim()
    : undefined;
}
