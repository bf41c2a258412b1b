import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '@phonework/shared/store';

/** Tells a token from a secret that somebody made up, also to those who look for leaked ones. */
const PREFIX = 'pwn_';

/** What is stored of a node's own token. Times are ms since the epoch. */
export type NodeToken = {
  readonly nodeId: string;
  readonly hash: Buffer;
  /** Whom the node may serve, if it wants to. */
  readonly users: readonly string[];
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
  readonly revokedAt: number | undefined;
};

/**
 * The nodes' own tokens, by node. A revoked one stays known, so that its node's name never falls back to the shared
 * secret. Methods that change something are for use inside `store.write`.
 */
export class NodeTokens {
  readonly #store: Store;
  readonly #onChange: () => void;
  #tokens = new Map<string, NodeToken>();
  #dataVersion: number;

  /** `onChange` is told after another process has changed the database, as soon as `refresh` finds that out. */
  constructor(store: Store, { onChange = () => {} }: { readonly onChange?: () => void } = {}) {
    this.#store = store;
    this.#onChange = onChange;
    this.#dataVersion = this.#readDataVersion();
    this.#load();
  }

  list(): readonly NodeToken[] {
    return [...this.#tokens.values()];
  }

  /** The newest token of a node, revoked or not. */
  of(nodeId: string): NodeToken | undefined {
    return this.#tokens.get(nodeId);
  }

  /** The token with this hash, unless it was revoked. Each is compared, in constant time: how long it takes tells nothing. */
  find(hash: Buffer): NodeToken | undefined {
    const [found] = this.list().filter((token) => timingSafeEqual(token.hash, hash));
    return found?.revokedAt === undefined ? found : undefined;
  }

  /** Makes a token for a node, and voids the one it had. The token is in what this returns, and nowhere else. */
  issue(nodeId: string, users: readonly string[]): string {
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
    this.#store
      .prepare(
        `INSERT OR REPLACE INTO node_tokens (node_id, hash, users, created_at, last_used_at, revoked_at)
         VALUES (?, ?, ?, ?, NULL, NULL)`,
      )
      .run(nodeId, hashToken(token), JSON.stringify(users), Date.now());
    this.#store.afterCommit(() => this.#load());
    return token;
  }

  /** Voids the token of a node. */
  revoke(nodeId: string): void {
    this.#store
      .prepare('UPDATE node_tokens SET revoked_at = ? WHERE node_id = ? AND revoked_at IS NULL')
      .run(Date.now(), nodeId);
    this.#store.afterCommit(() => this.#load());
  }

  /** The node has come or gone with this token: noted when it is convenient. */
  used({ nodeId, hash }: Pick<NodeToken, 'nodeId' | 'hash'>): void {
    const now = Date.now();
    this.#store.writeLater(() => {
      this.#store
        .prepare('UPDATE node_tokens SET last_used_at = ? WHERE node_id = ? AND hash = ?')
        .run(now, nodeId, hash);
    });
  }

  /** Takes over what another process has committed since the last call: a few microseconds when there is nothing. */
  refresh(): void {
    const dataVersion = this.#readDataVersion();
    if (dataVersion === this.#dataVersion) return;
    this.#dataVersion = dataVersion;
    this.#load();
    this.#onChange();
  }

  /** SQLite's own mark: another number after each commit that was not made by this connection. */
  #readDataVersion(): number {
    return Number(this.#store.prepare('PRAGMA data_version').get()?.data_version);
  }

  #load(): void {
    const rows = this.#store.prepare('SELECT * FROM node_tokens ORDER BY node_id').all() as Row[];
    this.#tokens = new Map(rows.map((row) => [row.node_id, toNodeToken(row)]));
  }
}

/** The form in which a token, or another secret, is stored and compared. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

type Row = {
  node_id: string;
  hash: Uint8Array;
  users: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
};

/** Rows of our own table: columns are as the schema says, and users as `issue` wrote them. */
function toNodeToken(row: Row): NodeToken {
  return {
    nodeId: row.node_id,
    hash: Buffer.from(row.hash),
    users: JSON.parse(row.users) as string[],
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
