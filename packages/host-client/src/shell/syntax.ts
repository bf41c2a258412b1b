import type { Text } from '@phonework/shared/language';
import type { ParsedScript, SyntaxNode } from 'unbash';
import { forEachChild, parse } from 'unbash';
import { faultTexts } from './verdict-texts.ts';

/** In nodes of the tree: far beyond what people write, and far from the end of the stack. */
const maxDepth = 150;

/**
 * The parsed line, and in `fault` why it is not to be trusted, if so. The tree of a faulty line is as good as the
 * parser could make it, and empty where it is too deep to walk.
 */
export function readScript(source: string): { readonly script: ParsedScript; readonly fault?: Text } {
  const script = parse(source);
  if (isTooDeep(script, 0)) return { script: parse(''), fault: faultTexts.tooDeep };
  const fault = source.includes('\r') ? faultTexts.carriageReturn : findFault(script);
  return fault === undefined ? { script } : { script, fault };
}

/** Calls `visit` on each child until one gives an answer. */
export function firstOfChildren<T>(node: SyntaxNode, visit: (child: SyntaxNode) => T | undefined): T | undefined {
  let answer: T | undefined;
  forEachChild(node, (child) => {
    answer ??= visit(child);
  });
  return answer;
}

function isTooDeep(node: SyntaxNode, depth: number): boolean {
  return depth > maxDepth || firstOfChildren(node, (child) => isTooDeep(child, depth + 1) || undefined) === true;
}

function findFault(node: SyntaxNode): Text | undefined {
  if (node.type === 'Script' && node.errors?.[0] !== undefined) return faultTexts.syntax(node.errors[0].message);
  if (isSubstitution(node) && node.script === undefined) return faultTexts.senselessSubstitution;
  return firstOfChildren(node, findFault);
}

function isSubstitution(node: SyntaxNode): node is Extract<SyntaxNode, { script: ParsedScript | undefined }> {
  return (
    node.type === 'CommandExpansion' ||
    node.type === 'ProcessSubstitution' ||
    node.type === 'ArithmeticCommandExpansion'
  );
}
