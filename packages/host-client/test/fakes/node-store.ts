import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import { migrations } from '../../src/schema.ts';

const logger = await createLogger({ name: 'test', level: 'silent', secrets: [], terminal: false });

/** A node's real database, in a folder of its own. */
export class NodeStore {
  readonly store: Store;
  readonly folder: string;

  constructor(folder = mkdtempSync(join(tmpdir(), 'phonework-node-'))) {
    this.folder = folder;
    this.store = openStore({ path: join(folder, 'node.db'), migrations, logger });
  }

  /** What a process finds that starts after this one died right now: what was committed, and nothing else. */
  afterCrash(): NodeStore {
    const folder = mkdtempSync(join(tmpdir(), 'phonework-node-'));
    cpSync(join(this.folder, 'node.db'), join(folder, 'node.db'));
    cpSync(join(this.folder, 'node.db-wal'), join(folder, 'node.db-wal'));
    return new NodeStore(folder);
  }

  /** From now on every commit fails, as on a disk that was remounted read-only. */
  breakDisk(): void {
    this.store.prepare('PRAGMA query_only = 1').all();
  }

  mendDisk(): void {
    this.store.prepare('PRAGMA query_only = 0').all();
  }

  /** Undoes everything that is to be committed next, as SQLite itself does when the disk gets full half-way. */
  async loseNextCommit(): Promise<void> {
    const undo = this.store.write(() => {
      this.store.prepare('ROLLBACK').run();
      throw new Error('the disk is full');
    });
    await undo.catch(() => {
      // Everybody whose write was undone is told; this one knows.
    });
  }

  /** Fails one write in the commit of this tick: the others of it are undone with it, and run again. */
  async failOneWrite(): Promise<void> {
    const failing = this.store.write(() => {
      throw new RangeError('this one fails');
    });
    await failing.catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
    });
  }

  [Symbol.dispose](): void {
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
