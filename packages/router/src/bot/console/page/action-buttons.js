/** @import { MessageAction } from '../../chat-channel.ts' */
/** @import { PageLanguage } from './page-language.js' */
import { createElement } from './create-element.js';

/** The buttons under messages. A message takes one press at a time, and none while the router is not reached. */
export class ActionButtons {
  #messages;
  #language;
  #onPress;
  #isConnected = false;
  /** @type {Set<string>} ids of messages with a press that has no outcome yet */
  #pressed = new Set();

  /**
   * @param {{
   *   messages: HTMLElement,
   *   language: PageLanguage,
   *   onPress: (messageId: string, actionId: string) => void,
   * }} options `messages` is what the messages are shown in
   */
  constructor({ messages, language, onPress }) {
    this.#messages = messages;
    this.#language = language;
    this.#onPress = onPress;
  }

  /**
   * The buttons of one message.
   *
   * @param {string} messageId
   * @param {readonly MessageAction[]} actions
   */
  view(messageId, actions) {
    const noteId = `note-${messageId}`;
    const buttons = actions.map(({ id, label, style }) => {
      const button = createElement('button', { type: 'button', class: style }, [label]);
      button.addEventListener('click', () => this.#press(messageId, id, button));
      return button;
    });
    // The state of the connection is read aloud by the status bar, once and not for each message with buttons.
    const note = createElement('p', { id: noteId, 'aria-live': 'off' });
    const group = createElement(
      'div',
      {
        class: 'actions',
        role: 'group',
        'aria-label': this.#language.texts.choices,
        'aria-describedby': noteId,
        'data-message': messageId,
      },
      [...buttons, note],
    );
    this.#refresh(group);
    return group;
  }

  /** @param {boolean} isConnected */
  setConnected(isConnected) {
    this.#isConnected = isConnected;
    // Whether a press arrived is not known then. It may be made again: the router tells a repeat.
    if (!isConnected) this.#pressed.clear();
    this.#refreshAll();
  }

  /** @param {string} messageId of a message whose press has its outcome */
  release(messageId) {
    this.#pressed.delete(messageId);
    this.#refreshAll();
  }

  /**
   * @param {string} messageId
   * @param {string} actionId
   * @param {HTMLElement} button
   */
  #press(messageId, actionId, button) {
    if (!this.#isConnected || this.#pressed.has(messageId)) return;
    this.#pressed.add(messageId);
    button.classList.add('pressed');
    this.#refreshAll();
    this.#onPress(messageId, actionId);
  }

  #refreshAll() {
    for (const group of this.#messages.querySelectorAll('.actions')) this.#refresh(group);
  }

  /** @param {Element} group */
  #refresh(group) {
    const isPressed = this.#pressed.has(group.getAttribute('data-message') ?? '');
    const note = group.querySelector('p');
    if (note !== null) note.textContent = this.#isConnected ? '' : this.#language.texts.notConnected;
    for (const button of group.querySelectorAll('button')) {
      // Not `disabled`, which would take the focus from who presses with the keyboard, and not give it back.
      button.ariaDisabled = String(isPressed || !this.#isConnected);
      if (!isPressed) button.classList.remove('pressed');
    }
  }
}
