import type { Argument } from './argument.ts';
import type { HarmlessOptions } from './options.ts';
import { findForeignArgument, shown } from './options.ts';
import { findGitEffect } from './read-only-git.ts';
import { printable } from './syntax.ts';

/** Finds the argument that takes a call off the list: its text, or undefined when the call changes nothing. */
type Rule = (args: readonly Argument[]) => string | undefined;

/** Why calling `name` may change something, as a phrase that completes "It …"; undefined when it is known not to. */
export function findCallEffect(name: string, args: readonly Argument[]): string | undefined {
  const program = name.replace(/^(\/usr)?\/bin\//, '');
  if (program === 'git') return findGitEffect(args);
  if (program === 'xargs') return findXargsEffect(args);
  const rule = rules.get(program);
  if (rule === undefined) return `${effects.get(program) ?? 'runs an unknown program'}: ${printable(name)}`;
  const foreign = rule(args);
  return foreign === undefined ? undefined : `may change something: ${printable(`${program} ${foreign}`)}`;
}

/** Programs that only read and print, whatever they are given. */
const readers = [
  ...[':', '[', 'arch', 'basename', 'cal', 'cat', 'cd', 'cksum', 'cmp', 'comm', 'column', 'cut', 'df', 'diff'],
  ...['dirname', 'du', 'echo', 'egrep', 'expand', 'expr', 'false', 'fgrep', 'fold', 'free', 'getconf', 'grep'],
  ...['groups', 'head', 'hexdump', 'id', 'join', 'jq', 'locale', 'ls', 'lsblk', 'lscpu', 'md5sum', 'nl', 'nproc'],
  ...['od', 'paste', 'pgrep', 'printenv', 'ps', 'pwd', 'readlink', 'realpath', 'rev', 'seq', 'sha1sum', 'sha256sum'],
  ...['shasum', 'sleep', 'stat', 'strings', 'tac', 'tail', 'test', 'tr', 'true', 'tty', 'type', 'uname', 'uptime'],
  ...['wc', 'which', 'who', 'whoami'],
];

/** What a person would say of well-known programs that are not on the list. */
const effects: ReadonlyMap<string, string> = new Map([
  ...namesWith('deletes files', ['rm', 'rmdir', 'unlink', 'shred']),
  ...namesWith('changes files', ['cp', 'mv', 'ln', 'mkdir', 'touch', 'tee', 'truncate', 'patch', 'tar', 'unzip', 'dd']),
  ...namesWith('changes permissions', ['chmod', 'chown', 'chgrp']),
  ...namesWith('ends processes', ['kill', 'killall', 'pkill']),
  ...namesWith('reaches into the network', ['curl', 'wget', 'ssh', 'scp', 'rsync', 'nc']),
  ...namesWith('runs another command', ['sudo', 'bash', 'sh', 'eval', 'exec', 'source', '.', 'nohup', 'timeout']),
]);

function namesWith(phrase: string, names: readonly string[]): readonly (readonly [string, string])[] {
  return names.map((name) => [name, phrase]);
}

const versionOnly = ['--version', '-v', '-V'];

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
  // `-version` is Java's own spelling.
  ...['node', 'npm', 'python', 'python3', 'ruby', 'php', 'perl', 'gcc', 'clang', 'make', 'java', 'bash'].map(
    (name): [string, Rule] => [name, name === 'java' ? isOnly([...versionOnly, '-version']) : isOnly(versionsOf(name))],
  ),
]);

function onlyWith(options: HarmlessOptions): Rule {
  return (args) => findForeignArgument(args, options);
}

/** `-v` asks Python, Ruby, Perl and others to be verbose, or for something else again. */
function versionsOf(name: string): readonly string[] {
  return ['node', 'npm', 'php'].includes(name) ? ['--version', '-v'] : ['--version'];
}

function isOnly(allowed: readonly string[]): Rule {
  return (args) => (args.length === 1 && isOneOf(args[0], allowed) ? undefined : firstShown(args));
}

function isOneOf(argument: Argument | undefined, allowed: readonly string[]): boolean {
  return argument?.kind === 'fixed' && allowed.includes(argument.text);
}

function isOperand({ kind, text }: Argument): boolean {
  return kind === 'operand' || kind === 'operands' || (kind === 'fixed' && !text.startsWith('-'));
}

