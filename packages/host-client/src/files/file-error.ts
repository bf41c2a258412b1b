import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { filesTexts } from './files-texts.ts';

export type FileErrorCode =
  | 'unsupported'
  | 'outside'
  | 'private'
  | 'missing'
  | 'not_a_file'
  | 'not_a_folder'
  | 'special'
  | 'no_access'
  | 'changed'
  | 'binary'
  | 'too_far'
  | 'too_large'
  | 'no_search'
  | 'failed';

/** A file or folder that was not opened, read or searched; `said` is a sentence for the user. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: FileErrorCode;
  readonly said: Said;
  constructor(code: FileErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}

/** What the operating system said about `asked`, a path as the user wrote it. */
export function toFileError(cause: unknown, asked: string): FileError {
  if (cause instanceof FileError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FileError('missing', filesTexts.missing(asked), { cause });
    case 'EACCES':
    case 'EPERM':
      return new FileError('no_access', filesTexts.noAccess(asked), { cause });
    case 'ENAMETOOLONG':
      return new FileError('unsupported', filesTexts.nameTooLong, { cause });
    default:
      return new FileError('failed', filesTexts.failed(asked, code), { cause });
  }
}
