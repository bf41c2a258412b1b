import { inlineFile } from './expansion.ts';
import { fillIn } from './find-command.ts';

/** What a call makes another program or a shell run. */
type Inner =
  | { readonly kind: 'call'; readonly argv: readonly string[] }
  /** `positional` are $0, $1, … of the script. */
  | { readonly kind: 'script'; readonly source: string; readonly positional: readonly string[] };

type Call = {
  readonly name: string;
  readonly args: readonly string[];
  /** What the program reads, as far as the line tells. */
  readonly stdin: string | undefined;
};

/** What `call` hands on to be run, for programs whose purpose that is. */
export function findInner(call: Call): Inner | undefined {
  const { name, args } = call;
  if (shells.has(name)) return shellInner(call);
  if (joiners.has(name)) return script(operandsOf(args, { values: 'n' }).join(' '));
  if (scriptOptions.has(name)) return scriptOption(args) ?? prefixInner(call);
  switch (name) {
    case 'source':
    case '.':
      return sourced(args[0], call.stdin);
    case 'at':
    case 'batch':
      return call.stdin === undefined ? undefined : script(call.stdin);
    case 'trap':
      return script(operandsOf(args, {})[0] ?? '');
    case 'env':
      return envInner(args);
    case 'xargs':
      return xargsInner(call);
    case 'command':
      return /^-[pvV]*[vV]/.test(args[0] ?? '') ? undefined : prefixInner(call);
    default:
      return prefixInner(call);
  }
}

/** Whether the purpose of `name` is to run what it is given. */
export function isWrapper(name: string): boolean {
  return shells.has(name) || joiners.has(name) || scriptOptions.has(name) || prefixes.has(name) || others.has(name);
}

type Prefix = {
  /** Short options that take a value. */
  readonly values?: string;
  readonly longValues?: readonly string[];
  /** Operands before the command. */
  readonly skip?: number;
};

const shells = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'rbash', 'fish']);

const joiners = new Set(['eval', 'watch']);

/** Each with rules of its own. */
const others = new Set(['source', '.', 'at', 'batch', 'trap', 'env', 'xargs']);

/** Programs with `-c SCRIPT`. */
const scriptOptions = new Set(['su', 'runuser', 'flock', 'script']);

/** Programs that run the command after their own options. */
const prefixes: ReadonlyMap<string, Prefix> = new Map<string, Prefix>([
  [
    'sudo',
    { values: 'CDghpRrtTuU', longValues: ['user', 'group', 'host', 'prompt', 'chdir', 'chroot', 'role', 'type'] },
  ],
  ['doas', { values: 'Cu' }],
  ['pkexec', { longValues: ['user'] }],
  ['runuser', { values: 'uGg' }],
  ['gosu', { skip: 1 }],
  ['su-exec', { skip: 1 }],
  ['nice', { values: 'n', longValues: ['adjustment'] }],
  ['ionice', { values: 'cnpPu' }],
  ['nohup', {}],
  ['setsid', {}],
  ['timeout', { values: 'ks', longValues: ['kill-after', 'signal'], skip: 1 }],
  ['time', { values: 'fo' }],
  ['stdbuf', { values: 'eio' }],
  ['chroot', { skip: 1 }],
  ['taskset', { skip: 1 }],
  ['flock', { values: 'wE', skip: 1 }],
  ['strace', { values: 'abeEIoOpPsSuUX' }],
  ['unshare', { values: 'SGRw' }],
  ['systemd-run', { values: 'pEuHM' }],
  ['caffeinate', { values: 'tw' }],
  ['fakeroot', {}],
  ['command', {}],
  ['builtin', {}],
  ['exec', { values: 'a' }],
  ['busybox', {}],
  ['toybox', {}],
]);

