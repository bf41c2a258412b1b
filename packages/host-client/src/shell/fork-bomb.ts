import type { ParsedScript, SyntaxNode } from 'unbash';
import { forEachChild } from 'unbash';

type Calls = {
  readonly all: Set<string>;
  /** Those that go on beside their caller: in the background, or in several stages of a pipeline. */
  readonly forked: Set<string>;
};

const maxFunctions = 300;

/** Whether the script defines a function that, directly or through others, starts itself beside itself. */
export function isForkBomb(script: ParsedScript): boolean {
  const functions = new Map<string, Calls>();
  collectFunctions(script, functions);
  // More than a line has in good faith, and than can be followed in a moment.
  if (functions.size > maxFunctions) return true;
  for (const [name, { forked }] of functions) {
    if ([...forked].some((called) => reaches(called, name, functions))) return true;
  }
  return false;
}

function collectFunctions(node: SyntaxNode, functions: Map<string, Calls>): void {
  if (node.type === 'Function') {
    const calls: Calls = { all: new Set(), forked: new Set() };
    collectCalls(node.body, false, calls);
    functions.set(node.name.value, calls);
  }
  forEachChild(node, (child) => collectFunctions(child, functions));
}

function collectCalls(node: SyntaxNode, forked: boolean, calls: Calls): void {
  if (node.type === 'Command' && node.name !== undefined) {
    calls.all.add(node.name.value);
    if (forked) calls.forked.add(node.name.value);
  }
  const repeated = node.type === 'Pipeline' && hasRepeatedStage(node.commands);
  const here = forked || repeated || (node.type === 'Statement' && node.background === true);
  forEachChild(node, (child) => collectCalls(child, here, calls));
}

function hasRepeatedStage(stages: readonly SyntaxNode[]): boolean {
  const names = stages.flatMap((stage) => (stage.type === 'Command' && stage.name ? [stage.name.value] : []));
  return new Set(names).size < names.length;
}

function reaches(from: string, to: string, functions: ReadonlyMap<string, Calls>): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(functions.get(name)?.all ?? []));
  }
  return false;
}
