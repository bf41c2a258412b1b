import type { ParsedScript, SyntaxNode } from 'unbash';
import { forEachChild, parse } from 'unbash';

/** Far beyond what people write, and far from the end of the stack. */
const maxDepth = 400;

/**
 * The parsed line, and in `fault` why it is not to be trusted, if so. The tree of a faulty line is as good as the
 * parser could make it, cut where it is nested too deeply.
 */
export function readScript(source: string): { readonly script: ParsedScript; readonly fault?: string } {
  const script = parse(source);
  const fault = findFault(script, 0);
  if (fault === undefined && /\r/.test(source)) return { script, fault: 'it contains a carriage return' };
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

/** `text` for a person to read: one line, visible characters only, at most `maxLength` characters. */
export function printable(text: string, maxLength = 60): string {
  const visible = text
    .replace(/\s+/g, ' ')
    .trim()
    // Control and formatting characters (direction, zero width) can make a command look like another one.
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  const chars = [...visible];
  return chars.length <= maxLength ? visible : `${chars.slice(0, maxLength - 1).join('')}…`;
}

function findFault(node: SyntaxNode, depth: number): string | undefined {
  if (depth > maxDepth) return 'it is nested too deeply';
  if (node.type === 'Script' && node.errors?.[0] !== undefined) return node.errors[0].message;
  if (isSubstitution(node) && node.script === undefined) return 'it has a substitution that makes no sense';
  return firstOfChildren(node, (child) => findFault(child, depth + 1));
}

function isSubstitution(node: SyntaxNode): node is Extract<SyntaxNode, { script: ParsedScript | undefined }> {
  return (
    node.type === 'CommandExpansion' ||
    node.type === 'ProcessSubstitution' ||
    node.type === 'ArithmeticCommandExpansion'
  );
}
