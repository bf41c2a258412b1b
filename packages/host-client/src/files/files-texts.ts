import { toPlainLine } from '@phonework/shared/terminal-text';
import { formatSize } from './size.ts';

/** What this room says: sentences for the user, that the model reads as well. */
export const filesTexts = {
  nul: 'A path cannot contain a NUL character.',
  nameTooLong: 'That path is too long for a file of this machine.',
  notAFileName: (path: string) => `${quoted(path)} is no name of a file on Windows.`,
  missing: (path: string) => `There is no ${quoted(path)} in the working folder: list its folder to see what is there.`,
  noWorkingDir: (folder: string) => `The working folder ${folder} does not exist: create it.`,
  outside: (path: string, workingDir: string) =>
    `${quoted(path)} is outside the working folder ${workingDir}: choose a path inside it.`,
  private: (path: string) =>
    `${quoted(path)} belongs to PhoneWork itself and is closed to chats: only its audit/ and outputs/ are open.`,
  noAccess: (path: string) => `The user who runs PhoneWork on this machine may not read ${quoted(path)}.`,
  failed: (path: string, code: string) => `${quoted(path)} could not be read on this machine (${code}).`,
  changed: (path: string) => `${quoted(path)} was changed while it was being opened: try again.`,
  special: (path: string, kind: 'pipe' | 'socket' | 'device') =>
    `${quoted(path)} is a ${kind}, not a file: it can't be read.`,
  notAFile: (path: string) => `${quoted(path)} is a folder: list it, or name a file in it.`,
  notAFolder: (path: string) => `${quoted(path)} is a file, not a folder: read it instead.`,
  binary: (path: string, bytes: number) =>
    `${quoted(path)} is a binary file of ${formatSize(bytes)}: it has no text to show.`,
  noSuchLine: (path: string, line: number, total: number) =>
    `${quoted(path)} has no line ${line}: it has ${total === 1 ? '1 line' : `${total} lines`}.`,
  tooFar: (path: string, line: number, bytes: number) =>
    `Line ${line} of ${quoted(path)} is not in its first ${formatSize(bytes)}: search for a text, or read its last lines.`,
  tooMuchToPack: (path: string, entries: number, bytes: number) =>
    `Packing stopped at ${quoted(path)}: a folder is packed up to ${entries} files and ${formatSize(bytes)}. Send a folder inside it, or single files.`,
  tooDeepToPack: (path: string, depth: number) =>
    `Packing stopped at ${quoted(path)}: there are more than ${depth} folders inside each other. Send a folder inside it, or single files.`,
  noSearch: 'There is no working ripgrep on this machine, so nothing can be searched: install PhoneWork again there.',
  unfitQuery: (chars: number) => `A query is one line of at most ${chars} characters: search for a part of it.`,
  utf16Search: (path: string) => `${quoted(path)} is written in UTF-16, which can't be searched: read it instead.`,
  tooLargeToSearch: (path: string, bytes: number) =>
    `${quoted(path)} has ${formatSize(bytes)}, too much for a search: read its last lines instead.`,
} as const;

function quoted(path: string): string {
  const line = toPlainLine(path.slice(0, 300).toWellFormed());
  return `"${line}${path.length > 300 ? '…' : ''}"`;
}
