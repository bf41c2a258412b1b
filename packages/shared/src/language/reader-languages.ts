import type { Store } from '../store.ts';
import type { Language } from './language.ts';
import { languageOf } from './language.ts';

/** The table of ReaderLanguages. */
export const languageSchema = `
  -- The language that each reader last wrote in: a user, or a chat.
  CREATE TABLE reader_languages (
    reader TEXT PRIMARY KEY,
    language TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** LANGUAGE: `auto` is the language of the reader's last message. */
export type LanguageSetting = Language | 'auto';

/** Which language each reader is spoken to in; over restarts too. */
export class ReaderLanguages {
  readonly #store: Store;
  readonly #setting: LanguageSetting;
  /** As in the table. */
  readonly #stored = new Map<string, Language>();
  readonly #known: Map<string, Language>;

  constructor(store: Store, setting: LanguageSetting) {
    this.#store = store;
    this.#setting = setting;
    for (const { reader, language } of store.prepare('SELECT reader, language FROM reader_languages').all()) {
      // Written by `wrote`.
      this.#stored.set(String(reader), language as Language);
    }
    this.#known = new Map(this.#stored);
  }

  /** `reader` wrote this. For use inside `store.write`. */
  wrote(reader: string, message: string): void {
    if (this.#setting !== 'auto') return;
    const language = languageOf(message);
    if (language === undefined || (this.of(reader) === language && (this.#stored.get(reader) ?? 'en') === language)) {
      return;
    }
    this.#store
      .prepare(
        'INSERT INTO reader_languages (reader, language) VALUES (?, ?) ON CONFLICT DO UPDATE SET language = excluded.language',
      )
      .run(reader, language);
    // At once, and not with the commit: the answer in this very transaction is for that reader too.
    this.#known.set(reader, language);
    this.#store.afterCommit(() => this.#stored.set(reader, language));
  }

  of(reader: string): Language {
    if (this.#setting !== 'auto') return this.#setting;
    return this.#known.get(reader) ?? 'en';
  }
}