function firstShown(args: readonly (Argument | undefined)[]): string {
  return args[0] === undefined ? '' : shown(args[0]);
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

/** `test -v 'a[$(reboot)]'` runs what stands in the index; elsewhere `test` takes its operands as they are. */
function findTestEffect(args: readonly Argument[]): string | undefined {
  const dangerous = args.find(({ kind, text }) => kind === 'fixed' && (text === '-v' || text === '-R'));
  if (dangerous !== undefined) return dangerous.text;
  const operands = args.filter(({ kind, text }) => kind !== 'fixed' || !['!', ']'].includes(text));
  const open = operands.find(({ kind }) => kind === 'word' || kind === 'anything');
  if (open === undefined || (operands.length === 1 && open.kind === 'word')) return undefined;
  // With a known operator in its place, the open word can only be an operand.
  const operator = operands[operands.length === 3 ? 1 : 0];
  const isPlainTest =
    operands.length <= 3 && operator?.kind === 'fixed' && /^(-[a-zA-Z]+|=|==|!=)$/.test(operator.text);
  return isPlainTest && !operands.some(({ kind }) => kind === 'anything') ? undefined : shown(open);
}

function findReadEffect(args: readonly Argument[]): string | undefined {
  const foreign = args.find(({ kind, text }) => kind !== 'fixed' || !/^(-r|[a-z_][a-z0-9_]*)$/.test(text));
  return foreign && shown(foreign);
}

const findTestsAlone = new Set(
  '-H -L -P ( ) ! , -a -and -o -or -not -print -print0 -ls -prune -quit -depth -mount -xdev -daystart -follow -empty -readable -writable -executable -true -false -nouser -nogroup'.split(
    ' ',
  ),
);
const findTestsWithValue = new Set(
  '-name -iname -path -ipath -wholename -iwholename -lname -ilname -regex -iregex -regextype -type -xtype -size -mtime -mmin -atime -amin -ctime -cmin -newer -anewer -cnewer -newermt -maxdepth -mindepth -perm -user -group -uid -gid -links -inum -samefile -printf -fstype'.split(
    ' ',
  ),
);

function findFindEffect(args: readonly Argument[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === undefined) break;
    if (argument.kind === 'operand' || argument.kind === 'operands') continue;
    if (argument.kind !== 'fixed') return shown(argument);
    if (findTestsAlone.has(argument.text)) continue;
    if (findTestsWithValue.has(argument.text)) {
      const value = args[++index];
      if (value === undefined || value.kind === 'operands' || value.kind === 'anything') return argument.text;
      continue;
    }
    if (argument.text.startsWith('-')) return argument.text;
  }
  return undefined;
}

/** Only printing of lines by number or by a simple pattern: the rest of sed can write files and run programs. */
function findSedEffect(args: readonly Argument[]): string | undefined {
  const [options, script, ...files] = args;
  if (!isOneOf(options, ['-n', '-nE', '-nr', '-En', '-rn'])) return firstShown(args);
  const address = String.raw`(\d+|\$|/[^/\\\n;{}]+/)`;
  const print = new RegExp(`^${address}(,(\\+?\\d+|\\$|/[^/\\\\\\n;{}]+/))?p$`);
  if (script?.kind !== 'fixed' || !script.text.split(/;\s*/).every((part) => print.test(part)))
    return firstShown([script]);
  return findForeignArgument(files, {});
}

function findDockerEffect([subcommand, ...args]: readonly Argument[]): string | undefined {
  const options = subcommand?.kind === 'fixed' ? dockerReads.get(subcommand.text) : undefined;
  if (options === undefined) return firstShown([subcommand]);
  return findForeignArgument(args, options);
}

const dockerReads: ReadonlyMap<string, HarmlessOptions> = new Map([
  [
    'ps',
    {
      flags: 'aqlns',
      long: ['all', 'quiet', 'latest', 'no-trunc', 'size'],
      longValues: ['filter', 'format'],
      maxOperands: 0,
    },
  ],
  ['images', { flags: 'aq', long: ['all', 'quiet', 'digests', 'no-trunc'], longValues: ['filter', 'format'] }],
  [
    'logs',
    { flags: 'ft', values: 'n', long: ['follow', 'timestamps', 'details'], longValues: ['tail', 'since', 'until'] },
  ],
  ['version', {}],
  ['info', {}],
  ['inspect', { flags: 's', values: 'f', long: ['size'], longValues: ['type', 'format'] }],
  ['top', { maxOperands: 1 }],
  ['port', {}],
  ['--version', { maxOperands: 0 }],
]);

/** xargs adds words from its input, which may be anything, to the end of the command. */
function findXargsEffect(args: readonly Argument[]): string | undefined {
  let index = 0;
  for (; index < args.length; index++) {
    const argument = args[index];
    if (argument?.kind !== 'fixed') return 'runs a program whose name is not known beforehand';
    if (/^-([0rt]+|[nLP]\d+|I\{\})$/.test(argument.text)) continue;
    if (!/^-[nLPI]$/.test(argument.text)) break;
    const value = args[++index];
    if (argument.text === '-I' && !isOneOf(value, ['{}'])) return 'may change something: xargs -I';
  }
  const [program, ...rest] = args.slice(index);
  if (program === undefined) return undefined;
  const call = rest.map((argument): Argument => (argument.text.includes('{}') ? anyWords : argument));
  return findCallEffect(program.text, [...call, anyWords]);
}

const anyWords: Argument = { kind: 'anything', text: '' };
