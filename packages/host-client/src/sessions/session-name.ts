import { nearest } from '@phonework/shared/nearest';
import { headOf } from '../texts/cut.ts';

const maxName = 40;

/** Where a folder's name has nothing that a person could type. */
const namelessFolder = 'session';

/** A name for a session in `folder`, such as `todo_app`: one that none of `taken` has, in any case of letters. */
export function sessionName(folder: string, taken: Iterable<string>): string {
  const used = new Set(Array.from(taken, fold));
  const name = nameOf(folder);
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? '' : `-${number}`;
    const unique = headOf(name, maxName - end.length) + end;
    if (!used.has(fold(unique))) return unique;
  }
}

export type FoundSession<T> =
  | { readonly kind: 'found'; readonly session: T }
  /** `nearest` is the name that was perhaps meant. */
  | { readonly kind: 'none'; readonly nearest?: string }
  | { readonly kind: 'several'; readonly sessions: readonly T[] };

/**
 * The session that a person means by `text`: its number in the list that they saw last (`listed`: ids, the first is 1;
 * absent: the order of `sessions`), its id, its name, or the beginning of its name.
 */
export function findSession<T extends { readonly id: string; readonly name: string }>(
  sessions: readonly T[],
  text: string,
  listed: readonly string[] = sessions.map(({ id }) => id),
): FoundSession<T> {
  const wanted = fold(text.trim()).replace(/^#(?=\d)/, '');
  if (wanted === '') return { kind: 'none' };
  const numbered = /^\d{1,4}$/.test(wanted) ? listed[Number(wanted) - 1] : undefined;
  const exact =
    sessions.find(({ id }) => id === numbered) ??
    sessions.find(({ id }) => id === wanted) ??
    sessions.find(({ name }) => fold(name) === wanted);
  if (exact !== undefined) return { kind: 'found', session: exact };
  const [first, ...others] = sessions.filter(({ name }) => fold(name).startsWith(wanted));
  if (first === undefined) {
    const meant = nearest(
      wanted,
      sessions.map(({ name }) => name),
    );
    return { kind: 'none', ...(meant !== undefined && { nearest: meant }) };
  }
  return others.length === 0 ? { kind: 'found', session: first } : { kind: 'several', sessions: [first, ...others] };
}

function nameOf(folder: string): string {
  const [last = ''] = folder
    .split(/[/\\]+/)
    .filter((part) => part !== '')
    .slice(-1);
  const name = last
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}_.-]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  return /^[.-]*$/.test(name) ? namelessFolder : headOf(name, maxName);
}

/** Two texts that a person takes for the same are the same. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
