import type { AssignmentPrefix, Command, ParsedScript, SyntaxNode } from 'unbash';
import { findDestructiveCall } from './destructive-calls.ts';
import type { Scope, Variable } from './expansion.ts';
import { expandWord, unknown } from './expansion.ts';
import { findExecs } from './find-command.ts';
import { isForkBomb } from './fork-bomb.ts';
import { isDisk, matchesPattern } from './protected-paths.ts';
import { inputOf, outputOf, outputOfScript } from './static-output.ts';
import { firstOfChildren, printable, readScript } from './syntax.ts';
import { findInner } from './wrappers.ts';

/**
 * What the line would destroy, as a phrase that completes "It …"; undefined when nothing of the kind can be seen. The
 * list is short (disks, system and home folders, switching the machine off, fork bombs), the search is wide: through
 * variables set on the line, wrappers, nested shells and what is piped into them.
 */
export function findDestruction(script: ParsedScript): string | undefined {
  const home: Variable = { text: '~', list: false };
  return new DestructionFinder(1024 * 1024, [
    ['HOME', home],
    ['IFS', { text: ' \t\n', list: false }],
    ['PATH', { text: '/', list: false }],
    ['PWD', { text: `/${unknown}`, list: false }],
  ]).inScript(script);
}

/** Names that mean destruction by themselves, for programs whose own name is a pattern: `/sbin/reb??t`. */
const spelledOut = ['rm', 'dd', 'mkfs', 'mkfs.ext4', 'shutdown', 'reboot', 'halt', 'poweroff'];

const declarations = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

/** Reads a line in order, as the shell would, and keeps what it has learned: variables, functions, the folder. */
class DestructionFinder {
  readonly #scope: Scope;
  readonly #functions = new Set<string>();
  #folder: string | undefined;
  #depth = 0;

  constructor(budget: number, variables: Iterable<readonly [string, Variable]>) {
    this.#scope = { variables: new Map(variables), budget: { left: budget }, outputOf: outputOfScript };
  }

  inScript(script: ParsedScript): string | undefined {
    return isForkBomb(script) ? 'starts copies of itself without end (a fork bomb)' : this.#inNode(script);
  }

  #inNode(node: SyntaxNode, stdin?: string): string | undefined {
    if (this.#depth > 400) return undefined;
    this.#depth += 1;
    try {
      return this.#inNodeAtDepth(node, stdin);
    } finally {
      this.#depth -= 1;
    }
  }

