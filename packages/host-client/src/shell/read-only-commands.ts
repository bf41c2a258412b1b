import type { Text } from '@phonework/shared/language';
import type { Argument } from './argument.ts';
import type { HarmlessOptions } from './options.ts';
import { findForeignArgument, shown } from './options.ts';
import { findGitEffect } from './read-only-git.ts';
import {
  findDockerEffect,
  findFindEffect,
  findReadEffect,
  findSedEffect,
  findTestEffect,
  firstShown,
  isOneOf,
} from './read-only-rules.ts';
import { effectTexts as texts } from './verdict-texts.ts';

/** Finds the argument that takes a call off the list: its text, or undefined when the call changes nothing. */
type Rule = (args: readonly Argument[]) => string | undefined;

/** Why calling `name` may change something, as a phrase that completes "It …"; undefined when it is known not to. */
export function findCallEffect(name: string, args: readonly Argument[]): Text | undefined {
  const program = name.replace(/^(\/usr)?\/bin\//, '');
  if (program === 'git') return findGitEffect(args);
  if (program === 'xargs') return findXargsEffect(args);
  const rule = rules.get(program);
  if (rule === undefined) return texts.ofProgram(effects.get(program) ?? texts.unknownProgram, name);
  const foreign = rule(args);
  return foreign === undefined ? undefined : texts.mayChange(`${program} ${foreign}`);
}

/** Programs that only read and print, whatever they are given. */
const readers = [
  ...[':', 'arch', 'basename', 'cal', 'cat', 'cd', 'cksum', 'cmp', 'comm', 'column', 'cut', 'df', 'diff'],
  ...['dirname', 'du', 'echo', 'egrep', 'expand', 'expr', 'false', 'fgrep', 'fold', 'free', 'getconf', 'grep'],
  ...['groups', 'head', 'hexdump', 'id', 'join', 'jq', 'locale', 'ls', 'lsblk', 'lscpu', 'md5sum', 'nl', 'nproc'],
  ...['od', 'paste', 'pgrep', 'printenv', 'ps', 'pwd', 'readlink', 'realpath', 'rev', 'seq', 'sha1sum', 'sha256sum'],
  ...['shasum', 'sleep', 'stat', 'strings', 'tac', 'tail', 'tr', 'true', 'tty', 'type', 'uname', 'uptime'],
  ...['wc', 'which', 'who', 'whoami'],
];

/** What a person would say of well-known programs that are not on the list. */
const effects: ReadonlyMap<string, Text> = new Map([
  ...namesWith(texts.deletesFiles, ['rm', 'rmdir', 'unlink', 'shred']),
  ...namesWith(texts.changesFiles, [
    'cp',
    'mv',
    'ln',
    'mkdir',
    'touch',
    'tee',
    'truncate',
    'patch',
    'tar',
    'unzip',
    'dd',
  ]),
  ...namesWith(texts.changesPermissions, ['chmod', 'chown', 'chgrp']),
  ...namesWith(texts.endsProcesses, ['kill', 'killall', 'pkill']),
  ...namesWith(texts.network, ['curl', 'wget', 'ssh', 'scp', 'rsync', 'nc']),
  ...namesWith(texts.runsAnother, ['sudo', 'bash', 'sh', 'eval', 'exec', 'source', '.', 'nohup', 'timeout']),
]);

function namesWith(phrase: Text, names: readonly string[]): readonly (readonly [string, Text])[] {
  return names.map((name) => [name, phrase]);
}

/** `-v` asks Python, Ruby, Perl and others to be verbose, or for something else again. */
const versionOptions = new Map<string, readonly string[]>([
  ...['bash', 'clang', 'gcc', 'make', 'perl', 'python', 'python3', 'ruby'].map(withVersion),
  ['node', ['--version', '-v']],
  ['npm', ['--version', '-v']],
  ['php', ['--version', '-v']],
  ['java', ['--version', '-version']],
]);

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...readers.map((name): [string, Rule] => [name, () => undefined]),
  ['test', findTestEffect],
  ['[', findTestEffect],
  // `printf -v` assigns, and evaluates the index of what it assigns to.
  ['printf', ([format]) => (format && !isOperand(format) ? shown(format) : undefined)],
  ['read', findReadEffect],
  ['command', ([first, ...rest]) => (isOneOf(first, ['-v', '-V']) ? undefined : firstShown([first, ...rest]))],
  ['sort', onlyWith(sortOptions())],
  [
    'uniq',
    onlyWith({ flags: 'cdDiuz', values: 'fsw', long: ['count', 'repeated', 'unique', 'ignore-case'], maxOperands: 1 }),
  ],
  ['file', onlyWith({ flags: 'bhikL', long: ['brief', 'mime', 'mime-type', 'mime-encoding', 'dereference'] })],
  ['hostname', onlyWith({ flags: 'AdfiIs', long: ['fqdn', 'short', 'ip-address'], maxOperands: 0 })],
  ['env', onlyWith({ flags: '0', long: ['null'], maxOperands: 0 })],
  [
    'tree',
    onlyWith({
      flags: 'adfilxpsughDFvtrncCNAqQJX',
      values: 'LPI',
      long: ['dirsfirst', 'noreport', 'du', 'prune', 'gitignore'],
    }),
  ],
  ['rg', onlyWith(ripgrepOptions())],
  // A date without a leading plus would be set.
  [
    'date',
    onlyWith({
      flags: 'uR',
      values: 'd',
      long: ['utc', 'universal', 'rfc-email', 'iso-8601'],
      longAttached: ['date', 'rfc-3339'],
      operandPattern: /^\+/,
    }),
  ],
  ['find', findFindEffect],
  ['sed', findSedEffect],
  ['docker', findDockerEffect],
  ...[...versionOptions].map(([name, options]): [string, Rule] => [name, isOnly(options)]),
]);

