import { toPlainLine } from '@phonework/shared/terminal-text';
import { formatSize } from '../files/size.ts';

/** What the model is told about files that go into the chat; it passes most of it on. */
export const sendFileTexts = {
  effect: (name: string) => `file_ops send ${toPlainLine(name)}`,
  announced: (name: string, size: number) => `${toPlainLine(name)} (${formatSize(size)}) is sent into the chat.`,
  on_its_way: (name: string, size: number) =>
    `${toPlainLine(name)} (${formatSize(size)}) is on its way and comes into the chat by itself, although the router is slow or away now. Do not send it again.`,
  refused: (name: string) =>
    `${toPlainLine(name)} could not be sent: the router did not take it. It may be too old to pass files on, or the proxy in front of it does not let /node/files through.`,
  too_many: (name: string) =>
    `${toPlainLine(name)} was not sent: many files wait already, since the router is slow or away. Try again when they have come.`,
  empty: (path: string) => `${toPlainLine(path)} is empty, and chats take no empty files: say so instead.`,
  tooLarge: (path: string, size: number) =>
    `${toPlainLine(path)} has ${formatSize(size)}, and a chat takes files up to 30 MB. Offer the user a part of it: read its first or last lines.`,
  folderTooLarge: (path: string) =>
    `${toPlainLine(path)} packed has more than 30 MB, and a chat takes files up to 30 MB. Offer the user a folder or a file inside it.`,
} as const;
