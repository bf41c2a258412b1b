import type { Register, Status } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { NodeConnection } from './connection.ts';

/** A node that registered at some time; `connection` is there while it is online. */
export type KnownNode = {
  readonly nodeId: string;
  readonly displayName: string;
  readonly servesUsers: ReadonlySet<string>;
  readonly connection: NodeConnection | undefined;
  readonly sessions: Status['sessions'];
  readonly tasks: number;
  /** ms since the epoch: when it was last online. Now, while it is. */
  readonly lastSeenAt: number;
};

type Admission = { readonly admitted: true } | { readonly admitted: false; readonly reason: string };

/** Which nodes there are, which are online, and whom they serve; the offline ones are remembered over restarts. */
export class NodeRegistry {
  readonly #store: Store;
  readonly #nodes = new Map<string, KnownNode>();
  readonly #onChange: () => void;
  readonly #beforeAway: () => void;

  constructor(
    store: Store,
    options: {
      readonly onChange: () => void;
      /** Called before it is written that a node is away: what it was sent must be written by then. */
      readonly beforeAway: () => void;
    },
  ) {
    this.#store = store;
    this.#onChange = options.onChange;
    this.#beforeAway = options.beforeAway;
    for (const row of store.prepare('SELECT * FROM nodes ORDER BY node_id').all()) {
      this.#nodes.set(String(row.node_id), {
        nodeId: String(row.node_id),
        displayName: String(row.display_name),
        // Written by `admit` as a list of texts.
        servesUsers: new Set(JSON.parse(String(row.serves_users)) as string[]),
        connection: undefined,
        sessions: [],
        tasks: 0,
        lastSeenAt: Number(row.last_seen),
      });
    }
  }

  /** All nodes, in the order in which they were first known. */
  list(): readonly KnownNode[] {
    return [...this.#nodes.values()];
  }

  find(nodeId: string): KnownNode | undefined {
    return this.#nodes.get(nodeId);
  }

  /** The nodes that serve `userId`, online or not. */
  nodesFor(userId: string): readonly KnownNode[] {
    return this.list().filter((node) => node.servesUsers.has(userId));
  }

  /**
   * Decides on a node that wants to register. Within one installation (`instance_id`) the newer socket is right, since
   * the node itself gave the older one up; another installation under the same name has to wait.
   */
  admit(register: Register): Admission {
    const current = this.#nodes.get(register.node_id)?.connection;
    if (current === undefined || current.register.instance_id === register.instance_id) return { admitted: true };
    return {
      admitted: false,
      reason: `Another machine is connected as "${register.node_id}": give this one a NODE_ID of its own.`,
    };
  }

  /** Puts an admitted node online, at once; `remembered` settles when that would survive a restart. */
  add(connection: NodeConnection): {
    readonly replaced: NodeConnection | undefined;
    readonly remembered: Promise<void>;
  } {
    const { register } = connection;
    const replaced = this.#nodes.get(register.node_id)?.connection;
    this.#nodes.set(register.node_id, {
      nodeId: register.node_id,
      displayName: register.display_name || register.node_id,
      servesUsers: new Set(register.serves_users),
      connection,
      sessions: [],
      tasks: 0,
      lastSeenAt: Date.now(),
    });
    this.#onChange();
    return { replaced, remembered: this.#store.write(() => this.#save(register)) };
  }

  /** Takes a connection out; does nothing when a newer one has replaced it. */
  remove(connection: NodeConnection): void {
    const node = this.#nodes.get(connection.nodeId);
    if (node?.connection !== connection) return;
    const lastSeenAt = Date.now();
    this.#nodes.set(node.nodeId, { ...node, connection: undefined, lastSeenAt });
    this.#beforeAway();
    this.#store.writeLater(() => {
      this.#store
        .prepare('UPDATE nodes SET last_seen = ?, is_online = 0 WHERE node_id = ?')
        .run(lastSeenAt, node.nodeId);
    });
    this.#onChange();
  }

  /** Takes from a node those users who are not among `granted`: no message of theirs may go there any longer. */
  restrict(nodeId: string, granted: readonly string[]): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    const servesUsers = new Set(granted.filter((user) => node.servesUsers.has(user)));
    if (servesUsers.size === node.servesUsers.size) return;
    this.#nodes.set(nodeId, { ...node, servesUsers });
    this.#onChange();
  }

  /** What runs on the node now. */
  setStatus(connection: NodeConnection, status: Status): void {
    const node = this.#nodes.get(connection.nodeId);
    if (node?.connection !== connection) return;
    this.#nodes.set(node.nodeId, { ...node, sessions: status.sessions, tasks: status.tasks });
    this.#onChange();
  }

  #save(register: Register): void {
    this.#store
      .prepare(
        `INSERT INTO nodes (node_id, display_name, serves_users, capabilities, working_dir, last_seen, is_online)
         VALUES (?, ?, ?, ?, ?, ?, 1)
         ON CONFLICT (node_id) DO UPDATE SET display_name = excluded.display_name, serves_users = excluded.serves_users,
           capabilities = excluded.capabilities, working_dir = excluded.working_dir, last_seen = excluded.last_seen,
           is_online = excluded.is_online`,
      )
      .run(
        register.node_id,
        register.display_name || register.node_id,
        JSON.stringify(register.serves_users),
        JSON.stringify(register.capabilities),
        register.working_dir,
        Date.now(),
      );
  }
}
