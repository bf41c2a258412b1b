import { toPlainLine } from '@phonework/shared/terminal-text';
import { formatSize } from '../files/size.ts';
import { attachmentTexts } from './attachment-texts.ts';

/** A file that came with a message. */
export type TurnFile = {
  readonly name: string;
  /** `image`, `file`, `audio`, `video`. */
  readonly kind: string;
  /** In bytes. */
  readonly size: number;
  /** Absolute; absent where it could not be got. */
  readonly path?: string;
};

/** A message for a session: its words, then where its files are. */
export function withFiles(text: string, files: readonly TurnFile[]): string {
  return [text, files.map(toLine).join('\n')].filter(Boolean).join('\n\n');
}

/** The same for the mailboy, which is told what to make of files without a word. */
export function withFilesForModel(text: string, files: readonly TurnFile[]): string {
  const note = text === '' && files.length > 0 ? attachmentTexts.withoutWords : '';
  return [withFiles(text, files), note].filter(Boolean).join('\n\n');
}

function toLine({ name, kind, size, path }: TurnFile): string {
  const what = kind === 'audio' ? attachmentTexts.audio(toPlainLine(name)) : toPlainLine(name);
  return path === undefined ? attachmentTexts.missing(what) : attachmentTexts.attached(what, formatSize(size), path);
}
