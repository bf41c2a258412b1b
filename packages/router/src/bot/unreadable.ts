import type { Text } from '@phonework/shared/language';
import { texts } from '../texts.ts';

/** Before a key of the bot's menu that stands for nothing. */
export const MENU_KIND = 'menu:';

/** The sentence for a kind of message that the bot can't read, as IncomingMessage names it. */
export function unreadableText(kind: string): Text {
  if (kind.startsWith(MENU_KIND)) return texts.unknownMenuKey(kind.slice(MENU_KIND.length));
  return texts.unreadable(texts.unreadableKinds.get(kind) ?? texts.otherKind(kind));
}
