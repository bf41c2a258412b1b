/** @import { LiveTurn } from '../frames.ts' */
/** @import { PageLanguage } from './page-language.js' */
import { LiveTurnView } from './live-turn-view.js';

const tickMs = 1000;

/** The turns that run, each under the message that it answers. */
export class LiveTurns {
  #options;
  /** @type {Map<string, { readonly view: LiveTurnView, readonly replyTo: string }>} by turn */
  #turns = new Map();
  /** @type {Set<string>} turns whose *Stop* was pressed and has no outcome yet */
  #pressed = new Set();
  #isConnected = false;
  /** How far the router's clock is ahead of this one, ms. */
  #aheadMs = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {{
   *   language: PageLanguage,
   *   place: (view: HTMLElement, replyTo: string) => void,
   *   onStop: (turnId: string) => void,
   * }} options `place` puts a view under a message
   */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Those that run now; others are over.
   *
   * @param {readonly LiveTurn[]} turns
   * @param {number} now by the router's clock
   */
  replaceAll(turns, now) {
    this.#aheadMs = now - Date.now();
    const running = new Set(turns.map(({ turnId }) => turnId));
    for (const [turnId, { view, replyTo }] of this.#turns) {
      if (!running.has(turnId)) this.end(turnId);
      // What it stood under may be new on the page.
      else this.#options.place(view.element, replyTo);
    }
    for (const turn of turns) this.show(turn);
  }

  /** @param {LiveTurn} turn */
  show(turn) {
    const shown = this.#turns.get(turn.turnId);
    const view = shown?.view ?? this.#begin(turn);
    view.update(turn);
    view.tick(this.#now);
  }

  /** @param {string} turnId */
  end(turnId) {
    this.#turns.get(turnId)?.view.element.remove();
    this.#turns.delete(turnId);
    this.#pressed.delete(turnId);
    if (this.#turns.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** @param {string} messageId */
  isFor(messageId) {
    return [...this.#turns.values()].some(({ replyTo }) => replyTo === messageId);
  }

  /** @param {boolean} isConnected */
  setConnected(isConnected) {
    this.#isConnected = isConnected;
    // Whether a press arrived is not known then. It may be made again.
    if (!isConnected) this.#pressed.clear();
    for (const turnId of this.#turns.keys()) this.#showButton(turnId);
  }

  /** @param {string} turnId of a turn whose *Stop* has its outcome */
  release(turnId) {
    this.#pressed.delete(turnId);
    this.#showButton(turnId);
  }

  /** @param {LiveTurn} turn */
  #begin(turn) {
    const { language, place } = this.#options;
    const { turnId, replyTo } = turn;
    const view = new LiveTurnView(turn, { language, onStop: () => this.#stop(turnId) });
    this.#turns.set(turnId, { view, replyTo });
    this.#showButton(turnId);
    place(view.element, replyTo);
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
    return view;
  }

  /** @param {string} turnId */
  #stop(turnId) {
    if (!this.#isConnected || this.#pressed.has(turnId)) return;
    this.#pressed.add(turnId);
    this.#showButton(turnId);
    this.#options.onStop(turnId);
  }

  /** @param {string} turnId */
  #showButton(turnId) {
    const isPressed = this.#pressed.has(turnId);
    this.#turns.get(turnId)?.view.showButton({ isConnected: this.#isConnected, isPressed });
  }

  #tick() {
    for (const { view } of this.#turns.values()) view.tick(this.#now);
  }

  get #now() {
    return Date.now() + this.#aheadMs;
  }
}
