/** @import { AttachedFile, AttachedFiles } from './attached-files.js' */
/** @import { PageLanguage } from './page-language.js' */

/** Where the user writes. */
export class Composer {
  #text;
  #send;
  #files;
  #onSay;

  /**
   * @param {{
   *   form: HTMLFormElement,
   *   text: HTMLTextAreaElement,
   *   send: HTMLButtonElement,
   *   files: AttachedFiles,
   *   language: PageLanguage,
   *   onSay: (text: string, files: readonly AttachedFile[]) => void,
   * }} options
   */
  constructor({ form, text, send, files, language, onSay }) {
    this.#text = text;
    this.#send = send;
    this.#files = files;
    this.#onSay = onSay;
    // On a phone's keyboard Enter is the only way to a new line, and the button is under the thumb.
    const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)').matches;
    language.follow(() => {
      text.placeholder = hasKeyboard ? language.texts.messageWithKeyboard : language.texts.message;
    });
    text.addEventListener('input', () => this.#fit());
    text.addEventListener('keydown', (event) => {
      // While a Chinese word is being composed, Enter takes the word.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !hasKeyboard) return;
      event.preventDefault();
      this.#say();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say();
      text.focus();
    });
    this.#fit();
    if (hasKeyboard) text.focus();
  }

  /** To be told when what is attached has changed. */
  filesChanged() {
    this.#send.disabled = !this.#canSay;
  }

  /** A file that is still on its way would be left out. */
  get #canSay() {
    return !this.#files.areComing && (this.#files.areReady || this.#text.value.trim() !== '');
  }

  #say() {
    if (!this.#canSay) return;
    const text = this.#text.value.trim();
    this.#text.value = '';
    const files = this.#files.take();
    this.#fit();
    this.#onSay(text, files);
  }

  #fit() {
    this.#send.disabled = !this.#canSay;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
