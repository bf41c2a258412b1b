import { pino } from 'pino';
import type { Logger } from '../../src/log.ts';

/** A logger whose lines can be read. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }), lines };
}
