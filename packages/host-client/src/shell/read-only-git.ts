import type { Text } from '@phonework/shared/language';
import type { Argument } from './argument.ts';
import type { HarmlessOptions } from './options.ts';
import { findForeignArgument, shown } from './options.ts';
import { effectTexts as texts } from './verdict-texts.ts';

/**
 * Why the git command may change something; undefined when it is known to read only. What git's own configuration
 * makes it run (file system monitor, pager, signature checks, hooks) is switched off by `readOnlyEnvironment`;
 * text converters and external diff programs need an entry in `.git/config`, which no clone brings along.
 */
export function findGitEffect(args: readonly Argument[]): Text | undefined {
  const rest = skipGlobalOptions(args);
  const [subcommand, ...operands] = rest;
  if (subcommand === undefined) return undefined;
  if (subcommand.kind !== 'fixed') return texts.openGitCommand;
  const read = reads.get(subcommand.text);
  if (read === undefined) return texts.mayChange(`git ${subcommand.text}`);
  const foreign = read(operands);
  if (foreign === undefined) return undefined;
  return texts.mayChange(`git ${subcommand.text} ${foreign}`);
}

function skipGlobalOptions(args: readonly Argument[]): readonly Argument[] {
  let index = 0;
  for (; index < args.length; index++) {
    const argument = args[index];
    if (argument?.kind !== 'fixed') break;
    if (['--no-pager', '-P', '--no-optional-locks'].includes(argument.text)) continue;
    if (argument.text !== '-C') break;
    const folder = args[index + 1];
    if (folder === undefined || folder.kind === 'operands' || folder.kind === 'anything') break;
    index++;
  }
  return args.slice(index);
}

type Read = (args: readonly Argument[]) => string | undefined;

/** What log, show, diff and their like share. Not on it: --output, --ext-diff, --textconv and --show-signature. */
const diffOptions: HarmlessOptions = {
  flags: 'abBcCDEFgimMpPqrRstuUwWz0123456789',
  values: 'nSG',
  long: [
    ...['abbrev', 'abbrev-commit', 'all', 'ancestry-path', 'branches', 'cached', 'cc', 'check', 'cherry-pick', 'color'],
    ...['compact-summary', 'count', 'date-order', 'decorate', 'dirstat', 'exit-code', 'find-renames', 'first-parent'],
    ...['follow', 'full-history', 'full-index', 'function-context', 'graph', 'histogram', 'ignore-all-space'],
    ...['ignore-blank-lines', 'ignore-space-change', 'left-right', 'merge-base', 'merges', 'minimal', 'name-only'],
    ...['name-status', 'no-abbrev-commit', 'no-color', 'no-decorate', 'no-ext-diff', 'no-merges', 'no-patch'],
    ...['no-prefix', 'no-renames', 'no-textconv', 'numstat', 'oneline', 'patch', 'patch-with-stat', 'patience'],
    ...['pickaxe-regex', 'pretty', 'quiet', 'raw', 'relative', 'remotes', 'reverse', 'shortstat', 'staged', 'stat'],
    ...['summary', 'tags', 'topo-order', 'word-diff'],
  ],
  longAttached: [
    ...['after', 'author', 'before', 'committer', 'date', 'diff-algorithm', 'diff-filter', 'format', 'grep'],
    ...['max-count', 'since', 'skip', 'unified', 'until'],
  ],
};

/** -L is known to log only: elsewhere it would not take the next word as its value. */
const logOptions: HarmlessOptions = { ...diffOptions, values: 'nSGL' };

const branchOptions: HarmlessOptions = {
  flags: 'arvi',
  long: ['all', 'color', 'column', 'ignore-case', 'list', 'no-color', 'remotes', 'show-current', 'verbose'],
  longAttached: ['sort', 'points-at'],
  longValues: ['contains', 'no-contains', 'merged', 'no-merged'],
};

const tagOptions: HarmlessOptions = {
  flags: 'lni0123456789',
  long: ['column', 'list'],
  longAttached: ['sort', 'points-at'],
  longValues: ['contains', 'no-contains', 'merged', 'no-merged'],
};

const shortlogOptions: HarmlessOptions = {
  flags: 'sne',
  long: ['all', 'email', 'no-merges', 'numbered', 'summary'],
  longAttached: ['author', 'group', 'since', 'until'],
};