  #inNodeAtDepth(node: SyntaxNode, stdin: string | undefined): string | undefined {
    switch (node.type) {
      case 'Command':
        return this.#inCommand(node, stdin);
      case 'Pipeline':
        return this.#inPipeline(node.commands);
      case 'Subshell':
        return this.#inFolderOfItsOwn(node);
      case 'Function':
        this.#functions.add(node.name.value);
        break;
      case 'For':
        this.#setList(
          node.name.value,
          (node.wordlist ?? []).flatMap((word) => expandWord(word, this.#scope)),
        );
        break;
      case 'Redirect':
        if (node.operator !== '<' && node.target && expandWord(node.target, this.#scope).some(isDisk)) {
          return `writes over the disk ${printable(node.target.value)}`;
        }
        break;
      default:
    }
    return firstOfChildren(node, (child) => this.#inNode(child));
  }

  #inPipeline(stages: readonly SyntaxNode[]): string | undefined {
    let stdin: string | undefined;
    for (const stage of stages) {
      const found = this.#inNode(stage, stdin);
      if (found !== undefined) return found;
      stdin = outputOf(stage, stdin, this.#scope);
    }
    return undefined;
  }

  #inFolderOfItsOwn(node: SyntaxNode): string | undefined {
    const folder = this.#folder;
    const found = firstOfChildren(node, (child) => this.#inNode(child));
    this.#folder = folder;
    return found;
  }

  #inCommand(command: Command, piped: string | undefined): string | undefined {
    const inside = firstOfChildren(command, (child) => this.#inNode(child));
    if (inside !== undefined) return inside;
    const argv = [command.name, ...command.args].flatMap((word) => (word ? expandWord(word, this.#scope) : []));
    // Before a program they are for it alone; a nested script in its arguments may still use them.
    for (const item of [...command.prefix, ...(declarations.has(argv[0] ?? '') ? command.args : [])]) {
      if (item.type === 'Assignment') this.#assign(item);
    }
    return this.#inCall(argv, inputOf(command.redirects, this.#scope) ?? piped);
  }

  #inCall(argv: readonly string[], stdin: string | undefined): string | undefined {
    if (this.#depth > 400 || this.#scope.budget.left < 0) return undefined;
    this.#depth += 1;
    try {
      const [program = '', ...args] = argv;
      return namesOf(program)
        .map((name) => this.#inNamedCall(name, args, stdin))
        .find((found) => found !== undefined);
    } finally {
      this.#depth -= 1;
    }
  }

  #inNamedCall(name: string, args: readonly string[], stdin: string | undefined): string | undefined {
    if (name === 'cd' || name === 'pushd') this.#enter(args);
    if (name === 'set' && args[0] === '--') this.#setPositional(['', ...args.slice(1)]);
    const direct = findDestructiveCall(name, args, this.#folder);
    if (direct !== undefined) return direct;
    const calls = name === 'find' ? findExecs(args) : [];
    // A function may run what it is given.
    if (this.#functions.has(name)) calls.length === 0 && this.#setPositional([name, ...args]);
    const inner = findInner({ name, args, stdin });
    if (inner?.kind === 'script') {
      if (inner.positional.length > 0) this.#setPositional(inner.positional);
      return this.#inSource(inner.source);
    }
    const next = [...calls, ...(inner ? [inner.argv] : []), ...(this.#functions.has(name) ? [args] : [])];
    return next.map((call) => this.#inCall(call, stdin)).find((found) => found !== undefined);
  }

  #inSource(source: string): string | undefined {
    this.#scope.budget.left -= source.length;
    if (this.#scope.budget.left < 0) return undefined;
    return this.inScript(readScript(source).script);
  }

  #assign({ name, value, append }: AssignmentPrefix): void {
    const words =
      value.type === 'ArrayValue'
        ? value.elements.flatMap((word) => expandWord(word, this.#scope))
        : expandWord(value, this.#scope);
    const before = append ? (this.#scope.variables.get(name)?.text ?? '') : '';
    const list = value.type === 'ArrayValue';
    const text = before + (list && before !== '' ? ' ' : '') + words.join(' ');
    this.#scope.budget.left -= text.length;
    this.#scope.variables.set(name, { text: this.#scope.budget.left < 0 ? unknown : text, list });
  }

  #setList(name: string, words: readonly string[]): void {
    this.#scope.variables.set(name, { text: words.join(' '), list: true });
  }

  #setPositional(words: readonly string[]): void {
    for (const [index, word] of words.entries()) this.#scope.variables.set(`${index}`, { text: word, list: false });
    this.#setList('@', words.slice(1));
    this.#setList('*', words.slice(1));
  }

  #enter(args: readonly string[]): void {
    const target = args.find((arg) => !/^-[LPe]+$/.test(arg) && arg !== '--') ?? '~';
    if (target === '-' || target.includes(unknown)) this.#folder = undefined;
    else if (/^[/~]/.test(target)) this.#folder = target;
    else if (this.#folder !== undefined) this.#folder += `/${target}`;
  }
}

/** The program's names as the list spells them: without folder and `.exe`, in lower case, patterns spelled out. */
function namesOf(program: string): readonly string[] {
  const name = (program.split('/').at(-1) ?? '').toLowerCase().replace(/\.(exe|com)$/, '');
  return /[*?[]/.test(name) && name !== '[' ? spelledOut.filter((known) => matchesPattern(known, name)) : [name];
}
