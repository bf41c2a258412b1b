import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The process's logger: JSON lines on stderr, or readable lines where stderr is a terminal. Each of `secrets` is
 * replaced wherever it stands in a line, also JSON-escaped, URL-encoded or in base64: redaction goes by value, since
 * a secret turns up in the places nobody thought of (an SDK's error object, a URL).
 */
export async function createLogger(options: {
  readonly name: string;
  readonly level: LogLevel;
  readonly secrets: readonly string[];
  readonly terminal: boolean;
}): Promise<Logger> {
  const redact = redactor(options.secrets);
  // Synchronous, so that the last line before a crash is there.
  const destination = options.terminal ? await prettyStderr() : pino.destination({ fd: 2, sync: true });
  return pino(
    {
      name: options.name,
      level: options.level,
      base: { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: redact },
    },
    destination,
  );
}

/** Loaded only for a terminal: a service writes JSON. */
async function prettyStderr(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ destination: 2, sync: true, singleLine: true, translateTime: 'SYS:HH:MM:ss', ignore: 'name' });
}

/** Replaces each secret, in each spelling it may have, by `[redacted]`. Secrets under 6 characters would eat the text, and stay. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < 6) continue;
    const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
    const base64url = Buffer.from(secret).toString('base64url');
    const inJson = JSON.stringify(secret).slice(1, -1);
    const inUrl = encodeURIComponent(secret.toWellFormed());
    for (const spelling of [secret, inJson, inUrl, base64, base64url]) spellings.add(spelling);
  }
  // Longest first, so that no spelling leaves the tail of a longer one behind.
  const ordered = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((redacted, spelling) => redacted.replaceAll(spelling, '[redacted]'), text);
}
