/** @import { ActionOutcome } from '../../chat-channel.ts' */

const shownMs = 6000;

/** A sentence that comes, is read aloud, and goes. */
export class Toast {
  #element;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} element a live region */
  constructor(element) {
    this.#element = element;
  }

  /**
   * @param {ActionOutcome['kind']} kind
   * @param {string} text
   */
  show(kind, text) {
    clearTimeout(this.#timer);
    this.#element.dataset.kind = kind;
    this.#element.textContent = text;
    this.#timer = setTimeout(() => this.hide(), shownMs);
  }

  /** The same sentence is read aloud again only after this. */
  hide() {
    clearTimeout(this.#timer);
    this.#element.textContent = '';
  }
}
