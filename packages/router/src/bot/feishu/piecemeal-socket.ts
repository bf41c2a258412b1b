import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Some 10 events, each of which takes 0.1 to 0.2 ms, and what becomes of it as long again. */
const MAX_PIECE_BYTES = 8 * 1024;

/** What Node hands to an agent, as far as it is used here. */
type SocketRequest = { onSocket(socket: Duplex): void };
type SocketOptions = {
  /** That of `ws`, for `ws:` or `wss:`. */
  createConnection(options: SocketOptions): Socket;
};

/**
 * For the long connection: opens the socket that `ws` would open without an agent, and lets it be read in pieces. Has
 * what Node asks of an agent, and none of the pool.
 */
export const piecemealAgent = {
  addRequest(request: SocketRequest, options: SocketOptions): void {
    request.onSocket(new PiecemealSocket(options.createConnection(options)));
  },
};

/**
 * A socket of which one small piece is read in a turn of the event loop. Node reads up to 2 MB at once from a socket
 * that has as much, and `ws` and the SDK work off all that they are handed before anybody else has a turn: for 2,000
 * events some 200 ms. What is not read stays with the kernel, and in the end with Feishu.
 */
class PiecemealSocket extends Duplex {
  readonly #socket: Socket;
  #turn: NodeJS.Immediate | undefined;
  #isWanted = false;

  constructor(socket: Socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    // As `ws` does with sockets that can.
    socket.setNoDelay();
    socket.on('readable', () => {
      if (this.#isWanted) this._read();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    // After an orderly end there may be pieces that nobody has taken yet.
    socket.on('close', () => {
      if (!socket.readableEnded) this.destroy();
    });
  }

  override _read(): void {
    this.#isWanted = true;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      // With none there it has to be asked all the same: else it would neither read on nor end.
      const piece: unknown = this.#socket.read(Math.min(this.#socket.readableLength, MAX_PIECE_BYTES));
      if (piece === null) return;
      this.#isWanted = false;
      this.push(piece);
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearImmediate(this.#turn);
    this.#socket.destroy();
    done(error);
  }
}
