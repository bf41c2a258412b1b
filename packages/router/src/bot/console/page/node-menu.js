/** @import { NodeState } from '../frames.ts' */
/** @import { PageLanguage } from './page-language.js' */
import { createElement } from './create-element.js';
import { nodeName, nodeView } from './node-view.js';

/** The user's machines: in a line at the top, and with their sessions in a list that a tap on the line opens. */
export class NodeMenu {
  #elements;
  #language;
  #onSay;
  /** @type {readonly NodeState[]} */
  #nodes = [];

  /**
   * @param {{
   *   button: HTMLButtonElement,
   *   summary: HTMLElement,
   *   list: HTMLElement,
   *   language: PageLanguage,
   *   onSay: (texts: readonly string[]) => void,
   * }} options `onSay` gets what the user could have typed instead of a tap
   */
  constructor({ language, onSay, ...elements }) {
    this.#elements = elements;
    this.#language = language;
    this.#onSay = onSay;
    const { button, list } = elements;
    button.addEventListener('click', () => this.#open(button.ariaExpanded !== 'true'));
    for (const element of [button, list]) {
      element.addEventListener('keydown', ({ key }) => {
        if (key !== 'Escape' || list.hidden) return;
        this.#open(false);
        button.focus();
      });
    }
    language.follow(() => this.show(this.#nodes));
  }

  /** @param {readonly NodeState[]} nodes */
  show(nodes) {
    this.#nodes = nodes.toSorted((a, b) => Number(b.online) - Number(a.online));
    const { button, summary } = this.#elements;
    const { texts } = this.#language;
    const isNoneOnline = !nodes.some(({ online }) => online);
    summary.replaceChildren(
      ...(isNoneOnline ? [createElement('span', { class: 'none' }, [texts.noMachine])] : []),
      ...this.#nodes.map((node) => nodeName(node, texts)),
    );
    button.disabled = nodes.length === 0;
    if (button.disabled) this.#open(false);
    this.#showList();
  }

  #showList() {
    const { list } = this.#elements;
    const { texts } = this.#language;
    const buttons = () => [...list.querySelectorAll('button')];
    const focused = buttons().findIndex((button) => button.matches(':focus'));
    const isOnly = this.#nodes.length === 1;
    const onSay = (/** @type {readonly string[]} */ said) => {
      this.#open(false);
      this.#onSay(said);
    };
    list.replaceChildren(...this.#nodes.map((node) => nodeView(node, { texts, isOnly, onSay })));
    buttons()[focused]?.focus();
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    const { button, list } = this.#elements;
    list.hidden = !isOpen;
    button.ariaExpanded = String(isOpen);
  }
}
