import type { KnownNode } from '../nodes/registry.ts';

/** Where a message goes, or why it goes nowhere. `text` is what the node gets. */
export type Route =
  | { readonly kind: 'node'; readonly node: KnownNode; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly names: readonly string[] };

/** Picks one of the nodes that serve the user: the one that is named with `@name`, or the only one there is. Pure. */
export function route(text: string, nodes: readonly KnownNode[]): Route {
  const names = nodes.map((node) => node.nodeId);
  const named = /^@([A-Za-z0-9._-]+)[\s,:，：]+([\s\S]+)$/.exec(text);
  if (named !== null) {
    const [, name = '', rest = ''] = named;
    const node = findByName(name, nodes);
    return node === undefined ? { kind: 'unknown', name, names } : { kind: 'node', node, text: rest };
  }
  const online = nodes.filter((node) => node.connection !== undefined);
  const [candidate, ...others] = online.length > 0 ? online : nodes;
  if (candidate === undefined) return { kind: 'none' };
  return others.length > 0 ? { kind: 'ambiguous', names } : { kind: 'node', node: candidate, text };
}

/** The one node that the name fits best; undefined where it fits none, or several equally well. */
function findByName(name: string, nodes: readonly KnownNode[]): KnownNode | undefined {
  const wanted = name.toLowerCase();
  const waysToFit: ((node: KnownNode) => boolean)[] = [
    (node) => node.nodeId === name,
    (node) => node.nodeId.toLowerCase() === wanted,
    (node) => node.displayName.toLowerCase() === wanted,
    (node) => node.nodeId.toLowerCase().startsWith(wanted),
  ];
  const best = waysToFit.map((fits) => nodes.filter(fits)).find((found) => found.length > 0) ?? [];
  return best.length === 1 ? best[0] : undefined;
}
