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

function findByName(name: string, nodes: readonly KnownNode[]): KnownNode | undefined {
  const wanted = name.toLowerCase();
  const exact = nodes.find(
    (node) => node.nodeId.toLowerCase() === wanted || node.displayName.toLowerCase() === wanted,
  );
  const [only, ...others] = nodes.filter((node) => node.nodeId.toLowerCase().startsWith(wanted));
  return exact ?? (others.length === 0 ? only : undefined);
}
