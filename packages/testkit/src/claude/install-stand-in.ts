import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from './version.ts';

export type { StandInRecord } from './journal.ts';
export { standInJournal } from './journal.ts';

/**
 * Puts an executable `claude` into `folder` and returns its path. Its processes write down what they were told in the
 * same folder: see `standInJournal`. What it does is told in `stand-in.ts`.
 */
export function installClaudeStandIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'claude');
  const script = fileURLToPath(new URL('stand-in.ts', import.meta.url));
  const lines = [
    '#!/bin/sh',
    `case "$1" in --version | -v) echo '${VERSION} (Claude Code)' && exit 0 ;; esac`,
    `exec ${quoted(process.execPath)} ${quoted(script)} ${quoted(folder)} "$@"`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o755 });
  return path;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
