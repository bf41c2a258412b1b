import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { nearest } from './nearest.ts';

/** One key of a configuration file, which the environment may set too. */
export type Key<T> = {
  /** Accepts `undefined` unless the key is required. */
  readonly schema: z.ZodType<T>;
  /** What the value has to be, as it stands in the line about a wrong one: "a port, 0 to 65535". */
  readonly expected: string;
  /** Secrets are redacted from whatever is logged. */
  readonly secret?: boolean;
  /** Turns the environment's text into what a file would hold; `undefined`: as if it were not set. */
  readonly fromEnvironment?: (text: string) => unknown;
};

export type Keys = { readonly [name: string]: Key<unknown> };
export type Values<K extends Keys> = { readonly [Name in keyof K]: z.output<K[Name]['schema']> };
export type Environment = Readonly<Record<string, string | undefined>>;

export type Fault = {
  /** The file's path, or "environment". */
  readonly source: string;
  /** Absent when the file as a whole is at fault. */
  readonly key?: string;
  readonly message: string;
};

/** A configuration that can't be used: everything that is wrong with it, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super(faults.map(formatFault).join('\n'), options);
    this.faults = faults;
  }
}

function formatFault({ source, key, message }: Fault): string {
  return [source, key, message].filter((part) => part !== undefined).join(': ');
}

export type Configuration<K extends Keys> = {
  readonly values: Values<K>;
  /** The file that was read, if there was one. */
  readonly file: string | undefined;
  readonly warnings: readonly string[];
  /** The values of all keys that are secrets, for the logger. */
  readonly secrets: readonly string[];
};

/**
 * Reads `fileName` from the first of `folders` that has it, or from `file` when that is given, then the environment,
 * which wins. Throws ConfigError with all faults at once.
 */
export async function readConfig<K extends Keys>(options: {
  readonly keys: K;
  readonly fileName: string;
  readonly folders: readonly string[];
  readonly file?: string;
  readonly environment: Environment;
  /** What has to hold between keys: throws ConfigError. A key that is wrong by itself counts as not set here. */
  readonly check?: (configuration: Configuration<K>) => unknown;
  /** The keys that are used: what is wrong with the others is no fault. Absent: all. */
  readonly needs?: readonly string[];
}): Promise<Configuration<K>> {
  const { keys, environment, needs } = options;
  const file = findFile(options);
  const entries = file === undefined ? {} : await parseFile(file);
  const source = file ?? `${options.fileName} (not found)`;
  const faults: Fault[] = unknownKeys(entries, keys, source);
  const values: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(keys)) {
    const fromEnvironment = readEnvironment(key, environment[name]);
    const inEnvironment = fromEnvironment !== undefined;
    const result = check(key, inEnvironment ? fromEnvironment : entries[name]);
    if (result.ok) values[name] = result.value;
    else {
      faults.push({ source: inEnvironment ? 'environment' : source, key: name, message: result.message });
      values[name] = key.schema.safeParse(undefined).data;
    }
  }
  const secrets = Object.keys(keys).flatMap((name) => (keys[name]?.secret === true ? [values[name]] : []));
  const configuration: Configuration<K> = {
    // Each key's value has just passed its own schema, or there are faults.
    values: values as Values<K>,
    file,
    warnings: file === undefined ? [] : permissionWarnings(file, keys, entries),
    secrets: secrets.filter((secret) => typeof secret === 'string'),
  };
  // What is said of a key by itself is enough about it.
  const known = new Set(faults.map(({ key }) => key));
  faults.push(...faultsOf(options.check, configuration).filter(({ key }) => !known.has(key)));
  const relevant = faults.filter(({ key }) => needs === undefined || key === undefined || needs.includes(key));
  if (relevant.length > 0) throw new ConfigError(relevant);
  return configuration;
}

function faultsOf<T>(check: ((configuration: T) => unknown) | undefined, configuration: T): readonly Fault[] {
  try {
    check?.(configuration);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

/** For keys that hold a number. */
export function numberFromEnvironment(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

/** For keys that hold a list: comma-separated. */
export function listFromEnvironment(text: string): unknown {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));
}

function findFile(options: { fileName: string; folders: readonly string[]; file?: string }): string | undefined {
  if (options.file === undefined) {
    return options.folders.map((folder) => join(folder, options.fileName)).find((path) => existsSync(path));
  }
  if (!existsSync(options.file)) {
    throw new ConfigError([{ source: options.file, message: 'there is no such file: give --config the path of one' }]);
  }
  return options.file;
}

async function parseFile(file: string): Promise<Record<string, unknown>> {
  // Loaded only here: with no file there is nothing to parse.
  const { parseDocument } = await import('yaml');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError([{ source: file, message: "can't be read: check that it is a file and who owns it" }], {
      cause,
    });
  }
  // Its warnings go past us to stderr, and quote what stands in the file.
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  if (document.errors.length > 0) {
    // Only the place and the kind of error: the text that the parser quotes may hold a secret.
    const faults = document.errors.map((error) => {
      const line = error.linePos?.[0].line;
      const place = line === undefined ? '' : `line ${line}: `;
      return { source: file, message: `${place}${yamlFault(error.code)}` };
    });
    throw new ConfigError(faults);
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch {
    // Its message quotes the value: a secret that begins with * reads as the alias of something.
    throw new ConfigError([{ source: file, message: 'a value that begins with * or & has to be in quotes' }]);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ConfigError([{ source: file, message: 'expected lines of the form KEY: value' }]);
  }
  return { ...value };
}

function yamlFault(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'a key stands here for the second time: keep one of them';
  return `not valid YAML (${code.toLowerCase().replaceAll('_', ' ')}): expected lines of the form KEY: value`;
}

function unknownKeys(entries: Record<string, unknown>, keys: Keys, source: string): Fault[] {
  return Object.keys(entries)
    .filter((name) => !Object.hasOwn(keys, name))
    .map((name) => {
      const meant = nearest(name, Object.keys(keys));
      const hint = meant === undefined ? 'remove it' : `did you mean ${meant}?`;
      return { source, key: name, message: `there is no such key here: ${hint}` };
    });
}

function readEnvironment(key: Key<unknown>, text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return undefined;
  return key.fromEnvironment === undefined ? text : key.fromEnvironment(text);
}

type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

function check(key: Key<unknown>, value: unknown): Checked {
  if (value === null) return { ok: false, message: `has no value: expected ${key.expected}` };
  const result = key.schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  if (value === undefined) return { ok: false, message: `is missing: expected ${key.expected}` };
  // A secret that is only digits is the classic: YAML reads it as a number.
  const quotes = typeof value === 'number' && key.schema.safeParse(String(value)).success ? ', in quotes' : '';
  return { ok: false, message: `expected ${key.expected}${quotes}` };
}

function permissionWarnings(file: string, keys: Keys, entries: Record<string, unknown>): string[] {
  const holdsSecret = Object.keys(entries).some((name) => keys[name]?.secret === true);
  // Windows has no such mode; there it reads as 0666 whatever the rights are.
  if (!holdsSecret || process.platform === 'win32' || (statSync(file).mode & 0o077) === 0) return [];
  return [`${file} holds secrets and other users of this machine can read it: run chmod 600 ${file}`];
}
