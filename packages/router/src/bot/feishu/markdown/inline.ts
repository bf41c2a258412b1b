import { breakMentions } from '../neutralise.ts';

/**
 * The text of a paragraph such that Feishu shows what its author wrote: no tags, no mentions, no images (an unknown one
 * makes Feishu refuse the whole card), no links but to the web and to mail. `lessThan` stands for a `<` that could begin
 * a tag. Takes time linear in the text.
 */
export function escapeInline(text: string, lessThan: string): string {
  return new InlineEscaper(text, lessThan).escape();
}

/** Text that is to be shown as it is, in a line of Markdown. */
export function escapeLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[&<>*_~`[\]#|\\]/g, (character) => `&#${character.charCodeAt(0)};`);
}

type Bracket = {
  /** Where its `[` is in the output. */
  readonly token: number;
  /** Where its `[` is in the text. */
  readonly at: number;
  /** Nothing but marks of quotes and lists stands before it in its line: where the definition of a link may stand. */
  readonly isFirst: boolean;
  /** What keeps a link, or its label, apart from what stands before it: `!` or `]` would make it something else. */
  readonly gap: '' | ' ';
};

/** Longer marks of quotes and lists are not written before the definition of a link. */
const MAX_MARKS_CHARS = 40;

const webTarget = /^(?:https?:\/\/|mailto:)[^\s]+$/i;

class InlineEscaper {
  readonly #text: string;
  readonly #lessThan: string;
  readonly #tag = /<(?=[a-z/!?]|\s*(?:\/\s*)?at(?![a-z0-9]))/iy;
  readonly #autolink = /<((?:https?:\/\/|mailto:)[^\s<>]+)>/iy;
  readonly #lineBreak = /<br[ \t]*\/?>/iy;
  // One pair of parentheses may stand in a target.
  readonly #target =
    /\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/y;
  readonly #output: string[] = [];
  readonly #brackets: Bracket[] = [];
  /** Where runs of backticks stand, by their length, those behind the reading position last. */
  #backticks: ReadonlyMap<number, number[]> | undefined;
  #at = 0;
  #lineStart = 0;
  #isInAddress = false;
  /** Where the last link ends, in the text: none may hold another. */
  #linkAt = -1;
  #hasLooseBackticks = false;

  constructor(text: string, lessThan: string) {
    this.#text = text;
    this.#lessThan = lessThan;
  }

  escape(): string {
    while (this.#at < this.#text.length) {
      const end = endOfOrdinary(this.#text, this.#at);
      if (end > this.#at) this.#putOrdinary(this.#text.slice(this.#at, end), end);
      this.#escapeSpecial();
    }
    return this.#output.join('');
  }

  #escapeSpecial(): void {
    const special = this.#text[this.#at];
    if (special === '\n') this.#endLine();
    else if (special === '\\') this.#escapeBackslash();
    else if (special === '`') this.#escapeBackticks();
    else if (special === '<') this.#escapeLessThan();
    else if (special === ']') this.#endBracket();
    else if (special !== undefined) this.#beginBracket();
  }

  #putOrdinary(text: string, end: number): void {
    const blank = text.lastIndexOf(' ');
    if (blank !== -1) this.#isInAddress = false;
    this.#isInAddress ||= /:\/\/|www\./.test(text.slice(blank + 1));
    this.#put(text, end);
  }

