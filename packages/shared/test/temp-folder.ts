import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of one test, gone when the test ends. */
export class TempFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'phonework-test-'));

  join(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file that only its owner can read, and returns its path. */
  write(name: string, content: string, mode = 0o600): string {
    writeFileSync(this.join(name), content, { mode });
    return this.join(name);
  }

  read(name: string): string {
    return readFileSync(this.join(name), 'utf8');
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
