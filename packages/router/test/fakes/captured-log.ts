import type { Logger } from '@phonework/shared/log';
import { fastify } from 'fastify';

export type LogLine = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

/** A real logger whose lines can be read. */
export class CapturedLog {
  readonly lines: LogLine[] = [];
  readonly logger: Logger;

  constructor() {
    // Our own logger wrote it: a JSON object with these two fields.
    const stream = { write: (line: string) => void this.lines.push(JSON.parse(line) as LogLine) };
    // Fastify makes its logger with pino; its type only shows the part that every logger has.
    this.logger = fastify({ logger: { level: 'trace', stream } }).log as Logger;
  }

  /** The lines whose text holds `text`. */
  with(text: string): LogLine[] {
    return this.lines.filter((line) => line.msg.includes(text));
  }
}