function prefixInner({ name, args }: Call): Inner | undefined {
  const prefix = prefixes.get(name);
  if (prefix === undefined) return undefined;
  const operands = operandsOf(args, prefix);
  const start = operands.findIndex((operand) => !isAssignment(operand));
  const argv = start === -1 ? [] : operands.slice(start + (prefix.skip ?? 0));
  return argv.length === 0 ? undefined : { kind: 'call', argv };
}

function shellInner({ args, stdin }: Call): Inner | undefined {
  const operands = operandsOf(args, { values: 'oO', longValues: ['rcfile', 'init-file'] });
  const options = args.slice(0, args.length - operands.length);
  const [first, ...positional] = operands;
  if (options.some((option) => /^[-+][a-zA-Z]*c/.test(option))) {
    return first === undefined ? undefined : { kind: 'script', source: first, positional };
  }
  return sourced(first, stdin);
}

function sourced(file: string | undefined, stdin: string | undefined): Inner | undefined {
  if (file?.startsWith(inlineFile)) return script(file.slice(inlineFile.length));
  const readsStdin = file === undefined || file === '-' || /^\/(dev\/stdin|dev\/fd\/0|proc\/self\/fd\/0)$/.test(file);
  return readsStdin && stdin !== undefined ? script(stdin) : undefined;
}

function scriptOption(args: readonly string[]): Inner | undefined {
  for (const [index, option] of args.entries()) {
    if (/^(-[a-zA-Z]*c|--command)$/.test(option)) return script(args[index + 1] ?? '');
    const attached = /^(?:-c|--command=)(.+)$/s.exec(option)?.[1];
    if (attached !== undefined) return script(attached);
  }
  return undefined;
}

function envInner(args: readonly string[]): Inner | undefined {
  for (const [index, option] of args.entries()) {
    if (!option.startsWith('-')) break;
    const split = /^(?:-[i0v]*S|--split-string=?)(.*)$/s.exec(option);
    if (split === null) continue;
    const text = split[1] === '' ? args[index + 1] : split[1];
    const rest = args.slice(index + (split[1] === '' ? 2 : 1));
    return {
      kind: 'call',
      argv: [
        'env',
        ...(text ?? '')
          .replace(/["'\\]/g, '')
          .split(/\s+/)
          .filter(Boolean),
        ...rest,
      ],
    };
  }
  const operands = operandsOf(args, { values: 'uC', longValues: ['unset', 'chdir'] });
  const start = operands.findIndex((operand) => !isAssignment(operand) && operand !== '-');
  return start === -1 ? undefined : { kind: 'call', argv: operands.slice(start) };
}

function xargsInner({ args, stdin }: Call): Inner | undefined {
  const argv = operandsOf(args, {
    values: 'adEIJLnPRsS',
    longValues: ['arg-file', 'delimiter', 'max-args', 'max-procs'],
  });
  if (argv.length === 0) return undefined;
  const input = stdin?.split(/[\s\0]+/).filter(Boolean) ?? [];
  const options = args.slice(0, args.length - argv.length);
  const replaces = options.some((option) => /^-[IiJ]|^--replace/.test(option));
  if (!replaces) return { kind: 'call', argv: [...argv, ...input] };
  return { kind: 'call', argv: fillIn(argv, /^[{}%]+$/, input) };
}

/** `args` from the first that belongs to no option on. */
function operandsOf(args: readonly string[], { values = '', longValues = [] }: Prefix): readonly string[] {
  let index = 0;
  for (; index < args.length; index++) {
    const option = args[index] ?? '';
    if (option === '--') return args.slice(index + 1);
    if (!/^[-+]./.test(option)) break;
    if (option.startsWith('--')) {
      if (longValues.includes(option.slice(2))) index += 1;
      continue;
    }
    const valueAt = [...option].findIndex((char, at) => at > 0 && values.includes(char));
    if (valueAt === option.length - 1) index += 1;
  }
  return args.slice(index);
}

function isAssignment(word: string): boolean {
  return /^[a-zA-Z_]\w*=/.test(word);
}

function script(source: string): Inner {
  return { kind: 'script', source, positional: [] };
}