  #endLine(): void {
    this.#put('\n', this.#at + 1);
    this.#lineStart = this.#at;
    this.#isInAddress = false;
  }

  #escapeBackslash(): void {
    const next = this.#text[this.#at + 1] ?? '';
    if (next === '<') this.#put(this.#lessThan, this.#at + 2);
    else this.#put(`\\${next === '\n' ? '' : next}`, this.#at + (next === '\n' ? 1 : 1 + next.length));
  }

  #escapeBackticks(): void {
    let end = this.#at;
    while (this.#text[end] === '`') end += 1;
    const length = end - this.#at;
    this.#backticks ??= findBackticks(this.#text);
    const ends = this.#backticks.get(length) ?? [];
    while ((ends.at(-1) ?? end) < end) ends.pop();
    const close = ends.at(-1);
    if (close === undefined) {
      this.#put(this.#text.slice(this.#at, end), end);
      this.#hasLooseBackticks = true;
    } else {
      // Whoever makes a link of a bare address takes the backtick behind it for a part of it.
      const gap = this.#isInAddress ? ' ' : '';
      // On lines of its own, code could begin something other than code.
      const code = breakMentions(this.#text.slice(this.#at, close + length)).replace(/\n(?:> )*/g, ' ');
      // Careless readers look for the end of a link first.
      const isUnsure = this.#brackets.length > 0 || this.#hasLooseBackticks;
      this.#put(gap + (isUnsure ? code.replaceAll('](', '] (') : code), close + length);
      this.#isInAddress = false;
    }
  }

  #escapeLessThan(): void {
    const address = this.#match(this.#autolink)?.[1];
    const lineBreak = this.#match(this.#lineBreak)?.[0];
    if (address !== undefined) {
      const target = encodeTarget(address);
      this.#putLink(`[${target}](${target})`, this.#at + address.length + 2);
    } else if (lineBreak !== undefined) {
      this.#put(' ', this.#at + lineBreak.length);
      this.#lineStart = this.#at;
    } else this.#put(this.#match(this.#tag) === null ? '<' : this.#lessThan, this.#at + 1);
  }

  #beginBracket(): void {
    const isImage = this.#text[this.#at] === '!';
    const at = isImage ? this.#at + 1 : this.#at;
    if (this.#text[at] === '[') {
      const gap = /[!\]]/.test(this.#text[this.#at - 1] ?? '') ? ' ' : '';
      this.#brackets.push({ token: this.#output.length, at, isFirst: this.#isFirst(at), gap });
      // Most readers know no image without a target, careless ones find one further on.
      this.#put(isImage ? '!\\[' : '[', at + 1);
    } else this.#put('!', at);
  }

  #isFirst(at: number): boolean {
    const before = at - this.#lineStart;
    return before <= MAX_MARKS_CHARS && /^[\s>*+.)\d![-]*$/.test(this.#text.slice(this.#lineStart, at));
  }

  #endBracket(): void {
    const bracket = this.#brackets.pop();
    const next = this.#text[this.#at + 1];
    const found = bracket && next === '(' ? this.#match(this.#target, this.#at + 1) : null;
    if (bracket && found) this.#endLink(bracket, found);
    // What looks like a link and is none to this reader must be none to Feishu's either.
    else if (next === '(') this.#put('] ', this.#at + 1);
    // Whatever a definition says, its name is not to be a link in another place.
    else if (next === ':' && bracket?.isFirst) this.#put('] ', this.#at + 1);
    else this.#put(']', this.#at + 1);
  }

  #endLink(bracket: Bracket, [whole, inBrackets, bare = '']: RegExpExecArray): void {
    const target = inBrackets ?? bare;
    const label = this.#text.slice(bracket.at + 1, this.#at).trim();
    const behind = this.#at + 1 + whole.length;
    const holdsLink = this.#linkAt > bracket.at;
    if (webTarget.test(target) && !holdsLink) {
      const encoded = encodeTarget(target);
      this.#output[bracket.token] = `${bracket.gap}[${label === '' ? encoded : ''}`;
      this.#putLink(`](${encoded})`, behind);
      return;
    }
    this.#output[bracket.token] = bracket.gap;
    const isSaid = target === '' || target === label || target.startsWith('#');
    // It is read as text from here on.
    if (isSaid) this.#put(label === '' ? ' ' : '', behind);
    else this.#put(' (', this.#at + 2);
  }

  #putLink(output: string, next: number): void {
    this.#linkAt = this.#at;
    this.#put(output, next);
    this.#isInAddress = true;
  }

  #match(pattern: RegExp, at = this.#at): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  /** Goes on at `next`. */
  #put(output: string, next: number): void {
    this.#output.push(output);
    this.#at = next;
  }
}

const specials = new Set(Array.from('\n\\`<]![', (special) => special.charCodeAt(0)));

/** A loop, since a pattern takes five times as long where there are many. */
function endOfOrdinary(text: string, start: number): number {
  let at = start;
  while (at < text.length && !specials.has(text.charCodeAt(at))) at += 1;
  return at;
}

function findBackticks(text: string): ReadonlyMap<number, number[]> {
  const found = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const positions = found.get(run.length);
    if (positions === undefined) found.set(run.length, [index]);
    else positions.push(index);
  }
  for (const positions of found.values()) positions.reverse();
  return found;
}

/** What would end a target, or begin a tag in it. */
function encodeTarget(target: string): string {
  return target.replace(/[<>()[\]\\]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
