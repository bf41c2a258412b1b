import { mkdir, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HOUR_MS } from '@phonework/shared/duration';
import { newId } from '@phonework/shared/id';
import type { Logger } from '@phonework/shared/log';
import { MAX_FILE_BYTES } from '@phonework/shared/protocol';
import type { SavedFile } from '@phonework/shared/save-stream';
import { saveStream, TooLargeError } from '@phonework/shared/save-stream';
import type { Store } from '@phonework/shared/store';
import type { ImageType } from './image-type.ts';
import { imageTypeOf } from './image-type.ts';

/** Where a file came from: a chat; or a node, whose id is not known where it was brought with the shared secret alone. */
export type FileOrigin = { readonly kind: 'chat' } | { readonly kind: 'node'; readonly nodeId: string | undefined };

/** A file that is here. */
export type PassingFile = {
  readonly id: string;
  readonly path: string;
  readonly origin: FileOrigin;
  readonly size: number;
  readonly sha256: string;
  /** Absent for what is no image by its content. */
  readonly imageType?: ImageType;
};

export type FileRefusalCode = 'too_large' | 'taken' | 'full';

/** A file that was not taken in. */
export class FileRefusal extends Error {
  override readonly name = 'FileRefusal';
  readonly code: FileRefusalCode;
  constructor(code: FileRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const SWEEP_ROWS = 500;

export type PassingFilesOptions = {
  readonly folder: string;
  readonly logger: Logger;
  /** How long a file is kept that nothing waits for; 24 hours. */
  readonly keepMs?: number;
  /** How much may be here at once, of which one node may bring half; 4 GiB. */
  readonly maxTotalBytes?: number;
  /** The same for their number: empty ones cost something too; 10,000. */
  readonly maxFiles?: number;
  /** How long a sender may be silent; 30 s. */
  readonly idleMs?: number;
};

/** Files on their way between chats and nodes: on the disk, each under an id that counts once. */
export class PassingFiles {
  readonly #store: Store;
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #keepMs: number;
  readonly #maxTotalBytes: number;
  readonly #maxFiles: number;
  readonly #idleMs: number;
  readonly #incoming = new Set<Claim>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, options: PassingFilesOptions) {
    this.#store = store;
    this.#folder = options.folder;
    this.#logger = options.logger;
    this.#keepMs = options.keepMs ?? 24 * HOUR_MS;
    this.#maxTotalBytes = options.maxTotalBytes ?? 4 * 1024 ** 3;
    this.#maxFiles = options.maxFiles ?? 10_000;
    this.#idleMs = options.idleMs ?? 30_000;
  }

  /** Begins to remove what is old. */
  start(): void {
    void this.sweep();
    this.#timer = setInterval(() => void this.sweep(), HOUR_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Takes a file in and keeps it for a day, or for `keepMs`. The same bytes again under the same id change nothing.
   * Rejects with FileRefusal, StoreError, or what broke the stream; then nothing is kept. A stream that there is no room for
   * is left to its owner, who may still have to answer on it.
   */
  async receive(
    source: Readable,
    options: {
      readonly origin: FileOrigin;
      readonly id?: string;
      /** As far as it is known before. */
      readonly size?: number;
      readonly keepMs?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<PassingFile> {
    const { origin, id = newId(), size = MAX_FILE_BYTES, signal } = options;
    const name = newId();
    const path = join(this.#folder, name);
    this.requireRoom(size, origin);
    const claim: Claim = { origin, size };
    this.#incoming.add(claim);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const limits = { maxBytes: MAX_FILE_BYTES, idleMs: this.#idleMs };
      const saved = await saveStream(source, path, { ...limits, ...(signal && { signal }) });
      const keptUntil = Date.now() + (options.keepMs ?? this.#keepMs);
      const file = await this.#store.write(() => this.#add({ id, name, origin, keptUntil, ...saved }));
      if (file.path !== path) await rm(path, { force: true });
      return file;
    } catch (error) {
      await rm(path, { force: true });
      if (error instanceof TooLargeError) throw tooLarge(error);
      throw error;
    } finally {
      this.#incoming.delete(claim);
    }
  }

  /** Throws FileRefusal where a file of that size would not be taken in. */
  requireRoom(size: number, origin: FileOrigin): void {
    if (size > MAX_FILE_BYTES) throw tooLarge();
    const totals = this.#store
      .prepare('SELECT origin, node_id, count(*) AS files, sum(size) AS bytes FROM files GROUP BY origin, node_id')
      .all()
      .map((row) => toHolding(row as HoldingRow));
    const held = [
      ...totals,
      ...[...this.#incoming].map((claim) => ({ origin: claim.origin, files: 1, bytes: claim.size })),
    ];
    // One node, or whoever stole its token, must leave room for the others.
    const own = origin.kind === 'chat' ? [] : held.filter((holding) => isSameOrigin(holding.origin, origin));
    if (this.#isFull(held, size, 1) || this.#isFull(own, size, 1 / 2)) {
      throw new FileRefusal('full', 'The router holds too many files already: try again later.');
    }
  }

  #isFull(held: readonly Holding[], size: number, share: number): boolean {
    const files = held.reduce((sum, holding) => sum + holding.files, 0);
    const bytes = held.reduce((sum, holding) => sum + holding.bytes, 0);
    return files >= this.#maxFiles * share || bytes + size > this.#maxTotalBytes * share;
  }

  find(id: string): PassingFile | undefined {
    const row = this.#store.prepare('SELECT * FROM files WHERE id = ?').get(id);
    // A row of our own table: columns are as the schema says.
    return row === undefined ? undefined : this.#toFile(row as Row);
  }

  /** The nodes that a message with this file went to. */
  readersOf(id: string): readonly string[] {
    const rows = this.#store.prepare('SELECT node_id FROM file_readers WHERE file_id = ?').all(id);
    return rows.map((row) => String(row.node_id));
  }

  /** Something waits for it now: it stays until `release`. For use inside `store.write`. */
  hold(id: string): void {
    this.#store.prepare('UPDATE files SET kept_until = NULL WHERE id = ?').run(id);
  }

  /** Nothing waits for it any longer. For use inside `store.write`. */
  release(id: string): void {
    this.#store.prepare('UPDATE files SET kept_until = ? WHERE id = ?').run(Date.now() + this.#keepMs, id);
  }

  /** Removes what is old, and what an interrupted start or stop left behind. Never rejects. */
  async sweep(): Promise<void> {
    try {
      for (let names = await this.#forgetOld(); names.length > 0; names = await this.#forgetOld()) {
        for (const name of names) await rm(join(this.#folder, name), { force: true });
      }
      await this.#removeStray();
    } catch (error) {
      this.#logger.warn({ err: error }, 'old files could not be removed');
    }
  }

  #add({ id, name, origin, size, sha256, head, keptUntil }: NewRow): PassingFile {
    const known = this.find(id);
    if (known !== undefined) {
      const isSame = known.sha256 === sha256 && isSameOrigin(known.origin, origin);
      if (isSame) return known;
      throw new FileRefusal('taken', 'There is another file under this id already: take a new one.');
    }
    const nodeId = origin.kind === 'node' ? (origin.nodeId ?? null) : null;
    const row: Row = {
      id,
      name,
      origin: origin.kind,
      node_id: nodeId,
      size,
      sha256,
      image_type: imageTypeOf(head) ?? null,
    };
    this.#store
      .prepare(
        `INSERT INTO files (id, name, origin, node_id, size, sha256, image_type, kept_until)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, name, origin.kind, nodeId, size, sha256, row.image_type, keptUntil);
    return this.#toFile(row);
  }

  #forgetOld(): Promise<string[]> {
    return this.#store.write(() => {
      const old = this.#store
        .prepare(`SELECT id, name FROM files WHERE kept_until < ? LIMIT ${SWEEP_ROWS}`)
        .all(Date.now());
      for (const { id } of old) {
        this.#store.prepare('DELETE FROM files WHERE id = ?').run(String(id));
        this.#store.prepare('DELETE FROM file_readers WHERE file_id = ?').run(String(id));
      }
      return old.map(({ name }) => String(name));
    });
  }

  /** Bytes without a row: of an upload that was cut by the end of its process. */
  async #removeStray(): Promise<void> {
    const folder = await opendir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (folder === undefined) return;
    for await (const { name } of folder) {
      if (this.#store.prepare('SELECT 1 FROM files WHERE name = ?').get(name) !== undefined) continue;
      const path = join(this.#folder, name);
      // What is being written now has no row yet.
      const { mtimeMs } = await stat(path).catch(gone);
      if (mtimeMs < Date.now() - HOUR_MS) await rm(path, { recursive: true, force: true });
    }
  }

  #toFile(row: Row): PassingFile {
    return {
      id: row.id,
      path: join(this.#folder, row.name),
      origin: toOrigin(row),
      size: row.size,
      sha256: row.sha256,
      ...(row.image_type !== null && { imageType: row.image_type }),
    };
  }
}

/** Room for a file that is coming. */
type Claim = { readonly origin: FileOrigin; readonly size: number };

/** What is here of one origin. */
type Holding = { readonly origin: FileOrigin; readonly files: number; readonly bytes: number };

type HoldingRow = Pick<Row, 'node_id' | 'origin'> & { readonly files: number; readonly bytes: number };

function toHolding({ files, bytes, ...row }: HoldingRow): Holding {
  return { origin: toOrigin(row), files, bytes };
}

function toOrigin({ origin, node_id: nodeId }: Pick<Row, 'node_id' | 'origin'>): FileOrigin {
  return origin === 'chat' ? { kind: 'chat' } : { kind: 'node', nodeId: nodeId ?? undefined };
}

/** Its upload has broken off meanwhile, and taken it along: there is nothing to remove. */
function gone(error: NodeJS.ErrnoException): { readonly mtimeMs: number } {
  if (error.code === 'ENOENT') return { mtimeMs: Date.now() };
  throw error;
}

type Row = {
  readonly id: string;
  readonly name: string;
  readonly origin: 'chat' | 'node';
  readonly node_id: string | null;
  readonly size: number;
  readonly sha256: string;
  readonly image_type: ImageType | null;
};

type NewRow = SavedFile & {
  readonly id: string;
  readonly name: string;
  readonly origin: FileOrigin;
  readonly keptUntil: number;
};

function isSameOrigin(one: FileOrigin, other: FileOrigin): boolean {
  return one.kind === 'chat' || other.kind === 'chat' ? one.kind === other.kind : one.nodeId === other.nodeId;
}

function tooLarge(cause?: unknown): FileRefusal {
  return new FileRefusal('too_large', 'The file is larger than 30 MB.', { cause });
}
