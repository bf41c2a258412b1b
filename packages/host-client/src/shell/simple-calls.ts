import type { Command, Redirect, SyntaxNode } from 'unbash';
import type { Argument } from './argument.ts';
import { fixedText, toArgument } from './argument.ts';
import { subcommandOf } from './multi-commands.ts';
import { findEffect } from './read-only.ts';
import { findCallEffect } from './read-only-commands.ts';
import { firstOfChildren, readScript } from './syntax.ts';

/** What a standing permission names: a program, and what it is told to do. */
export type SimpleCall = {
  /** As it is written: a plain name, or an absolute path. */
  readonly program: string;
  /**
   * `commit` of `git commit -m x`, `run build` of `npm run build`. Of a program whose sub-commands are not known, all of
   * its arguments. Empty where the program alone says what it does, as `mkdir`.
   */
  readonly subcommand: string;
};

/** Longer ones are rare, and better looked at each time. */
const maxCommandChars = 4_000;

/**
 * The calls of the line that may change something, each once. Undefined for a line that no standing permission can speak
 * for, since what runs depends on more than its text, or reaches beyond the folder: with an expansion, a redirection to
 * a file, a loop, a variable, `cd`, a path that leads elsewhere, an interpreter, or a program that runs another one.
 */
export function simpleCalls(command: string): readonly SimpleCall[] | undefined {
  if (command.length > maxCommandChars) return undefined;
  const { script, fault } = readScript(command);
  if (fault !== undefined || findForeignNode(script) === true) return undefined;
  const calls = new Map<string, SimpleCall>();
  for (const node of commandsIn(script)) {
    const call = toCall(node);
    if (call === 'unnameable') return undefined;
    if (call !== 'read-only') calls.set(`${call.program}\0${call.subcommand}`, call);
  }
  return [...calls.values()];
}

const plainNodes: ReadonlySet<SyntaxNode['type']> = new Set<SyntaxNode['type']>([
  ...(['Script', 'Statement', 'CompoundList', 'AndOr', 'Pipeline', 'Negation', 'BraceGroup', 'Subshell'] as const),
  ...(['Command', 'Redirected', 'Redirect', 'FileDescriptor'] as const),
  ...(['Word', 'Literal', 'SingleQuoted', 'DoubleQuoted', 'Glob'] as const),
]);

function findForeignNode(node: SyntaxNode): true | undefined {
  if (!plainNodes.has(node.type)) return true;
  if (node.type === 'Redirect' && !isHarmless(node)) return true;
  return firstOfChildren(node, findForeignNode);
}

function isHarmless(redirect: Redirect): boolean {
  if (findEffect(redirect) !== undefined) return false;
  const target = redirect.target && fixedText(redirect.target);
  return target !== undefined && (redirect.operator !== '<' || target === '/dev/null' || !leadsElsewhere(target));
}

function commandsIn(node: SyntaxNode): Command[] {
  if (node.type === 'Command') return [node];
  const found: Command[] = [];
  firstOfChildren(node, (child): undefined => void found.push(...commandsIn(child)));
  return found;
}

/** With one of these on a line, the commands after it are not what they look like. */
const stateChangers = new Set([
  ...[
    'cd',
    'pushd',
    'popd',
    'set',
    'shopt',
    'enable',
    'hash',
    'alias',
    'unalias',
    'unset',
    'bind',
    'complete',
    'umask',
  ],
  ...['export', 'declare', 'typeset', 'local', 'readonly', 'let', 'mapfile', 'readarray', 'getopts', 'ulimit', 'fc'],
]);

function toCall({ name: word, args }: Command): SimpleCall | 'read-only' | 'unnameable' {
  const name = word && fixedText(word);
  if (name === undefined || stateChangers.has(name)) return 'unnameable';
  const words = args.map(toArgument);
  const texts = words.map(({ text }) => text);
  // Also what is only read: the next command may carry it away.
  if ([...texts, ...args.map(({ text }) => text)].some(leadsElsewhere)) return 'unnameable';
  if (findCallEffect(name, words) === undefined) return 'read-only';
  if (!words.every(isPlain) || texts.some(handsOn)) return 'unnameable';
  const hasPatterns = words.some(({ kind }) => kind !== 'fixed');
  const subcommand = subcommandOf(name, texts, { hasPatterns });
  return subcommand === undefined ? 'unnameable' : { program: name, subcommand };
}

function isPlain({ kind }: Argument): boolean {
  return kind === 'fixed' || kind === 'operands';
}

/**
 * Whether an argument may name something outside the current folder: an absolute path, a home, a way up, also behind
 * `--out=` or `-o`; or another machine. Links are not looked at.
 */
function leadsElsewhere(argument: string): boolean {
  return (
    /^["']?[/~]|[=:,]["']?[/~]|^-\w["']?[/~]/.test(argument) ||
    /(^|["'/\\=:,]|^-\w)\.\.(["'/\\]|$)/.test(argument) ||
    /:\/\/|::/.test(argument) ||
    /^([^\s:/]+):/.exec(argument)?.[1]?.includes('@') === true
  );
}

/** Parts of the names of options by which programs are told to run another one, or to load a part of themselves. */
const handingOptions = [
  ...['exec', 'eval', 'shell', 'command', 'pager', 'editor', 'hook', 'plugin', 'config', 'require', 'loader', 'import'],
  ...['preload', 'upload-pack', 'receive-pack', 'rsh', 'wrapper', 'node-option', 'compress-program', 'checkpoint'],
];

function handsOn(argument: string): boolean {
  const option = /^(--?)([a-z][\w-]*)/i.exec(argument);
  if (option === null) return false;
  const [, dashes, name = ''] = option;
  const lower = name.toLowerCase();
  // Many programs take a long option by its beginning.
  return handingOptions.some((part) => lower.includes(part) || (dashes === '--' && part.startsWith(lower)));
}
