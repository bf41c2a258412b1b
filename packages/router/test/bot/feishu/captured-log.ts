import type { Logger } from '@phonework/shared/log';
import fastify from 'fastify';

/** A real pino at level trace, and the lines that it writes. */
export function captureLog(lines: string[] = []): { readonly logger: Logger; readonly lines: string[] } {
  const stream = { write: (line: string) => void lines.push(line) };
  // Fastify makes its logger with pino; its type only shows the part that every logger has.
  const logger = fastify({ logger: { level: 'trace', stream } }).log as Logger;
  return { logger, lines };
}
