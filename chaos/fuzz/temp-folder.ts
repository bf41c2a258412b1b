import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone when its owner is. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'phonework-fuzz-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
