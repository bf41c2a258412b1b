import type { Text } from '@phonework/shared/language';
import { toPlainLine } from '@phonework/shared/terminal-text';
import { formatSize } from './size.ts';

/** What this room says: sentences for the user; the English ones the model reads as well. */
export const filesTexts = {
  nul: { en: 'A path cannot contain a NUL character.', zh: '路径不能包含 NUL 字符。' },
  nameTooLong: {
    en: 'That path is too long for a file of this machine.',
    zh: '对这台机器上的文件来说，这个路径太长了。',
  },
  notAFileName: about((path) => ({
    en: `"${path}" is no name of a file on Windows.`,
    zh: `“${path}”在 Windows 上不是文件名。`,
  })),
  missing: about((path) => ({
    en: `There is no "${path}" in the working folder: list its folder to see what is there.`,
    zh: `工作文件夹里没有“${path}”：列出它所在的文件夹，看看里面有什么。`,
  })),
  noWorkingDir: (folder: string): Text => ({
    en: `The working folder ${folder} does not exist: create it.`,
    zh: `工作文件夹 ${folder} 不存在：请创建它。`,
  }),
  outside: about((path, workingDir: string) => ({
    en: `"${path}" is outside the working folder ${workingDir}: choose a path inside it.`,
    zh: `“${path}”在工作文件夹 ${workingDir} 之外：请选一个里面的路径。`,
  })),
  private: about((path) => ({
    en: `"${path}" belongs to PhoneWork itself and is closed to chats: only its audit/ and outputs/ are open.`,
    zh: `“${path}”属于 PhoneWork 自己，不对聊天开放：只开放其中的 audit/ 和 outputs/。`,
  })),
  noAccess: about((path) => ({
    en: `The user who runs PhoneWork on this machine may not read "${path}".`,
    zh: `这台机器上运行 PhoneWork 的用户无权读取“${path}”。`,
  })),
  failed: about((path, code: string) => ({
    en: `"${path}" could not be read on this machine (${code}).`,
    zh: `“${path}”在这台机器上无法读取（${code}）。`,
  })),
  changed: about((path) => ({
    en: `"${path}" was changed while it was being opened: try again.`,
    zh: `“${path}”在打开时被改动了：请再试一次。`,
  })),
  special: about((path, kind: 'pipe' | 'socket' | 'device') => ({
    en: `"${path}" is a ${kind}, not a file: it can't be read.`,
    zh: `“${path}”是${kindNames[kind]}，不是文件：无法读取。`,
  })),
  notAFile: about((path) => ({
    en: `"${path}" is a folder: list it, or name a file in it.`,
    zh: `“${path}”是文件夹：可以列出它，或指明里面的一个文件。`,
  })),
  notAFolder: about((path) => ({
    en: `"${path}" is a file, not a folder: read it instead.`,
    zh: `“${path}”是文件，不是文件夹：请直接读取它。`,
  })),
  binary: about((path, bytes: number) => ({
    en: `"${path}" is a binary file of ${formatSize(bytes)}: it has no text to show.`,
    zh: `“${path}”是 ${formatSize(bytes)} 的二进制文件：没有可显示的文字。`,
  })),
  noSuchLine: about((path, line: number, total: number) => ({
    en: `"${path}" has no line ${line}: it has ${total === 1 ? '1 line' : `${total} lines`}.`,
    zh: `“${path}”没有第 ${line} 行：它共有 ${total} 行。`,
  })),
  tooFar: about((path, line: number, bytes: number) => ({
    en: `Line ${line} of "${path}" is not in its first ${formatSize(bytes)}: search for a text, or read its last lines.`,
    zh: `“${path}”的第 ${line} 行不在它的前 ${formatSize(bytes)} 里：请搜索一段文字，或读取它的最后几行。`,
  })),
  tooMuchToPack: about((path, entries: number, bytes: number) => ({
    en: `Packing stopped at "${path}": a folder is packed up to ${entries} files and ${formatSize(bytes)}. Send a folder inside it, or single files.`,
    zh: `打包停在“${path}”：一个文件夹最多打包 ${entries} 个文件、${formatSize(bytes)}。请发送里面的一个文件夹，或单个文件。`,
  })),
  tooDeepToPack: about((path, depth: number) => ({
    en: `Packing stopped at "${path}": there are more than ${depth} folders inside each other. Send a folder inside it, or single files.`,
    zh: `打包停在“${path}”：文件夹嵌套超过 ${depth} 层。请发送里面的一个文件夹，或单个文件。`,
  })),
  noSearch: {
    en: 'There is no working ripgrep on this machine, so nothing can be searched: install PhoneWork again there.',
    zh: '这台机器上没有可用的 ripgrep，所以无法搜索：请在上面重新安装 PhoneWork。',
  },
  unfitQuery: (chars: number): Text => ({
    en: `A query is one line of at most ${chars} characters: search for a part of it.`,
    zh: `搜索内容是一行，最多 ${chars} 个字符：请搜索其中一部分。`,
  }),
  utf16Search: about((path) => ({
    en: `"${path}" is written in UTF-16, which can't be searched: read it instead.`,
    zh: `“${path}”是 UTF-16 编码，无法搜索：请直接读取它。`,
  })),
  tooLargeToSearch: about((path, bytes: number) => ({
    en: `"${path}" has ${formatSize(bytes)}, too much for a search: read its last lines instead.`,
    zh: `“${path}”有 ${formatSize(bytes)}，太大，无法搜索：请读取它的最后几行。`,
  })),

  // Folders that commands and sessions run in.
  startsWithTilde: (path: string): Text => ({
    en: `"${path}" starts with ~: give a path inside the working folder instead.`,
    zh: `“${path}”以 ~ 开头：请给一个工作文件夹里的路径。`,
  }),
  noFolder: (path: string): Text => ({
    en: `There is no folder "${path}" in the working folder.`,
    zh: `工作文件夹里没有文件夹“${path}”。`,
  }),
  noSuchFolder: (path: string): Text => ({ en: `"${path}" is not a folder.`, zh: `“${path}”不是文件夹。` }),
  notMade: (path: string): Text => ({
    en: `The folder "${path}" could not be made on this machine.`,
    zh: `无法在这台机器上创建文件夹“${path}”。`,
  }),
  folderOutside: (path: string, workingDir: string): Text => ({
    en: `"${path}" is outside the working folder ${workingDir}: choose one inside it.`,
    zh: `“${path}”在工作文件夹 ${workingDir} 之外：请选一个里面的文件夹。`,
  }),
} as const;

/** A text about a path, of which no more is shown than fits a line. */
function about<Rest extends readonly unknown[]>(
  text: (path: string, ...rest: Rest) => Text,
): (path: string, ...rest: Rest) => Text {
  return (path, ...rest) => {
    const line = toPlainLine(path.slice(0, 300).toWellFormed());
    return text(`${line}${path.length > 300 ? '…' : ''}`, ...rest);
  };
}

const kindNames = { pipe: '管道', socket: '套接字', device: '设备' } as const;
