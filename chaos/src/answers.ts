import type { Scene } from './scene.ts';
import { isNotice } from './verdict.ts';

/** What the bot has answered to message `number` so far: texts, without words in between. */
export function answersTo({ house, sentIds }: Scene, number: number): string[] {
  const id = sentIds[number - 1];
  return house.feishu.sent.flatMap((message) =>
    id !== undefined && message.replyTo === id && !isNotice(message) ? [message.text] : [],
  );
}
