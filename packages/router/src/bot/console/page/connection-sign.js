/** @import { ConnectionState } from './connection.js' */
/** @import { PageLanguage } from './page-language.js' */

/** Says at the top of the page whether the router is reached. */
export class ConnectionSign {
  #element;
  #language;
  /** @type {ConnectionState} */
  #state = 'connecting';

  /**
   * @param {HTMLElement} element a live region
   * @param {PageLanguage} language
   */
  constructor(element, language) {
    this.#element = element;
    this.#language = language;
    language.follow(() => this.show(this.#state));
  }

  /** @param {ConnectionState} state */
  show(state) {
    const { connecting, connected, reconnecting, signedOut } = this.#language.texts;
    const words = { connecting, open: connected, reconnecting, 'signed-out': signedOut };
    this.#state = state;
    this.#element.dataset.state = state;
    this.#element.textContent = words[state];
  }
}
