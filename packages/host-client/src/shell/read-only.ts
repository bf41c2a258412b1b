import type { Text } from '@phonework/shared/language';
import type { Command, Redirect, SyntaxNode } from 'unbash';
import { fixedText, toArgument } from './argument.ts';
import { findCallEffect } from './read-only-commands.ts';
import { firstOfChildren } from './syntax.ts';
import { effectTexts as texts } from './verdict-texts.ts';

/** Why the line may change something, as a phrase that completes "It …"; undefined when it is known to change nothing. */
export function findEffect(node: SyntaxNode): Text | undefined {
  return effectOfNode(node) ?? firstOfChildren(node, findEffect);
}

/** Variables that steer how a program prints, not what it runs. */
const harmlessVariables = /^(LANG|LANGUAGE|LC_[A-Z]+|TZ|IFS|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR)$/;

/** Names that mean nothing to the shell and are in no program's environment. */
const ownVariables = /^[a-z_][a-z0-9_]*$/;

const harmlessUnaryTests = new Set(
  ['-a', '-b', '-c', '-d', '-e', '-f', '-g', '-h', '-k', '-L', '-n', '-O', '-p'].concat([
    '-r',
    '-s',
    '-S',
    '-u',
    '-w',
    '-x',
    '-z',
  ]),
);
const harmlessBinaryTests = new Set(['=', '==', '!=', '=~', '-nt', '-ot', '-ef']);

function effectOfNode(node: SyntaxNode): Text | undefined {
  switch (node.type) {
    case 'Command':
      return effectOfCommand(node);
    case 'Redirect':
      return effectOfRedirect(node);
    case 'HereDoc':
      // Where any other one ends, shells disagree.
      return /^\\?(['"]?)[\w.-]+\1$/.test(node.delimiter?.text ?? '') ? undefined : texts.oddHereDoc;
    case 'Assignment':
      if (ownVariables.test(node.name) || harmlessVariables.test(node.name)) return node.index && texts.computesIndex;
      return texts.setsVariable(node.name);
    case 'For':
      return ownVariables.test(node.name.value) ? undefined : texts.setsVariable(node.name.value);
    case 'Function':
      return texts.definesFunction;
    case 'Coproc':
      return texts.startsCoprocess;
    case 'Select':
      return texts.asksForChoice;
    default:
      return effectOfExpression(node);
  }
}

/**
 * Bash runs commands from places that look like plain text: arithmetic evaluates the *contents* of variables, array
 * indexes included (`a='x[$(reboot)]'; echo $((a))`), and so do `[[ -eq ]]`, `[[ -v ]]`, slices, and `${!x}`; `${x@P}`
 * expands its value as a prompt. Quoting and `[[ ]]` lists are refused where a plain `sh` would cut them elsewhere.
 */
function effectOfExpression(node: SyntaxNode): Text | undefined {
  switch (node.type) {
    case 'ArithmeticExpansion':
      return /^\$(\(\(|\[)[\d\s+*/%()<>!&|^~?:-]*(\)\)|\])$/.test(node.text) ? undefined : texts.arithmetic;
    case 'ArithmeticCommand':
    case 'ArithmeticFor':
      return texts.arithmetic;
    case 'ParameterExpansion':
      return isHarmlessExpansion(node) ? undefined : texts.expands(node.text);
    case 'ExtendedGlob':
      return texts.extendedPattern;
    case 'AnsiCQuoted':
      return node.text.includes("\\'") ? texts.oddQuoting : undefined;
    case 'TestUnary':
      return harmlessUnaryTests.has(node.operator) ? undefined : texts.testsWith(node.operator);
    case 'TestBinary':
      return harmlessBinaryTests.has(node.operator) ? undefined : texts.testsWith(node.operator);
    case 'TestLogical':
      return texts.oddCondition;
    default:
      return undefined;
  }
}

function isHarmlessExpansion(node: Extract<SyntaxNode, { type: 'ParameterExpansion' }>): boolean {
  if (node.prefix === '!') return false;
  if (node.index !== undefined && !/^([@*]|\d+)$/.test(node.index.value)) return false;
  switch (node.operation?.type) {
    case undefined:
    case 'Remove':
    case 'Replace':
    case 'CaseModification':
      return true;
    case 'Default':
      return !node.operation.operator.endsWith('=');
    default:
      return false;
  }
}

function effectOfCommand(command: Command): Text | undefined {
  if (command.name === undefined) {
    // Without a program the assignment stays, and the rest of the line runs under it.
    const lasting = command.prefix.find((item) => item.type === 'Assignment' && !ownVariables.test(item.name));
    return lasting?.type === 'Assignment' ? texts.setsVariable(lasting.name) : undefined;
  }
  const temporary = command.prefix.find((item) => item.type === 'Assignment' && !harmlessVariables.test(item.name));
  if (temporary?.type === 'Assignment') return texts.setsVariableFor(temporary.name);
  const name = fixedText(command.name);
  if (name === undefined) return texts.openProgram;
  return findCallEffect(name, command.args.map(toArgument));
}

function effectOfRedirect({ operator, target }: Redirect): Text | undefined {
  const text = target && fixedText(target);
  if (text === undefined) return texts.openFile;
  switch (operator) {
    case '<':
      // Bash opens network connections behind these names.
      return /^\/dev\/(tcp|udp)\//.test(text) ? texts.opensConnection : undefined;
    case '<&':
    case '>&':
      if (/^(\d+-?|-)$/.test(text)) return undefined;
      break;
    case '<>':
      return texts.opensForWriting(text);
    default:
  }
  return ['/dev/null', '/dev/stdout', '/dev/stderr'].includes(text) ? undefined : texts.writesTo(text);
}
