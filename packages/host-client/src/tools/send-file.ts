import type { Readable } from 'node:stream';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import { TooLargeError } from '@phonework/shared/save-stream';
import type { FileRoots } from '../files/file-roots.ts';
import type { OpenedFile, OpenedFolder } from '../files/opened-file.ts';
import { packFolder } from '../files/pack-folder.ts';
import type { TurnContext } from '../turn-context.ts';
import { sendFileTexts } from './send-file-texts.ts';
import { ToolError } from './tool.ts';

type FileCopy = { readonly id: string; readonly size: number; readonly sha256: string };

/** Where files go out to chats. */
export interface OutgoingFiles {
  /** Rejects with TooLargeError, or with what breaks `source`; then nothing is kept. */
  copy(source: Readable, signal: AbortSignal): Promise<FileCopy>;
  /** For a copy that is not sent after all. */
  discard(copy: FileCopy): Promise<void>;
  /** `on_its_way` after `patienceMs`, or when `signal` is aborted: it then goes by itself. `too_many`: it does not. */
  send(
    copy: FileCopy,
    to: { readonly userId: string; readonly chatId: string; readonly name: string },
    options: { readonly patienceMs: number; readonly signal: AbortSignal },
  ): Promise<'announced' | 'on_its_way' | 'refused' | 'too_many'>;
}

/** How long a turn waits for a slow router: what is said after it would otherwise stand above the file. */
const PATIENCE_MS = 30_000;

/** A file's own name is no longer than this by itself; the frame that announces one takes 255 characters. */
const maxFolderName = 200;

/** Sends files, and folders as a tar.gz, into the chat of the turn. */
export function createSendFile({
  outgoing,
  roots,
}: {
  readonly outgoing: OutgoingFiles;
  readonly roots: FileRoots;
}): (opened: OpenedFile | OpenedFolder, context: TurnContext) => Promise<string> {
  return async (opened, { userId, chatId, signal, beforeEffect }) => {
    const copy = await copyOf(opened, { outgoing, roots, signal });
    const name = opened.kind === 'file' ? opened.name : `${opened.name.slice(0, maxFolderName).toWellFormed()}.tar.gz`;
    try {
      await beforeEffect(sendFileTexts.effect(name));
    } catch (error) {
      await outgoing.discard(copy);
      throw error;
    }
    const outcome = await outgoing.send(copy, { userId, chatId, name }, { patienceMs: PATIENCE_MS, signal });
    if (outcome === 'announced' || outcome === 'on_its_way') return sendFileTexts[outcome](name, copy.size);
    throw new ToolError(sendFileTexts[outcome](name));
  };
}

async function copyOf(
  opened: OpenedFile | OpenedFolder,
  {
    outgoing,
    roots,
    signal,
  }: { readonly outgoing: OutgoingFiles; readonly roots: FileRoots; readonly signal: AbortSignal },
): Promise<FileCopy> {
  if (opened.kind === 'folder') return await copyFolder(opened, { outgoing, roots, signal });
  if (opened.size === 0) throw new ToolError(sendFileTexts.empty(opened.shownPath));
  if (opened.size > MAX_FILE_BYTES) throw new ToolError(sendFileTexts.tooLarge(opened.shownPath, opened.size));
  return await outgoing.copy(opened.stream(), signal);
}

async function copyFolder(
  folder: OpenedFolder,
  {
    outgoing,
    roots,
    signal,
  }: { readonly outgoing: OutgoingFiles; readonly roots: FileRoots; readonly signal: AbortSignal },
): Promise<FileCopy> {
  try {
    return await outgoing.copy(packFolder(folder, roots), signal);
  } catch (error) {
    if (error instanceof TooLargeError)
      throw new ToolError(sendFileTexts.folderTooLarge(folder.shownPath), { cause: error });
    throw error;
  }
}
