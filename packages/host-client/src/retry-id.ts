import { newId } from '@phonework/shared/id';

const PREFIX = 'retry:';

/** The id of a message that runs once more. The router has the answer to the message that it was, and waits for none. */
export function newRetryId(): string {
  return `${PREFIX}${newId()}`;
}

export function isRetryId(messageId: string): boolean {
  return messageId.startsWith(PREFIX);
}
