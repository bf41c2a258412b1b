import type { Text } from '@phonework/shared/language';
import { newSessionTexts as texts } from './new-session-texts.ts';

/** What `/new` asks for. */
export type NewSessionRequest = {
  /** A name or a path, as it was written. */
  readonly path?: string;
  readonly timeoutS?: number;
  /** Byte for byte as it was written. */
  readonly prompt?: string;
};

/** A sentence that says how to write it. */
export type NewSessionUsage = { readonly usage: Text };

const maxTimeoutS = 86_400;

/** Before the colon. More is a prompt whose colon was forgotten. */
const maxWords = 10;

/** What a phone's keyboard makes of two hyphens, too. */
const flagStart = /^(?:--|[—–])(?=\p{L})/u;

/** Reads what stands after `/new`: `[name or path] [--timeout N][: first prompt]`. */
export function parseNewSession(argument: string): NewSessionRequest | NewSessionUsage {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(argument.slice(at))?.[0].length ?? 0;
    const rest = argument.slice(at);
    if (rest === '') return toRequest(words, undefined);
    if (isColon(rest[0])) return toRequest(words, rest.slice(1));
    const word = readWord(rest);
    if (word === undefined) return { usage: texts.openQuote };
    words.push(word);
    if (words.length > maxWords) return { usage: texts.usage };
    at += word.length;
  }
}

type Word = {
  readonly text: string;
  readonly isQuoted: boolean;
  /** In the source, with its quotes. */
  readonly length: number;
};

/** The word that `text` begins with; undefined when its quote does not end. */
function readWord(text: string): Word | undefined {
  const quoted = /^(?:"([^"]*)"|'([^']*)'|[“”]([^“”]*)[“”]|‘([^‘’]*)’)/.exec(text);
  if (quoted !== null) {
    const [whole, ...groups] = quoted;
    return { text: groups.find((group) => group !== undefined) ?? '', isQuoted: true, length: whole.length };
  }
  if (/^["'“‘]/.test(text)) return undefined;
  // The colon of a drive (C:\x) ends no word.
  const [word = ''] = /^(?:[A-Za-z]:(?=[\\/]))?[^\s:：]*/.exec(text) ?? [];
  return { text: word, isQuoted: false, length: word.length };
}

function toRequest(words: readonly Word[], written: string | undefined): NewSessionRequest | NewSessionUsage {
  const flags = readFlags(words);
  if ('usage' in flags) return flags;
  const { timeoutS, others } = flags;
  const [path, second] = others;
  if (path !== undefined && second !== undefined) return { usage: texts.twoNames(path, second) };
  if (path === '') return { usage: texts.noName };
  const prompt = written?.replace(/^ /, '');
  return {
    ...(path !== undefined && { path }),
    ...(timeoutS !== undefined && { timeoutS }),
    ...(prompt !== undefined && prompt.trim() !== '' && { prompt }),
  };
}

function readFlags(
  words: readonly Word[],
): NewSessionUsage | { readonly timeoutS?: number; readonly others: readonly string[] } {
  const others: string[] = [];
  let timeoutS: number | undefined;
  const left = words.values();
  for (const { text, isQuoted } of left) {
    if (isQuoted || !flagStart.test(text)) {
      others.push(text);
      continue;
    }
    const { name, value = left.next().value?.text } = readFlag(text);
    if (name !== 'timeout') return { usage: texts.unknownFlag(`--${name}`) };
    if (value === undefined) return { usage: texts.noTimeout };
    timeoutS = toSeconds(value);
    if (timeoutS === undefined) return { usage: texts.timeout(value) };
  }
  return { ...(timeoutS !== undefined && { timeoutS }), others };
}

/** `--timeout` or `--timeout=120`. */
function readFlag(word: string): { readonly name: string; readonly value?: string } {
  const [name = '', value] = word.replace(flagStart, '').split('=', 2);
  return { name: name.toLowerCase(), ...(value !== undefined && { value }) };
}

function toSeconds(text: string): number | undefined {
  const written = text.normalize('NFKC');
  const seconds = Number(written);
  return /^\d{1,5}$/.test(written) && seconds >= 1 && seconds <= maxTimeoutS ? seconds : undefined;
}

function isColon(character: string | undefined): boolean {
  return character === ':' || character === '：';
}
