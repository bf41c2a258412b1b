import type { ForwardRequest } from '@phonework/shared/protocol';
import { decodeRouterFrame } from '@phonework/shared/protocol';
import { homePc, RawNode } from './raw-node.ts';
import { SECRET } from './test-router.ts';

/** A node that loses its connection at the worst moments, and keeps what it took and what it has to say, as a real one. */
export class RestlessNode {
  readonly nodeId: string;
  /** The texts that it worked on. */
  readonly runs: string[] = [];
  readonly #random: () => number;
  readonly #taken = new Set<string>();
  /** Answers that the router has not acknowledged. */
  readonly #answers = new Map<string, string>();
  #node: RawNode | undefined;

  constructor(nodeId: string, random: () => number) {
    this.nodeId = nodeId;
    this.#random = random;
  }

  get isConnected(): boolean {
    return this.#node !== undefined && this.#node.closed === undefined;
  }

  async come(url: string): Promise<void> {
    this.leave();
    const node = await RawNode.connect(url, SECRET);
    this.#node = node;
    node.socket.on('message', (data) => {
      const frame = decodeRouterFrame(data.toString());
      if (frame?.type === 'forward') this.#take(node, frame);
      if (frame?.type === 'ack') this.#answers.delete(frame.id);
    });
    node.send({ ...homePc, node_id: this.nodeId, display_name: '', instance_id: this.nodeId });
    await node.next('registered');
    for (const [id, reply] of this.#answers) node.send({ type: 'forward_response', id, reply });
  }

  leave(): void {
    this.#node?.socket.terminate();
    this.#node = undefined;
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #take(node: RawNode, { id, text }: ForwardRequest): void {
    // What reached the machine has not reached its disk, or has, and its ack gets lost.
    if (this.#random() < 0.05) node.socket.terminate();
    else {
      const isNew = !this.#taken.has(id);
      this.#taken.add(id);
      if (isNew) {
        this.runs.push(text);
        this.#answers.set(id, `done: ${text}`);
      }
      if (this.#random() < 0.05) node.socket.terminate();
      node.send({ type: 'ack', id });
      if (isNew) node.send({ type: 'forward_response', id, reply: `done: ${text}` });
    }
  }
}
