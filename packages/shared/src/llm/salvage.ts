import type { ToolSpec } from './llm.ts';
import type { TextToolCall } from './tool-call-text.ts';
import { closeTag, endsInsideValue, openTag, parseToolCallText } from './tool-call-text.ts';

export type Salvaged = {
  /** What the user may read. */
  readonly text: string;
  readonly toolCalls: readonly TextToolCall[];
  /** A tool call was there that can't be understood. */
  readonly malformed: boolean;
};

/** How much is held back at most to find out what a line or a code span is. */
const maxHeld = 1000;

/**
 * Takes tool calls that a model wrote as text out of its answer, while it streams: nothing that could be the beginning
 * of one is shown. What stands in a Markdown code fence or code span is the answer to the user, and stays.
 */
export class Salvage {
  readonly #offered: readonly ToolSpec[];
  readonly #toolCalls: TextToolCall[] = [];
  #mode: 'text' | 'fence' | 'call' = 'text';
  /** Not judged yet. */
  #held = '';
  #atLineStart = true;
  /** The backticks or tildes that opened the fence. */
  #fence = '';
  /** What has come of an open tool call, and the end of it, in which a closing tag may have begun. */
  #call: string[] = [];
  #callEnd = '';
  #visible = '';
  #malformed = false;

  constructor(offered: readonly ToolSpec[]) {
    this.#offered = offered;
  }

  /** The whole visible text so far. */
  get visible(): string {
    return this.#visible;
  }

  add(piece: string): void {
    this.#held += piece;
    this.#judge(false);
  }

  /** `cut`: the model was stopped by its limit, so that what is open now is incomplete. */
  end({ cut }: { readonly cut: boolean }): Salvaged {
    this.#judge(true);
    if (this.#mode === 'call') {
      const text = this.#call.join('');
      // The closing tag is sometimes missing; a value that breaks off must never run.
      this.#take(cut || endsInsideValue(text) ? undefined : text);
    }
    return { text: this.#visible.trimEnd(), toolCalls: this.#toolCalls, malformed: this.#malformed };
  }

  #judge(last: boolean): void {
    let moved = true;
    while (moved && this.#held !== '') {
      switch (this.#mode) {
        case 'text':
          moved = this.#judgeText(last);
          break;
        case 'fence':
          moved = this.#judgeFence(last);
          break;
        case 'call':
          moved = this.#judgeCall();
      }
    }
  }

  #judgeText(last: boolean): boolean {
    if (this.#atLineStart) {
      const opening = /^[ \t>]*(?:(`{3,})[^`\n]*|(~{3,})[^\n]*)\n/.exec(this.#held);
      if (opening !== null) {
        this.#fence = opening[1] ?? opening[2] ?? '';
        this.#mode = 'fence';
        this.#show(opening[0].length);
        return true;
      }
      if (/^[ \t>]*(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)$/.test(this.#held) && this.#mayHold(last)) return false;
      this.#atLineStart = false;
    }
    const special = this.#held.search(/[`<\n]/);
    if (special !== 0) {
      this.#show(special === -1 ? this.#held.length : special);
      return true;
    }
    if (this.#held.startsWith('`')) return this.#judgeCodeSpan(last);
    if (this.#held.startsWith('<')) return this.#judgeTag(last);
    this.#show(1);
    this.#atLineStart = true;
    return true;
  }

  #judgeTag(last: boolean): boolean {
    if (this.#held.startsWith(openTag)) {
      this.#held = this.#held.slice(openTag.length);
      this.#mode = 'call';
      return true;
    }
    if (openTag.startsWith(this.#held) && !last) return false;
    this.#show(1);
    return true;
  }

  /** A code span is closed by as many backticks as opened it, on the same line; else they are just characters. */
  #judgeCodeSpan(last: boolean): boolean {
    const line = this.#held.slice(0, maxHeld).split('\n', 1)[0] ?? '';
    const [opening, ...others] = [...line.matchAll(/`+/g)];
    const openingLength = opening?.[0].length ?? 1;
    const lineGoesOn = line.length === this.#held.length;
    const closing = others.find((run) => run[0].length === openingLength);
    const end = closing === undefined ? undefined : closing.index + openingLength;
    // A run at the very end may grow yet.
    const undecided = end === undefined || end === this.#held.length;
    if (undecided && lineGoesOn && this.#mayHold(last)) return false;
    this.#show(end ?? openingLength);
    return true;
  }

  #judgeFence(last: boolean): boolean {
    const lineEnd = this.#held.indexOf('\n');
    if (lineEnd === -1 && this.#atLineStart && this.#mayHold(last)) return false;
    const line = lineEnd === -1 ? this.#held : this.#held.slice(0, lineEnd);
    if (this.#atLineStart && isClosingFence(line, this.#fence)) this.#mode = 'text';
    this.#show(lineEnd === -1 ? line.length : lineEnd + 1);
    this.#atLineStart = lineEnd !== -1;
    return true;
  }

  #judgeCall(): boolean {
    // Only where the end of what has come and the new piece meet is searched: a call may be a megabyte long.
    const window = this.#callEnd + this.#held;
    const before = this.#callEnd.length;
    this.#callEnd = window.slice(-(closeTag.length - 1));
    const at = window.indexOf(closeTag);
    if (at === -1) {
      this.#call.push(this.#held);
      this.#held = '';
      return false;
    }
    const end = at + closeTag.length - before;
    const soFar = this.#call.join('') + this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    const text = soFar.slice(0, -closeTag.length);
    if (endsInsideValue(text)) {
      this.#call = [soFar];
      this.#callEnd = '';
    } else {
      this.#take(text);
    }
    return true;
  }

  /** Ends the open call; undefined for one that is incomplete. */
  #take(text: string | undefined): void {
    const calls = text === undefined ? undefined : parseToolCallText(text, this.#offered);
    if (calls === undefined) this.#malformed = true;
    else this.#toolCalls.push(...calls);
    this.#call = [];
    this.#callEnd = '';
    this.#mode = 'text';
  }

  #mayHold(last: boolean): boolean {
    return !last && this.#held.length < maxHeld;
  }

  #show(length: number): void {
    const piece = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#visible += this.#visible === '' ? piece.trimStart() : piece;
  }
}

function isClosingFence(line: string, fence: string): boolean {
  const run = line.replace(/^[ \t>]*/, '').trimEnd();
  return run.length >= fence.length && run === fence.charAt(0).repeat(run.length);
}
