import { readableText } from './content.ts';

/** A message that exists, from a user or from the bot. */
export type FeishuMessage = {
  readonly id: string;
  readonly chatId: string;
  readonly sender: 'user' | 'bot';
  /** The user's open_id; absent for the bot. */
  readonly openId?: string;
  readonly messageType: string;
  /** JSON, as the API carries it. Of a card made with CardKit: the card as it is now. */
  content: string;
  /** `content` as a person would read it. */
  text: string;
  readonly replyTo?: string;
  /** Whether its first word is a mention of the bot. */
  readonly mentionsBot?: true;
  readonly uuid?: string;
  /** The card made with CardKit that it shows. */
  readonly cardId?: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  state: 'sent' | 'recalled' | 'deleted';
  /** How often it was changed in place. */
  updates: number;
  /** Reaction id → the name of its emoji. */
  readonly reactions: Map<string, string>;
};

/** Changes a message in place. */
export function changeContent(message: FeishuMessage, content: string): void {
  message.content = content;
  message.text = readableText(message.messageType, content);
  message.updates += 1;
}
