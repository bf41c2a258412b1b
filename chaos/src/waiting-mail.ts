import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { House } from '@phonework/testkit/house';

/** A message that stands in a program's database and has not arrived, or is not done. */
export type WaitingMail = { readonly database: string; readonly table: string } & Readonly<Record<string, unknown>>;

/** What the programs still have on their disks: for whoever looks into a fault that did not become quiet. */
export function waitingMail({ folder }: Pick<House, 'folder'>): WaitingMail[] {
  return ['data/router.db', 'data/node.db', 'node-data/node.db'].flatMap((database) => {
    const path = join(folder, database);
    if (!existsSync(path)) return [];
    const opened = new DatabaseSync(path, { readOnly: true });
    try {
      return [
        ...opened
          .prepare('SELECT * FROM outbox')
          .all()
          .map((row) => ({ database, table: 'outbox', ...row })),
        ...opened
          .prepare('SELECT * FROM inbox WHERE settled_at IS NULL')
          .all()
          .map((row) => ({ database, table: 'inbox', ...row })),
      ];
    } finally {
      opened.close();
    }
  });
}
