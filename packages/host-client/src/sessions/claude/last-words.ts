import type { Text } from '@phonework/shared/language';
import { toPlainText } from '@phonework/shared/terminal-text';
import type { ProcessEnd } from '../line-process.ts';
import { claudeTexts, toReason } from './claude-texts.ts';

const maxLineLength = 2_000;

/** What a process wrote that is no message: where it dies, that may say why. */
export class LastWords {
  #complaint: string | undefined;

  /** Returns the line as a person can read it; undefined where nothing is left then. */
  take(line: string): string | undefined {
    const text = toPlainText(line.slice(0, maxLineLength));
    if (text.trim() === '') return undefined;
    // Neither the indented lines of a stack nor a message that we can't read is what a person would look for.
    if (!/^[\s{]/.test(text)) this.#complaint = text;
    return text;
  }

  /** Why it has ended, as far as it said so: part of a sentence. */
  reason({ code, signal }: ProcessEnd): Text {
    const how = signal === undefined ? claudeTexts.exitCode(code) : claudeTexts.signal(signal);
    return this.#complaint === undefined ? how : claudeTexts.exitReason(how, toReason(this.#complaint));
  }
}