function withVersion(name: string): [string, readonly string[]] {
  return [name, ['--version']];
}

function onlyWith(options: HarmlessOptions): Rule {
  return (args) => findForeignArgument(args, options);
}

function isOnly(allowed: readonly string[]): Rule {
  return (args) => (args.length === 1 && isOneOf(args[0], allowed) ? undefined : firstShown(args));
}

function isOperand({ kind, text }: Argument): boolean {
  return kind === 'operand' || kind === 'operands' || (kind === 'fixed' && !text.startsWith('-'));
}

function sortOptions(): HarmlessOptions {
  const long = ['reverse', 'numeric-sort', 'human-numeric-sort', 'version-sort', 'unique', 'ignore-case', 'stable'];
  return { flags: 'bcCdfghiMmnrRsuVz', values: 'kt', long, longValues: ['key', 'field-separator'] };
}

/** Not on it: --pre, --hostname-bin and --search-zip, which run programs. */
function ripgrepOptions(): HarmlessOptions {
  return {
    flags: 'aciFhHIlLnNopPqsSUuvwx0.',
    values: 'ABCegmtTdEfjMr',
    long: [
      ...['count', 'count-matches', 'files', 'files-with-matches', 'files-without-match', 'fixed-strings', 'heading'],
      ...['hidden', 'ignore-case', 'invert-match', 'json', 'line-number', 'multiline', 'no-filename', 'no-heading'],
      ...['no-ignore', 'no-line-number', 'no-messages', 'only-matching', 'pcre2', 'smart-case', 'stats', 'trim'],
      ...['type-list', 'unrestricted', 'version', 'vimgrep', 'with-filename', 'word-regexp', 'case-sensitive'],
    ],
    longValues: [
      ...['after-context', 'before-context', 'color', 'context', 'glob', 'iglob', 'max-columns', 'max-count'],
      ...['max-depth', 'regexp', 'replace', 'sort', 'sortr', 'type', 'type-not'],
    ],
  };
}

/** xargs adds words from its input, which may be anything, to the end of the command. */
function findXargsEffect(args: readonly Argument[]): Text | undefined {
  let index = 0;
  for (; index < args.length; index++) {
    const argument = args[index];
    if (argument?.kind !== 'fixed') return texts.openProgram;
    if (/^-([0rt]+|[nLP]\d+|I\{\})$/.test(argument.text)) continue;
    if (!/^-[nLPI]$/.test(argument.text)) break;
    const value = args[++index];
    if (argument.text === '-I' && !isOneOf(value, ['{}'])) return texts.mayChange('xargs -I');
  }
  const [program, ...rest] = args.slice(index);
  if (program === undefined) return undefined;
  const call = rest.map((argument): Argument => (argument.text.includes('{}') ? anyWords : argument));
  return findCallEffect(program.text, [...call, anyWords]);
}

const anyWords: Argument = { kind: 'anything', text: '' };
