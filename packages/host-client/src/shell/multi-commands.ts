import { isWrapper } from './wrappers.ts';

/** A program that does different things, which its first argument names. */
type MultiCommand = {
  /** Those that need another word to say what is done: `npm run build`, `docker compose up`. */
  readonly groups?: readonly string[];
  /** Those that run what they are given. */
  readonly never?: readonly string[];
  /** No others than these: the rest runs programs by its options or by the project's own settings. */
  readonly only?: readonly string[];
  /** Those whose first operand names where the data goes, or comes from. */
  readonly remotes?: readonly string[];
  /** Every argument names something to be made. */
  readonly targets?: true;
};

/** In the text of an exact call. */
const maxExactChars = 120;

/**
 * What `program` is told to do, as a standing permission names it. Undefined for one that must be asked about each time:
 * an interpreter, a shell, what runs other programs or reaches into the network.
 */
export function subcommandOf(
  program: string,
  args: readonly string[],
  { hasPatterns }: { readonly hasPatterns: boolean },
): string | undefined {
  // Where names are told apart without regard to case, `BASH` is bash.
  const base = program.toLowerCase().replace(/^(\/[\w.+-]+)*\//, '');
  if (!/^[a-z0-9_][\w.+-]*$/.test(base) || program.includes('..')) return undefined;
  const name = base.replace(/\.(exe|com|cmd|bat)$/, '');
  if (isWrapper(name) || never.has(name) || interpreters.test(name)) return undefined;
  if (plain.has(name)) return '';
  const multi = multiCommands.get(name);
  if (multi !== undefined) return multi.targets ? targetsOf(args) : firstWords(multi, args);
  return hasPatterns ? undefined : exactly(args);
}

function firstWords({ groups, never: runners, only, remotes }: MultiCommand, args: readonly string[]) {
  const [first = '', second = '', ...rest] = args;
  if (!/^[a-z][\w:-]*$/i.test(first) || runners?.includes(first) || (only && !only.includes(first))) return undefined;
  if (remotes?.includes(first)) {
    // `git push somewhere:path` is not a name that the project gave to a place.
    const remote = [second, ...rest].find((arg) => !arg.startsWith('-'));
    if (remote !== undefined && !/^[\w.-]*$/.test(remote)) return undefined;
  }
  if (!groups?.includes(first)) return first;
  return isWord(second) && !runners?.includes(second) ? `${first} ${second}` : undefined;
}

/** An option or a variable (`make CC=./evil`) is no target. */
function targetsOf(args: readonly string[]): string | undefined {
  return args.every(isWord) ? args.join(' ') : undefined;
}

function exactly(args: readonly string[]): string | undefined {
  const text = args.map((arg) => (/^[\w./:=@%+,-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`)).join(' ');
  return text.length <= maxExactChars && /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text) ? text : undefined;
}

function isWord(text: string): boolean {
  return /^[a-z0-9_@][\w:./@+-]*$/i.test(text);
}

const interpreters =
  /^(python|pypy|ipython|node|nodejs|ruby|irb|perl|php|lua|luajit|tclsh|wish|julia|java|scala|groovy|guile|r|rscript)[\d.]*$/;

const never = new Set([
  // Interpreters.
  ...['deno', 'tsx', 'ts-node', 'expect', 'awk', 'gawk', 'mawk', 'nawk', 'sed', 'ed', 'ex', 'vi', 'vim', 'nvim'],
  ...[
    'emacs',
    'nano',
    'less',
    'more',
    'man',
    'gdb',
    'lldb',
    'ghci',
    'runghc',
    'osascript',
    'powershell',
    'pwsh',
    'cmd',
  ],
  ...['jshell', 'erl', 'elixir', 'iex', 'racket', 'sbcl', 'sqlite3', 'psql', 'mysql', 'mongosh', 'ftp'],
  // What runs other programs.
  ...[
    'npx',
    'pnpx',
    'bunx',
    'uvx',
    'pipx',
    'find',
    'parallel',
    'entr',
    'watchexec',
    'nodemon',
    'tar',
    'zip',
    'crontab',
  ],
  ...['tmux', 'screen', 'start-stop-daemon', 'unbuffer', 'bwrap', 'firejail', 'nsenter', 'ltrace', 'perf', 'valgrind'],
  ...['rlwrap', 'dbus-run-session', 'concurrently', 'lerna', 'nx', 'tox', 'nox', 'ansible', 'poetry-run', 'wsl'],
  // What reaches other machines.
  ...[
    'curl',
    'wget',
    'ssh',
    'mosh',
    'scp',
    'sftp',
    'rsync',
    'nc',
    'ncat',
    'netcat',
    'socat',
    'telnet',
    'aria2c',
    'http',
  ],
  ...['https', 'xh', 'mail', 'sendmail'],
  // What means something else each time, or more than a folder.
  ...[
    'kill',
    'killall',
    'pkill',
    'dd',
    'mount',
    'umount',
    'passwd',
    'chroot',
    'iptables',
    'wait',
    'fg',
    'bg',
    'disown',
  ],
]);

/** Whatever they are given, they do one thing, within the folder that their arguments name. */
const plain = new Set([
  ...['mkdir', 'touch', 'rmdir', 'tsc', 'eslint', 'prettier', 'biome', 'oxlint', 'stylelint', 'vitest', 'jest'],
  ...['pytest', 'mypy', 'ruff', 'black', 'isort', 'flake8', 'gofmt', 'rustfmt', 'shellcheck'],
]);

const nodePackages: MultiCommand = {
  groups: ['run', 'run-script', 'workspace', 'pkg'],
  never: ['exec', 'x', 'dlx', 'explore', 'config', 'set', 'create', 'init', 'node', 'npm', 'npx', 'repl', 'edit'],
};

const containers: MultiCommand = {
  groups: ['compose', 'container', 'image', 'volume', 'network', 'system', 'builder', 'buildx', 'context'],
  never: ['run', 'exec', 'create', 'cp', 'plugin', 'swarm', 'service', 'stack', 'import', 'load'],
};

const pythonPackages: MultiCommand = {
  groups: ['pip', 'tool', 'env'],
  never: ['run', 'shell', 'config', 'debug', 'x', 'exec', 'init'],
};

const packages: MultiCommand = {
  never: ['shell', 'config', 'edit-sources', 'edit', 'sh', 'ruby', 'irb', 'exec', 'run'],
};

const targets: MultiCommand = { targets: true };

const multiCommands: ReadonlyMap<string, MultiCommand> = new Map<string, MultiCommand>([
  [
    'git',
    {
      only: [
        ...[
          'add',
          'am',
          'apply',
          'branch',
          'checkout',
          'cherry-pick',
          'clean',
          'commit',
          'fetch',
          'init',
          'merge',
          'mv',
        ],
        ...['pull', 'push', 'reset', 'restore', 'revert', 'rm', 'stash', 'switch', 'tag'],
      ],
      remotes: ['fetch', 'pull', 'push'],
    },
  ],
  ...['npm', 'pnpm', 'yarn', 'bun'].map((name): [string, MultiCommand] => [name, nodePackages]),
  ...['docker', 'podman', 'nerdctl'].map((name): [string, MultiCommand] => [name, containers]),
  ...['pip', 'pip3', 'uv', 'poetry', 'pipenv', 'pdm'].map((name): [string, MultiCommand] => [name, pythonPackages]),
  ...['brew', 'apt', 'apt-get', 'dnf', 'yum', 'gem', 'bundle', 'composer', 'rustup'].map(
    (name): [string, MultiCommand] => [name, packages],
  ),
  [
    'kubectl',
    { groups: ['rollout', 'set', 'create'], never: ['exec', 'run', 'debug', 'cp', 'proxy', 'edit', 'config'] },
  ],
  ['helm', { never: ['plugin', 'env'] }],
  ['cargo', { never: ['run', 'rustc', 'r', 'config'] }],
  ['go', { groups: ['mod', 'work'], never: ['run', 'generate', 'tool', 'env'] }],
  ['systemctl', { never: ['edit', 'set-environment', 'import-environment'] }],
  ['terraform', { groups: ['state', 'workspace'], never: ['console'] }],
  [
    'gh',
    {
      groups: ['pr', 'issue', 'run', 'workflow', 'release', 'repo'],
      never: ['api', 'alias', 'extension', 'config', 'codespace'],
    },
  ],
  ['dotnet', { groups: ['tool'], never: ['run', 'exec', 'fsi', 'script'] }],
  ['flutter', { groups: ['pub'], never: ['run', 'config'] }],
  ...['make', 'gmake', 'ninja', 'just', 'task', 'rake', 'gradle', 'mvn'].map((name): [string, MultiCommand] => [
    name,
    targets,
  ]),
]);
