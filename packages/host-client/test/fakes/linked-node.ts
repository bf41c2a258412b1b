import { Inbox, Outbox } from '@phonework/shared/mail';
import type { ActionRequest, ForwardRequest, Register } from '@phonework/shared/protocol';
import type { LinkTimings } from '../../src/link/link-timings.ts';
import type { RouterParcel } from '../../src/link/node-client.ts';
import { NodeClient, ROUTER } from '../../src/link/node-client.ts';
import { NodeStore } from './node-store.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

export const SECRET = 'a-secret-of-the-house';

const register: Register = {
  type: 'register',
  node_id: 'home-pc',
  display_name: 'Home PC',
  serves_users: ['ou_alice'],
  working_dir: '/home/alice',
  capabilities: ['shell'],
  protocol: 1,
  version: '1.2.3',
  instance_id: 'instance-1',
};

/** A NodeClient with a real database behind it, and nobody who answers messages. */
export class LinkedNode {
  readonly client: NodeClient;
  readonly log: readonly LogEntry[];
  /** Messages that were taken in, repeats left out. */
  readonly taken: ForwardRequest[] = [];
  /** Presses that were taken in. */
  readonly pressed: ActionRequest[] = [];
  /** Frames that are said to be where people see them. */
  readonly delivered: string[] = [];
  readonly cancelled: { readonly id: string; readonly onlyWaiting: boolean }[] = [];
  readonly #disk: NodeStore;
  readonly #outbox: Outbox<RouterParcel>;

  static async start(url: string, timings: Partial<LinkTimings> = {}): Promise<LinkedNode> {
    const node = new LinkedNode(url, timings, await recordingLogger());
    node.client.start();
    return node;
  }

  private constructor(
    url: string,
    timings: Partial<LinkTimings>,
    { logger, entries }: Awaited<ReturnType<typeof recordingLogger>>,
  ) {
    this.log = entries;
    this.#disk = new NodeStore();
    this.#outbox = new Outbox(this.#disk.store, { box: 'router' });
    const inbox = new Inbox<ForwardRequest>(this.#disk.store, { box: 'router' });
    this.client = new NodeClient({
      url,
      secret: SECRET,
      register,
      outbox: this.#outbox,
      onForward: async (forward) => {
        const isNew = await this.#disk.store.write(() =>
          inbox.add({ id: forward.id, lane: forward.user_id, body: forward }),
        );
        if (isNew) this.taken.push(forward);
      },
      onAction: async (action) => {
        await this.#disk.store.write(() => this.pressed.push(action));
      },
      onDelivered: async (id) => {
        await this.#disk.store.write(() => this.delivered.push(id));
      },
      onCancel: (id, options) => this.cancelled.push({ id, ...options }),
      onRegistered: () => this.client.sendLossy({ type: 'status', sessions: [], tasks: 0 }),
      journey: () => {},
      logger,
      timings: { minMs: 5, maxMs: 40, refusedMs: 40, handshakeMs: 400, silenceMs: 200, ...timings },
    });
  }

  get disk(): NodeStore {
    return this.#disk;
  }

  /** Answers that the router has not acknowledged. */
  get waiting(): number {
    return this.#outbox.waiting(ROUTER);
  }

  /** Stores an answer for the router. */
  async answer(id: string, reply = `the answer to ${id}`): Promise<void> {
    await this.put({ type: 'forward_response', id, reply, error: '' });
  }

  async put(parcel: RouterParcel): Promise<void> {
    await this.#disk.store.write(() => this.#outbox.put({ id: parcel.id, peer: ROUTER, body: parcel }));
  }

  /** The lines of this level and above it that an operator sees. */
  lines(level: 'error' | 'warn' | 'info'): string[] {
    const levels = { error: ['error'], warn: ['error', 'warn'], info: ['error', 'warn', 'info'] }[level];
    return this.log.filter((entry) => levels.includes(entry.level)).map((entry) => entry.text);
  }

  [Symbol.dispose](): void {
    this.client.stop();
    this.#disk[Symbol.dispose]();
  }
}
