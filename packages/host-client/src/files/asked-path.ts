import { posix, win32 } from 'node:path';
import { FileError } from './file-error.ts';
import { filesTexts } from './files-texts.ts';

/** Names that open a device on Windows, in every folder and with every extension. */
const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)\s*(\.|$)/i;

/**
 * A path as a model writes it, made absolute: relative to `folder`, with `~` for the home, with spaces around it. It may
 * still lead anywhere. Throws FileError for what is no name of a file.
 */
export function toAskedPath(
  text: string,
  { folder, home, platform }: { readonly folder: string; readonly home: string; readonly platform: NodeJS.Platform },
): string {
  if (text.includes('\0')) throw new FileError('unsupported', filesTexts.nul);
  const isWindows = platform === 'win32';
  const { resolve } = isWindows ? win32 : posix;
  const path = resolve(
    folder,
    text.trim().replace(isWindows ? /^~(?=$|[/\\])/ : /^~(?=$|\/)/, () => home),
  );
  if (isWindows && isNoFileOfWindows(path)) throw new FileError('unsupported', filesTexts.notAFileName(text));
  return path;
}

/** A device, or a stream hidden behind a file: `notes.txt:hidden`. */
function isNoFileOfWindows(path: string): boolean {
  const { root } = win32.parse(path);
  const names = path.slice(root.length).split('\\');
  return names.some((name) => name.includes(':') || windowsDevice.test(name));
}
