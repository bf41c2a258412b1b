import type { Logger } from '@phonework/shared/log';
import { createLogger } from '@phonework/shared/log';

export type LogEntry = { readonly level: string; readonly text: string };

/** A logger whose lines, from debug up, can be read: the message, with its fields behind it as JSON. */
export async function recordingLogger(): Promise<{ readonly logger: Logger; readonly entries: LogEntry[] }> {
  const entries: LogEntry[] = [];
  const record =
    (level: string) =>
    (first: unknown, message?: unknown): void => {
      const text = message === undefined ? String(first) : `${String(message)} ${JSON.stringify(first)}`;
      entries.push({ level, text });
    };
  const silent = await createLogger({ name: 'test', level: 'silent', secrets: [], terminal: false });
  const methods = Object.fromEntries(
    ['fatal', 'error', 'warn', 'info', 'debug'].map((level) => [level, record(level)]),
  );
  return { logger: Object.assign(silent, methods), entries };
}
