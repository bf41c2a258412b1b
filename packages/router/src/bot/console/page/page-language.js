/** @import { Language, PageTexts } from './texts.js' */
import { pageTexts } from './texts.js';

/** The language that the page is written in. */
export class PageLanguage {
  /** @type {Language | undefined} what its address asks for, which counts more than what the router says */
  #asked;
  /** @type {Language} */
  #preferred;
  /** @type {Language} */
  #language;
  /** @type {(() => void)[]} */
  #followers = [];

  /**
   * @param {{ asked: string | null, preferred: string }} options `preferred` is a language tag such as `zh-CN`, used
   *   where neither the address nor the router says anything else
   */
  constructor({ asked, preferred }) {
    this.#asked = asked === 'en' || asked === 'zh' ? asked : undefined;
    this.#preferred = /^zh\b/i.test(preferred) ? 'zh' : 'en';
    this.#language = this.#asked ?? this.#preferred;
  }

  /** @returns {PageTexts} */
  get texts() {
    return pageTexts[this.#language];
  }

  /** As an attribute `lang` has it. */
  get tag() {
    return this.#language === 'zh' ? 'zh-CN' : 'en';
  }

  /**
   * Calls `listener` now, and whenever the language has become another one.
   *
   * @param {() => void} listener
   */
  follow(listener) {
    this.#followers.push(listener);
    listener();
  }

  /** @param {'auto' | Language} setting what the router says */
  choose(setting) {
    const language = this.#asked ?? (setting === 'auto' ? this.#preferred : setting);
    if (language === this.#language) return;
    this.#language = language;
    for (const listener of this.#followers) listener();
  }

  /**
   * Writes the texts that stand in index.html by name: `data-text`, and `data-label` for what is only spoken.
   *
   * @param {ParentNode} root
   */
  writeInto(root) {
    for (const element of root.querySelectorAll('[data-text]')) element.textContent = this.#named(element, 'data-text');
    for (const element of root.querySelectorAll('[data-label]')) {
      element.setAttribute('aria-label', this.#named(element, 'data-label'));
    }
  }

  /** @param {number} at ms since the epoch */
  timeText(at) {
    return new Intl.DateTimeFormat(this.tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  }

  /** @param {number} at ms since the epoch */
  dayText(at) {
    if (new Date(at).toDateString() === new Date().toDateString()) return this.texts.today;
    return new Intl.DateTimeFormat(this.tag, { weekday: 'long', day: 'numeric', month: 'long' }).format(at);
  }

  /**
   * @param {Element} element
   * @param {string} attribute
   */
  #named(element, attribute) {
    const name = element.getAttribute(attribute);
    const text = Object.entries(this.texts).find(([key]) => key === name)?.[1];
    if (typeof text !== 'string') throw new Error(`index.html asks for a text "${name}", which there is not`);
    return text;
  }
}
