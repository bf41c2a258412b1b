import { formatDuration } from '@phonework/shared/duration';
import type { Said } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import type { ActiveNodes } from '../nodes/active-nodes.ts';
import type { KnownNode, NodeRegistry } from '../nodes/registry.ts';
import { findByName } from '../routing/names.ts';
import { texts } from '../texts.ts';

type Command = {
  readonly name: string;
  /** For use inside `store.write`. */
  run(userId: string, argument: string): Said;
};

/** The commands that the router answers itself; every other one goes to a node. */
export class Commands {
  readonly #registry: NodeRegistry;
  readonly #activeNodes: ActiveNodes;
  readonly #commands: readonly Command[] = [
    { name: '/help', run: () => texts.help },
    { name: '/nodes', run: (userId) => this.#nodes(userId) },
    { name: '/node', run: (userId, argument) => this.#switch(userId, argument) },
  ];

  constructor({ registry, activeNodes }: { readonly registry: NodeRegistry; readonly activeNodes: ActiveNodes }) {
    this.#registry = registry;
    this.#activeNodes = activeNodes;
  }

  /** The answer, or undefined when `text` is none of these commands. For use inside `store.write`. */
  run(userId: string, text: string): Said | undefined {
    const [, name = '', argument = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
    return this.#commands.find((command) => command.name === name.toLowerCase())?.run(userId, argument.trim());
  }

  #nodes(userId: string): Said {
    const nodes = this.#registry.nodesFor(userId);
    if (nodes.length === 0) return texts.noNode;
    const activeId = this.#activeIdOf(userId, nodes);
    const now = Date.now();
    const lines = nodes.map((node) => describe(node, node.nodeId === activeId, now));
    return join([texts.connectedNodes, ...lines, texts.howToSwitch], '\n');
  }

  #switch(userId: string, name: string): Said {
    const nodes = this.#registry.nodesFor(userId);
    if (nodes.length === 0) return texts.noNode;
    const names = nodes.map(({ nodeId }) => nodeId);
    if (name === '') return texts.nodeUsage(names);
    const nodeId = findByName(name, nodes);
    if (nodeId === undefined) return texts.unknownNode(name, names);
    this.#activeNodes.set(userId, nodeId);
    return this.#registry.find(nodeId)?.connection === undefined ? texts.activeOffline(nodeId) : texts.active(nodeId);
  }

  /** The chosen one, or the only one that could be meant. */
  #activeIdOf(userId: string, nodes: readonly KnownNode[]): string | undefined {
    const chosen = this.#activeNodes.get(userId);
    if (nodes.some(({ nodeId }) => nodeId === chosen)) return chosen;
    const online = nodes.filter(({ connection }) => connection !== undefined);
    const [only, ...others] = online.length > 0 ? online : nodes;
    return others.length === 0 ? only?.nodeId : undefined;
  }
}

function describe(node: KnownNode, isActive: boolean, now: number): Said {
  const { nodeId: name, connection, sessions, lastSeenAt } = node;
  return texts.nodeLine({
    name,
    isActive,
    sessions: connection === undefined ? undefined : sessions.length,
    since: formatDuration(now - (connection?.connectedAt ?? lastSeenAt)),
  });
}
