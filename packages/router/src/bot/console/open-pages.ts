import type { Logger } from '@phonework/shared/log';
import type { WebSocket } from 'ws';
import type { ConsoleFrame, ReadFrame } from './frames.ts';
import { FrameError, maxFrameBytes, parsePageFrame } from './frames.ts';

/** A page that has not read this much is closed; it comes back and asks for what it missed. */
const maxUnreadBytes = 8 * 1024 * 1024;
/** Progress is not worth queueing behind this much. */
const maxUnreadBeforeProgress = 64 * 1024;
const maxPages = 32;

/** The WebSockets of all pages that are open. */
export class OpenPages {
  readonly #logger: Logger;
  readonly #onFrame: (frame: ReadFrame) => Promise<ConsoleFrame>;
  /** Whether the page gave a sign of life since the last ping. */
  readonly #alive = new Map<WebSocket, boolean>();
  #heartbeat: NodeJS.Timeout | undefined;

  /** `onFrame` resolves with the answer to the page; when it rejects, the page is closed and will say it again. */
  constructor(options: { readonly logger: Logger; readonly onFrame: (frame: ReadFrame) => Promise<ConsoleFrame> }) {
    this.#logger = options.logger;
    this.#onFrame = options.onFrame;
  }

  /** Pings all pages every so often, and ends those that did not answer the ping before: phones that fell asleep. */
  startHeartbeat(intervalMs: number): void {
    this.#heartbeat ??= setInterval(() => this.#ping(), intervalMs);
  }

  add(socket: WebSocket, first: ConsoleFrame): void {
    // Without a listener, an error on the socket would end the process.
    socket.on('error', (error) => this.#logger.debug({ err: error }, 'a console socket failed'));
    if (this.#alive.size >= maxPages) {
      socket.close(1013, 'too many pages are open');
      return;
    }
    this.#alive.set(socket, true);
    socket.on('close', () => this.#alive.delete(socket));
    socket.on('pong', () => this.#alive.set(socket, true));
    socket.on('message', (data, isBinary) => {
      this.#alive.set(socket, true);
      void this.#read(socket, data.toString(), isBinary);
    });
    this.#send(socket, JSON.stringify(first));
  }

  show(frame: ConsoleFrame): void {
    const text = JSON.stringify(frame);
    for (const socket of this.#alive.keys()) this.#send(socket, text);
  }

  /** Like `show`, but left out for pages that are behind. */
  showIfQuick(frame: ConsoleFrame): void {
    const text = JSON.stringify(frame);
    for (const socket of this.#alive.keys()) {
      if (socket.bufferedAmount <= maxUnreadBeforeProgress) this.#send(socket, text);
    }
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    for (const socket of this.#alive.keys()) socket.close(1001, 'the router is stopping');
  }

  async #read(socket: WebSocket, text: string, isBinary: boolean): Promise<void> {
    if (socket.readyState !== socket.OPEN) return;
    try {
      if (Buffer.byteLength(text) > maxFrameBytes)
        return socket.close(1009, `a frame has at most ${maxFrameBytes} bytes`);
      if (isBinary) throw new FrameError('frames are text');
      this.#send(socket, JSON.stringify(await this.#onFrame(parsePageFrame(text))));
    } catch (error) {
      // A reason has 123 bytes at most; a longer one would throw here.
      if (error instanceof FrameError) return socket.close(1008, error.message.slice(0, 120));
      this.#logger.error({ err: error }, 'a frame of the console failed');
      socket.close(1011, 'that could not be stored');
    }
  }

  #send(socket: WebSocket, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    // Not `close`: its frame would have to wait behind all that is unread.
    if (socket.bufferedAmount > maxUnreadBytes) socket.terminate();
    else socket.send(text);
  }

  #ping(): void {
    for (const [socket, alive] of this.#alive) {
      if (!alive) {
        socket.terminate();
        continue;
      }
      this.#alive.set(socket, false);
      socket.ping();
    }
  }
}
