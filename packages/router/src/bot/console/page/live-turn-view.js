/** @import { LiveTurn } from '../frames.ts' */
/** @import { PageLanguage } from './page-language.js' */
import { createElement } from './create-element.js';
import { durationText } from './duration.js';
import { renderMarkdown } from './markdown.js';

/** A turn that runs: its text so far, what it does, for how long, and a button that ends it. */
export class LiveTurnView {
  element;
  #language;
  #text = createElement('div', { class: 'markdown' });
  #status = createElement('p', { class: 'status' });
  #stop;
  /** @type {LiveTurn} */
  #turn;

  /**
   * @param {LiveTurn} turn
   * @param {{ language: PageLanguage, onStop: () => void }} options
   */
  constructor(turn, { language, onStop }) {
    this.#turn = turn;
    this.#language = language;
    this.#stop = createElement('button', { type: 'button', class: 'stop' }, [language.texts.stop]);
    this.#stop.addEventListener('click', onStop);
    const foot = createElement('div', { class: 'live-foot' }, [this.#status, this.#stop]);
    const bubble = createElement('div', { class: 'bubble' }, [this.#text, foot]);
    // Its growing is not read aloud; the answer is, when it is there.
    const attributes = { class: 'message bot live', 'aria-label': 'PhoneWork', 'aria-live': 'off' };
    this.element = createElement('article', attributes, [bubble]);
    this.#write();
  }

  /** @param {LiveTurn} turn its newest state */
  update(turn) {
    const earlier = this.#turn;
    this.#turn = turn;
    // The rest stays as it is: a tap on the button must not fall between two of them.
    if (turn.text !== earlier.text) this.#write();
  }

  /** @param {number} now ms since the epoch, by the router's clock */
  tick(now) {
    const { step = this.#language.texts.step, startedAt } = this.#turn;
    this.#status.replaceChildren(
      createElement('span', { class: 'step' }, [`⏳ ${step}`]),
      createElement('span', { class: 'elapsed' }, [` · ${durationText(now - startedAt)}`]),
    );
  }

  /** @param {{ isConnected: boolean, isPressed: boolean }} state */
  showButton({ isConnected, isPressed }) {
    // Not `disabled`, which would take the focus from who presses with the keyboard, and not give it back.
    this.#stop.ariaDisabled = String(isPressed || !isConnected);
  }

  #write() {
    this.#text.replaceChildren(renderMarkdown(this.#turn.text, this.#language.texts));
  }
}
