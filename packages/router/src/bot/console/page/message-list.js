/** @import { ConsoleMessage } from '../frames.ts' */
/** @import { ActionButtons } from './action-buttons.js' */
/** @import { AttachedFile } from './attached-files.js' */
/** @import { Delivery } from './message-view.js' */
/** @import { PageLanguage } from './page-language.js' */
import { dayView, messageView, ownMessageView } from './message-view.js';

/** What a phone can scroll through without effort; older messages leave the page. */
const maxViews = 500;
/** How near to the end counts as reading the end, in px. */
const nearEnd = 60;

/** The conversation on the page: each message once, the newest in view unless the reader went back. */
export class MessageList {
  #elements;
  #parts;
  /** Seq of the newest message here. */
  newestSeq = 0;
  /** @type {Map<string, HTMLElement>} by message id */
  #views = new Map();
  /** @type {Set<string>} ids of messages that wait for the first word of an answer */
  #waiting = new Set();
  /** @type {Set<string>} ids of messages that have their answer */
  #answered = new Set();
  #lastDay = '';
  #atEnd = true;
  /** Where the reader was last, px. */
  #top = 0;

  /**
   * @param {{
   *   buttons: ActionButtons,
   *   language: PageLanguage,
   *   scroller: HTMLElement,
   *   messages: HTMLElement,
   *   typing: HTMLElement,
   *   greeting: HTMLElement,
   *   newest: HTMLElement,
   * }} options
   */
  constructor({ buttons, language, ...elements }) {
    this.#parts = { buttons, language };
    this.#elements = elements;
    const { scroller, newest } = elements;
    scroller.addEventListener('scroll', () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      const isNearEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
      // What grows below, such as an image that has come, takes nobody away from the end: only going back does.
      if (isNearEnd || scrollTop < this.#top) this.#atEnd = isNearEnd;
      this.#top = scrollTop;
      if (this.#atEnd) newest.hidden = true;
    });
    newest.addEventListener('click', () => this.#scrollToEnd());
    // The keyboard of a phone takes half of the page, messages grow: what was in view at the end stays there.
    const observer = new ResizeObserver(() => {
      if (this.#atEnd) this.#scrollToEnd();
    });
    observer.observe(scroller);
    observer.observe(elements.messages);
  }

  /** @param {readonly ConsoleMessage[]} messages */
  replaceAll(messages) {
    this.#elements.messages.replaceChildren();
    this.#views.clear();
    this.#waiting.clear();
    this.#answered.clear();
    this.#lastDay = '';
    this.newestSeq = 0;
    this.addAll(messages);
    this.#scrollToEnd();
  }

  /**
   * Messages of the past, which are not read aloud.
   *
   * @param {readonly ConsoleMessage[]} messages
   */
  addAll(messages) {
    this.#elements.messages.setAttribute('aria-busy', 'true');
    for (const message of messages) this.add(message);
    this.#elements.messages.removeAttribute('aria-busy');
    this.#changed();
  }

  /** @param {ConsoleMessage} message */
  add(message) {
    if (message.seq <= this.newestSeq) return;
    this.newestSeq = message.seq;
    if (message.author === 'bot') this.#endWaiting(message.replyTo);
    this.#put(message.id, message.at, messageView(message, this.#parts));
    if (message.author === 'bot' && !this.#atEnd) this.#elements.newest.hidden = false;
  }

  /**
   * A message that was there before; nothing happens when it is no longer on the page.
   *
   * @param {ConsoleMessage} message
   */
  update(message) {
    const earlier = this.#views.get(message.id);
    if (earlier === undefined) return;
    const hadFocus = earlier.contains(document.activeElement);
    const view = messageView(message, this.#parts);
    this.#put(message.id, message.at, view);
    if (!hadFocus) return;
    // The button that was pressed is gone; with the keyboard one goes on from here.
    view.tabIndex = -1;
    view.focus({ preventScroll: true });
  }

  /**
   * A message that was said on this page.
   *
   * @param {{ readonly id: string, readonly text: string, readonly files: readonly AttachedFile[], readonly at: number }} message
   * @param {Delivery} delivery
   * @param {() => void} [retry]
   */
  showOwn(message, delivery, retry) {
    const isNew = !this.#views.has(message.id);
    this.#put(message.id, message.at, ownMessageView(message, delivery, { language: this.#parts.language, retry }));
    if (isNew) this.#scrollToEnd();
  }

  /** @param {string} id of a message that the router has stored */
  waitForAnswer(id) {
    if (this.#answered.has(id)) return;
    this.#waiting.add(id);
    this.#changed();
  }

  /**
   * Shows what is no message itself under the message with this id, or at the end where that is not on the page.
   *
   * @param {string} id
   * @param {HTMLElement} view
   */
  placeUnder(id, view) {
    this.#waiting.delete(id);
    const message = this.#views.get(id);
    if (message === undefined) this.#elements.messages.append(view);
    else message.after(view);
    this.#changed();
  }

  /** @param {string | undefined} replyTo */
  #endWaiting(replyTo) {
    if (replyTo === undefined) {
      // News that answers nothing, such as a machine that went offline: the next progress says if work goes on.
      this.#waiting.clear();
      return;
    }
    this.#answered.add(replyTo);
    this.#waiting.delete(replyTo);
  }

  /**
   * @param {string} id
   * @param {number} at
   * @param {HTMLElement} view
   */
  #put(id, at, view) {
    const { messages } = this.#elements;
    const earlier = this.#views.get(id);
    this.#views.set(id, view);
    if (earlier === undefined) {
      const day = new Date(at).toDateString();
      if (day !== this.#lastDay) messages.append(dayView(at, this.#parts.language));
      this.#lastDay = day;
      messages.append(view);
      this.#forgetOldest();
    } else {
      earlier.replaceWith(view);
    }
    this.#changed();
  }

  #forgetOldest() {
    for (const [id, view] of this.#views) {
      if (this.#views.size <= maxViews) return;
      view.remove();
      this.#views.delete(id);
    }
  }

  #changed() {
    const { greeting, typing } = this.#elements;
    greeting.hidden = this.#views.size > 0;
    typing.hidden = this.#waiting.size === 0;
    if (this.#atEnd) this.#scrollToEnd();
  }

  #scrollToEnd() {
    const { scroller, newest } = this.#elements;
    scroller.scrollTop = scroller.scrollHeight;
    this.#top = scroller.scrollTop;
    this.#atEnd = true;
    newest.hidden = true;
  }
}
