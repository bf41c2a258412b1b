import type { Argument } from './argument.ts';
import type { HarmlessOptions } from './options.ts';
import { findForeignArgument, shown } from './options.ts';

// Rules for programs whose arguments are more than options and operands. Each gives the argument that takes the call off
// the list of those that change nothing, or undefined.

/** `test -v 'a[$(reboot)]'` runs what stands in the index; elsewhere `test` takes its operands as they are. */
export function findTestEffect(args: readonly Argument[]): string | undefined {
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

export function findReadEffect(args: readonly Argument[]): string | undefined {
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

export function findFindEffect(args: readonly Argument[]): string | undefined {
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
export function findSedEffect(args: readonly Argument[]): string | undefined {
  const [options, script, ...files] = args;
  if (!isOneOf(options, ['-n', '-nE', '-nr', '-En', '-rn'])) return firstShown(args);
  const address = String.raw`(\d+|\$|/[^/\\\n;{}]+/)`;
  const print = new RegExp(`^${address}(,(\\+?\\d+|\\$|/[^/\\\\\\n;{}]+/))?p$`);
  if (script?.kind !== 'fixed' || !script.text.split(/;\s*/).every((part) => print.test(part)))
    return firstShown([script]);
  return findForeignArgument(files, {});
}

export function findDockerEffect([subcommand, ...args]: readonly Argument[]): string | undefined {
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

export function isOneOf(argument: Argument | undefined, allowed: readonly string[]): boolean {
  return argument?.kind === 'fixed' && allowed.includes(argument.text);
}

/** What to show of a call that is off the list as a whole. */
export function firstShown(args: readonly (Argument | undefined)[]): string {
  return args[0] === undefined ? '' : shown(args[0]);
}
