import type { Text } from '@phonework/shared/language';
import type { Command, ParsedScript, SyntaxNode } from 'unbash';
import { findDestructiveCall } from './destructive-calls.ts';
import { expandWord } from './expansion.ts';
import { findExecs } from './find-command.ts';
import { isForkBomb } from './fork-bomb.ts';
import { LineState } from './line-state.ts';
import { isDisk, matchesPattern } from './protected-paths.ts';
import { inputOf, outputOf } from './static-output.ts';
import { firstOfChildren, readScript } from './syntax.ts';
import { destructionTexts } from './verdict-texts.ts';
import { findInner } from './wrappers.ts';

/** `reason` completes "It …"; `endless` is a line that grows too much to be searched to its end. */
type Destruction = { readonly kind: 'none' | 'endless' } | { readonly kind: 'found'; readonly reason: Text };

/**
 * Searches for what the line would destroy. The list is short (disks, system and home folders, switching the machine
 * off, fork bombs), the search is wide: through variables set on the line, wrappers, nested shells and what is piped
 * into them. `folder`, where it begins: `rm -rf *` is not the same everywhere.
 */
export function findDestruction(script: ParsedScript, folder?: string): Destruction {
  const search = new DestructionSearch(folder);
  const reason = search.inScript(script);
  if (reason !== undefined) return { kind: 'found', reason };
  return { kind: search.gaveUp ? 'endless' : 'none' };
}

/** Levels of nested scripts, wrappers and syntax together. */
const maxDepth = 600;

/** Names that mean destruction by themselves, for programs whose own name is a pattern: `/sbin/reb??t`. */
const spelledOut = ['rm', 'dd', 'mkfs', 'mkfs.ext4', 'shutdown', 'reboot', 'halt', 'poweroff'];

const declarations = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

/** Reads a line in order, as the shell would. Each method gives the reason that it found. */
class DestructionSearch {
  readonly #state: LineState;
  #depth = 0;

  constructor(folder: string | undefined) {
    this.#state = new LineState(folder);
  }

  get gaveUp(): boolean {
    return this.#state.budget.left < 0;
  }

  inScript(script: ParsedScript): Text | undefined {
    return isForkBomb(script) ? destructionTexts.forkBomb : this.#inNode(script);
  }

  #inNode(node: SyntaxNode, stdin?: string): Text | undefined {
    return this.#deeper(() => {
      switch (node.type) {
        case 'Command':
          return this.#inCommand(node, stdin);
        case 'Pipeline':
          return this.#inPipeline(node.commands);
        case 'Subshell':
          return this.#state.inSubshell(() => this.#inChildren(node));
        case 'Function':
          this.#state.functions.add(node.name.value);
          return this.#inChildren(node);
        case 'For':
          this.#state.setList(node.name.value, this.#expand(node.wordlist ?? []));
          return this.#inChildren(node);
        case 'Redirect': {
          const written = node.operator === '<' || !node.target ? [] : this.#expand([node.target]);
          return written.some(isDisk) ? destructionTexts.overTheDisk(written.join(' ')) : this.#inChildren(node);
        }
        default:
          return this.#inChildren(node);
      }
    });
  }

  #inChildren(node: SyntaxNode): Text | undefined {
    return firstOfChildren(node, (child) => this.#inNode(child));
  }

  #inPipeline(stages: readonly SyntaxNode[]): Text | undefined {
    let stdin: string | undefined;
    for (const stage of stages) {
      const found = this.#inNode(stage, stdin);
      if (found !== undefined) return found;
      stdin = outputOf(stage, stdin, this.#state);
    }
    return undefined;
  }

  #inCommand(command: Command, piped: string | undefined): Text | undefined {
    const inside = this.#inChildren(command);
    if (inside !== undefined) return inside;
    const argv = this.#expand([...(command.name ? [command.name] : []), ...command.args]);
    // Before a program they are for it alone; a nested script in its arguments may still use them.
    for (const item of [...command.prefix, ...(declarations.has(argv[0] ?? '') ? command.args : [])]) {
      if (item.type === 'Assignment') this.#state.assign(item);
    }
    return this.#inCall(argv, inputOf(command.redirects, this.#state) ?? piped);
  }

  #inCall([program = '', ...args]: readonly string[], stdin: string | undefined): Text | undefined {
    this.#state.budget.left -= args.length + 16;
    return this.#deeper(() => firstFound(namesOf(program), (name) => this.#inNamedCall(name, args, stdin)));
  }

  #inNamedCall(name: string, args: readonly string[], stdin: string | undefined): Text | undefined {
    if (name === 'cd' || name === 'pushd') this.#state.enter(args);
    if (name === 'set' && args[0] === '--') this.#state.setPositional(['', ...args.slice(1)]);
    const direct = findDestructiveCall(name, args, this.#state.folder);
    if (direct !== undefined) return direct;
    // A function of the line may run what it is given.
    const calls = this.#state.functions.has(name) ? [args] : findExecs(name, args);
    return firstFound(calls, (call) => this.#inCall(call, stdin)) ?? this.#inInner(name, args, stdin);
  }

  #inInner(name: string, args: readonly string[], stdin: string | undefined): Text | undefined {
    const inner = findInner({ name, args, stdin });
    if (inner?.kind !== 'script') return inner && this.#inCall(inner.argv, stdin);
    if (inner.positional.length > 0) this.#state.setPositional(inner.positional);
    this.#state.budget.left -= inner.source.length;
    return this.gaveUp ? undefined : this.inScript(readScript(inner.source).script);
  }

  #expand(words: Command['args']): readonly string[] {
    return words.flatMap((word) => expandWord(word, this.#state));
  }

  #deeper(search: () => Text | undefined): Text | undefined {
    if (this.#depth > maxDepth) this.#state.budget.left = -1;
    if (this.gaveUp) return undefined;
    this.#depth += 1;
    const found = search();
    this.#depth -= 1;
    return found;
  }
}

function firstFound<T>(items: readonly T[], search: (item: T) => Text | undefined): Text | undefined {
  for (const item of items) {
    const found = search(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The program's names as the list spells them: without folder and `.exe`, in lower case, patterns spelled out. */
function namesOf(program: string): readonly string[] {
  const name = (program.split('/').at(-1) ?? '').toLowerCase().replace(/\.(exe|com)$/, '');
  return /[*?[]/.test(name) && name !== '[' ? spelledOut.filter((known) => matchesPattern(known, name)) : [name];
}
