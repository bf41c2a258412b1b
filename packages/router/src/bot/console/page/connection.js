/** @import { ConsoleFrame, PageFrame } from '../frames.ts' */
/** @typedef {'connecting' | 'open' | 'reconnecting' | 'signed-out'} ConnectionState */

const firstDelayMs = 500;
const maxDelayMs = 15_000;

/** The WebSocket to the router, opened again for as long as the page is. */
export class Connection {
  #options;
  /** @type {WebSocket | undefined} */
  #socket;
  /** Failed attempts since it was last open. */
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{
   *   after: () => number,
   *   onFrame: (frame: ConsoleFrame) => void,
   *   onState: (state: ConnectionState) => void,
   * }} options `after` gives the seq of the last message that the page has
   */
  constructor(options) {
    this.#options = options;
    // A phone that wakes up, or finds its network again, should not wait for the timer.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#hurry();
    });
    window.addEventListener('online', () => this.#hurry());
  }

  open() {
    const url = new URL(`/console/ws?after=${this.#options.after()}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#failures = 0;
      this.#options.onState('open');
    });
    socket.addEventListener('message', ({ data }) => {
      // The router that served this script wrote it, as frames.ts says.
      this.#options.onFrame(/** @type {ConsoleFrame} */ (JSON.parse(data)));
    });
    socket.addEventListener('close', () => void this.#reopen());
  }

  /**
   * Nothing happens while it is not open.
   *
   * @param {PageFrame} frame
   */
  send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  async #reopen() {
    this.#options.onState('reconnecting');
    if (await isSignedOut()) {
      this.#options.onState('signed-out');
      return;
    }
    const delay = Math.min(maxDelayMs, firstDelayMs * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.open();
    }, delay);
  }

  #hurry() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.open();
  }
}

/** A refused WebSocket does not say why; the page's own address does. */
async function isSignedOut() {
  try {
    const { status } = await fetch('/', { method: 'HEAD', cache: 'no-store' });
    return status === 401;
  } catch {
    return false;
  }
}