const blameOptions: HarmlessOptions = {
  flags: 'beflnpstwcCM',
  values: 'LS',
  long: ['line-porcelain', 'porcelain', 'root', 'show-email', 'show-name', 'show-number'],
  longAttached: ['date', 'since'],
};

/** Not on it: -O, which opens a pager of the caller's choice. */
const grepOptions: HarmlessOptions = {
  flags: 'acEFGhHiIlLnopPqrvwWz',
  values: 'ABCefm',
  long: [
    ...['all-match', 'and', 'basic-regexp', 'break', 'cached', 'count', 'extended-regexp', 'files-with-matches'],
    ...['fixed-strings', 'heading', 'ignore-case', 'line-number', 'name-only', 'not', 'only-matching', 'or'],
    ...['perl-regexp', 'untracked', 'word-regexp'],
  ],
};

const describeOptions: HarmlessOptions = {
  long: [
    'abbrev',
    'all',
    'always',
    'candidates',
    'contains',
    'dirty',
    'exact-match',
    'exclude',
    'long',
    'match',
    'tags',
  ],
};

const statusOptions: HarmlessOptions = {
  flags: 'sbvzuno',
  long: [
    'ahead-behind',
    'branch',
    'column',
    'ignored',
    'long',
    'porcelain',
    'short',
    'show-stash',
    'untracked-files',
    'verbose',
  ],
};

const configOptions: HarmlessOptions = {
  flags: 'lz',
  long: [
    ...['get', 'get-all', 'get-regexp', 'list', 'global', 'local', 'system', 'worktree', 'name-only', 'null'],
    ...['show-origin', 'show-scope', 'bool', 'int', 'path'],
  ],
  maxOperands: 2,
};

const reads: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['--version', onlyWith({ maxOperands: 0 })],
  ['version', onlyWith({ maxOperands: 0 })],
  ['status', onlyWith(statusOptions)],
  ['log', onlyWith(logOptions)],
  ['show', onlyWith(diffOptions)],
  ['diff', onlyWith(diffOptions)],
  ['shortlog', onlyWith(shortlogOptions)],
  ['blame', onlyWith(blameOptions)],
  ['grep', onlyWith(grepOptions)],
  ['describe', onlyWith(describeOptions)],
  // These two only print, whatever their options.
  ['rev-parse', () => undefined],
  ['ls-files', () => undefined],
  ['ls-tree', onlyWith({ flags: 'drtlz', long: ['name-only', 'full-name', 'full-tree', 'long', 'abbrev'] })],
  ['cat-file', onlyWith({ flags: 'epts' })],
  ['merge-base', onlyWith({ flags: 'a', long: ['all', 'is-ancestor', 'fork-point'] })],
  ['branch', listing(branchOptions, ['--list'])],
  ['tag', listing(tagOptions, ['--list', '-l'])],
  ['config', listing(configOptions, ['--get', '--get-all', '--get-regexp', '--list', '-l'], true)],
  ['remote', verbs({ 'get-url': { long: ['all', 'push'] } }, { flags: 'v', long: ['verbose'], maxOperands: 0 })],
  ['stash', verbs({ list: diffOptions, show: diffOptions })],
  ['reflog', verbs({ show: diffOptions }, { maxOperands: 0 })],
  ['worktree', verbs({ list: { flags: 'vz', long: ['porcelain', 'verbose'], maxOperands: 0 } })],
]);

function onlyWith(options: HarmlessOptions): Read {
  return (args) => findForeignArgument(args, options);
}

/** Commands that make what their operand names, except where an option makes the operand a pattern to list. */
function listing(options: HarmlessOptions, listers: readonly string[], required = false): Read {
  return (args) => {
    const lists = args.some(({ kind, text }) => kind === 'fixed' && listers.includes(text));
    if (required && !lists) return args[0] ? shown(args[0]) : '';
    return findForeignArgument(args, lists ? options : { ...options, maxOperands: 0 });
  };
}

/** Commands whose first word says what to do; `bare` is what they may have without one. */
function verbs(harmless: Readonly<Record<string, HarmlessOptions>>, bare?: HarmlessOptions): Read {
  const byVerb = new Map(Object.entries(harmless));
  return (args) => {
    const [verb, ...rest] = args;
    const options = verb?.kind === 'fixed' ? byVerb.get(verb.text) : undefined;
    if (options !== undefined) return findForeignArgument(rest, options);
    if (bare === undefined) return verb ? shown(verb) : '';
    return findForeignArgument(args, bare);
  };
}
