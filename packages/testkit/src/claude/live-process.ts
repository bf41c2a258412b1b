import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from './version.ts';

/** The file by which others see that this process has a conversation open; a killed process leaves it behind. */
export class LiveProcess {
  readonly #file: string;
  readonly #startedAt = Date.now();
  #sessionId: string;

  constructor(configFolder: string, sessionId: string) {
    const folder = join(configFolder, 'sessions');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = join(folder, `${process.pid}.json`);
    this.#sessionId = sessionId;
    this.show('idle');
  }

  hold(sessionId: string): void {
    this.#sessionId = sessionId;
    this.show('idle');
  }

  show(status: 'idle' | 'busy' | 'waiting'): void {
    const now = Date.now();
    const file = {
      pid: process.pid,
      sessionId: this.#sessionId,
      cwd: process.cwd(),
      startedAt: this.#startedAt,
      procStart: processStart(),
      version: VERSION,
      kind: 'interactive',
      entrypoint: process.env.CLAUDE_CODE_ENTRYPOINT ?? 'sdk-cli',
      status,
      updatedAt: now,
      statusUpdatedAt: now,
      ...(status === 'waiting' ? { waitingFor: 'permission prompt' } : {}),
    };
    // In one step: whoever looks sees the old state or the new one. A dot keeps the unfinished one out of lists.
    const unfinished = join(dirname(this.#file), `.${process.pid}`);
    writeFileSync(unfinished, JSON.stringify(file), { mode: 0o600 });
    renameSync(unfinished, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

/** In clock ticks since the boot, as Linux tells it; undefined elsewhere. */
function processStart(): string | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The name, in brackets, may hold spaces; the start is field 22, the name field 2.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
