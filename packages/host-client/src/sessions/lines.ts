import { StringDecoder } from 'node:string_decoder';
import { processTexts } from './process-texts.ts';

const lineFeed = 0x0a;

/** Cuts a stream of bytes into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #maxLineBytes: number;
  /** Chunk by chunk: to decode a line of megabytes in one step would hold everything up. */
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #bytes = 0;
  #omittedBytes = 0;

  /** `onLine` gets each line without its end, CR LF or LF. A longer one is cut, and says so at its end. */
  constructor(onLine: (line: string) => void, { maxLineBytes = 64 * 1024 * 1024 } = {}) {
    this.#onLine = onLine;
    this.#maxLineBytes = maxLineBytes;
  }

  write(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#take(chunk.subarray(start, end));
      this.#finishLine();
      start = end + 1;
    }
    this.#take(chunk.subarray(start));
  }

  /** No more will come: what stands after the last line feed is a line too. */
  end(): void {
    if (this.#bytes > 0) this.#finishLine();
  }

  #take(bytes: Buffer): void {
    const kept = bytes.subarray(0, this.#maxLineBytes - this.#bytes);
    this.#text += this.#decoder.write(kept);
    this.#bytes += kept.length;
    this.#omittedBytes += bytes.length - kept.length;
  }

  #finishLine(): void {
    const text = this.#text + this.#decoder.end();
    const omittedBytes = this.#omittedBytes;
    this.#text = '';
    this.#bytes = 0;
    this.#omittedBytes = 0;
    if (omittedBytes > 0) this.#onLine(text + processTexts.cut(omittedBytes));
    else this.#onLine(text.endsWith('\r') ? text.slice(0, -1) : text);
  }
}
