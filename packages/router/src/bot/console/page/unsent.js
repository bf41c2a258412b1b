/** @import { AttachedFile } from './attached-files.js' */
/** @typedef {{ readonly id: string, readonly text: string, readonly files: readonly AttachedFile[], readonly at: number }} UnsentMessage */

const key = 'phonework.unsent';

/** What the user said and the router has not stored yet; it survives a reload of the page. */
export class Unsent {
  /** @type {Map<string, UnsentMessage>} */
  #messages = new Map();

  constructor() {
    try {
      /** @type {UnsentMessage[]} */
      const stored = JSON.parse(sessionStorage.getItem(key) ?? '[]');
      // An earlier version of the page kept no files.
      for (const message of stored) this.#messages.set(message.id, { ...message, files: message.files ?? [] });
    } catch {
      // Only this page writes it. Without it (storage is off, or full) there is nothing to say again.
      this.#messages.clear();
    }
  }

  /** @returns {readonly UnsentMessage[]} oldest first */
  all() {
    return [...this.#messages.values()];
  }

  /** @param {string} id */
  find(id) {
    return this.#messages.get(id);
  }

  /** @param {UnsentMessage} message */
  add(message) {
    this.#messages.set(message.id, message);
    this.#keep();
  }

  /** @param {string} id */
  remove(id) {
    if (this.#messages.delete(id)) this.#keep();
  }

  #keep() {
    try {
      sessionStorage.setItem(key, JSON.stringify(this.all()));
    } catch {
      // Full: what is unsent is lost with this page, and stays on it until then.
    }
  }
}
