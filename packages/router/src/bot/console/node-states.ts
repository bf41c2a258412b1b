import type { KnownNode } from '../../nodes/registry.ts';
import type { NodeState } from './frames.ts';

/** More would be a list to search: `/sessions` has them all. */
const maxSessions = 50;

/** Nodes as pages see them. */
export function toNodeStates(nodes: readonly KnownNode[]): NodeState[] {
  return nodes.map(({ nodeId, displayName, connection, sessions }) => {
    const online = connection !== undefined;
    const told = online ? sessions.map(({ name, state }) => ({ name, state })) : [];
    const shown = told.slice(0, maxSessions);
    return { nodeId, displayName, online, sessions: shown, moreSessions: told.length - shown.length };
  });
}
