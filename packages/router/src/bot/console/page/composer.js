/** Where the user writes. */
export class Composer {
  #text;
  #send;
  #onSay;

  /** @param {{ form: HTMLFormElement, text: HTMLTextAreaElement, send: HTMLButtonElement, onSay: (text: string) => void }} options */
  constructor({ form, text, send, onSay }) {
    this.#text = text;
    this.#send = send;
    this.#onSay = onSay;
    // On a phone's keyboard Enter is the only way to a new line, and the button is under the thumb.
    const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)').matches;
    if (hasKeyboard) text.placeholder = 'Message – Shift+Enter for a new line';
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

  #say() {
    const text = this.#text.value.trim();
    if (text === '') return;
    this.#text.value = '';
    this.#fit();
    this.#onSay(text);
  }

  #fit() {
    this.#send.disabled = this.#text.value.trim() === '';
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
