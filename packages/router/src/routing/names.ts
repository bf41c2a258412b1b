export type NamedNode = { readonly nodeId: string; readonly displayName: string };

/** The id of the one node that `name` fits best: an id, a display name, or how one begins; undefined when none or several fit. */
export function findByName(name: string, nodes: readonly NamedNode[]): string | undefined {
  const [found, ...others] = nodesNamed(name, nodes);
  return others.length === 0 ? found?.nodeId : undefined;
}

/** The nodes that `name` fits best, whole names before beginnings of at least 2 characters. */
export function nodesNamed<Node extends NamedNode>(name: string, nodes: readonly Node[]): readonly Node[] {
  const whole = nodesCalled(name, nodes);
  if (whole.length > 0 || [...name].length < 2) return whole;
  const wanted = name.toLowerCase();
  return nodes.filter((node) => namesOf(node).some((known) => known.toLowerCase().startsWith(wanted)));
}

/** The longest whole name of a node with which `text` begins, as it is spelled there, and that `mayEnd` lets end there. */
export function leadingName(
  text: string,
  nodes: readonly NamedNode[],
  mayEnd: (text: string, index: number) => boolean,
): string | undefined {
  return nodes
    .flatMap(namesOf)
    .map((name) => ({ name, spelled: text.slice(0, name.length) }))
    .filter(({ name, spelled }) => spelled.toLowerCase() === name.toLowerCase() && mayEnd(text, name.length))
    .map(({ spelled }) => spelled)
    .sort((a, b) => b.length - a.length)[0];
}

/** Ids go before display names: a node can call itself whatever it likes, but has its id alone. */
function nodesCalled<Node extends NamedNode>(name: string, nodes: readonly Node[]): readonly Node[] {
  // A display name may be blank.
  if (name === '') return [];
  const wanted = name.toLowerCase();
  const waysToFit: ((node: Node) => boolean)[] = [
    (node) => node.nodeId === name,
    (node) => node.nodeId.toLowerCase() === wanted,
    (node) => node.displayName.trim().toLowerCase() === wanted,
  ];
  return waysToFit.map((fits) => nodes.filter(fits)).find((found) => found.length > 0) ?? [];
}

function namesOf({ nodeId, displayName }: NamedNode): string[] {
  return [nodeId, displayName.trim()].filter((name) => name !== '');
}
