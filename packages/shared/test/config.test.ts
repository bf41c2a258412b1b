import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { commonKeys, folder as folderSchema } from '../src/common-keys.ts';
import type { Environment, Keys } from '../src/config.ts';
import { ConfigError, listFromEnvironment, numberFromEnvironment, readConfig } from '../src/config.ts';
import { TempFolder } from './temp-folder.ts';

const keys = {
  APP_NAME: { schema: z.string().min(1).default('app'), expected: 'a name' },
  APP_SECRET: { schema: z.string().min(6), expected: 'a secret of at least 6 characters', secret: true },
  OTHER_SECRET: { schema: z.string().min(6).optional(), expected: 'a secret', secret: true },
  APP_PORT: {
    schema: z.int().min(0).default(8000),
    expected: 'a port',
    fromEnvironment: numberFromEnvironment,
  },
  APP_USERS: {
    schema: z.array(z.string().min(1)).default([]),
    expected: 'a list of names',
    fromEnvironment: listFromEnvironment,
  },
} as const satisfies Keys;

const secret = 'open-sesame-42';

async function read(folder: TempFolder, yaml: string | undefined, environment: Environment = {}) {
  if (yaml !== undefined) folder.write('app.yaml', yaml);
  return await readConfig({ keys, fileName: 'app.yaml', folders: [folder.path], environment });
}

/** The lines about a configuration that can't be used. */
async function faultsOf(configuration: Promise<unknown>): Promise<string[]> {
  const error: unknown = await configuration.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  if (!(error instanceof ConfigError)) return [];
  // No fault may quote a secret, not even in the depths of what caused it.
  expect(inspect(error, { depth: 9 })).not.toContain('sesame');
  expect(error.message.split('\n')).toHaveLength(error.faults.length);
  return error.message.split('\n');
}

test('values come from the file, then from the environment, which wins; the rest has defaults', async () => {
  using folder = new TempFolder();
  const yaml = `APP_SECRET: ${secret}\nAPP_PORT: 1\nAPP_USERS:\n  - alice\n  - bob\n`;
  const { values, file, warnings, secrets } = await read(folder, yaml, { APP_PORT: ' 9000 ', UNRELATED: 'x' });
  expect(values).toEqual({
    APP_NAME: 'app',
    APP_SECRET: secret,
    OTHER_SECRET: undefined,
    APP_PORT: 9000,
    APP_USERS: ['alice', 'bob'],
  });
  expect([file, warnings, secrets]).toEqual([folder.join('app.yaml'), [], [secret]]);
});

test('an empty variable is as good as none', async () => {
  using folder = new TempFolder();
  const { values } = await read(folder, `APP_SECRET: ${secret}\nAPP_NAME: mine`, { APP_NAME: '', APP_PORT: '  ' });
  expect([values.APP_NAME, values.APP_PORT]).toEqual(['mine', 8000]);
});

test('a list in the environment is separated by commas', async () => {
  using folder = new TempFolder();
  const { values } = await read(folder, undefined, { APP_SECRET: secret, APP_USERS: ' alice, bob ,,carol,' });
  expect(values.APP_USERS).toEqual(['alice', 'bob', 'carol']);
});

test('what is no number in the environment is a fault that names the environment', async () => {
  using folder = new TempFolder();
  for (const wrong of ['eighty', '8000x', '1e3', '0x10', '1,5', '-1', '1.5']) {
    const environment = { APP_SECRET: secret, APP_PORT: wrong };
    expect(await faultsOf(read(folder, undefined, environment))).toEqual(['environment: APP_PORT: expected a port']);
  }
});

test('an empty file, one of comments, and none at all are fine when the environment says what is needed', async () => {
  using folder = new TempFolder();
  for (const yaml of [undefined, '', '# only this\n', '---\n']) {
    const { values, file } = await read(folder, yaml, { APP_SECRET: secret });
    expect(values.APP_SECRET).toBe(secret);
    expect(file).toBe(yaml === undefined ? undefined : folder.join('app.yaml'));
  }
});

test('everything that is wrong is said at once, a line each, with file, key and what was expected', async () => {
  using folder = new TempFolder();
  const yaml = 'APP_NAME: [sesame]\nAPP_SECRET: 12345678\nAPP_PORT: "80"\nAPP_USER: sesame\nOTHER_SECRET:\n';
  const file = folder.join('app.yaml');
  expect(await faultsOf(read(folder, yaml, { APP_USERS: ',', APP_PORT: 'sesame' }))).toEqual([
    `${file}: APP_USER: there is no such key here: did you mean APP_USERS?`,
    `${file}: APP_NAME: expected a name`,
    `${file}: APP_SECRET: expected a secret of at least 6 characters, in quotes`,
    `${file}: OTHER_SECRET: has no value: expected a secret`,
    'environment: APP_PORT: expected a port',
  ]);
});

test('quotes are suggested only where they help', async () => {
  using folder = new TempFolder();
  const line = `${folder.join('app.yaml')}: APP_SECRET: expected a secret of at least 6 characters`;
  expect(await faultsOf(read(folder, 'APP_SECRET: 123'))).toEqual([line]);
  expect(await faultsOf(read(folder, 'APP_SECRET: true'))).toEqual([line]);
  expect(await faultsOf(read(folder, 'APP_SECRET: 1234567'))).toEqual([`${line}, in quotes`]);
});

test('a key that is missing says where it was looked for', async () => {
  using folder = new TempFolder();
  const missing = 'APP_SECRET: is missing: expected a secret of at least 6 characters';
  expect(await faultsOf(read(folder, undefined))).toEqual([`app.yaml (not found): ${missing}`]);
  expect(await faultsOf(read(folder, 'APP_NAME: x'))).toEqual([`${folder.join('app.yaml')}: ${missing}`]);
});

test('an unknown key that is like no other is to be removed', async () => {
  using folder = new TempFolder();
  const yaml = `APP_SECRET: ${secret}\n__proto__: 1\ntoString: 2\napp_name: x\n`;
  const lines = await faultsOf(read(folder, yaml));
  expect(lines.map((line) => line.slice(folder.join('app.yaml: ').length))).toEqual([
    '__proto__: there is no such key here: remove it',
    'toString: there is no such key here: remove it',
    'app_name: there is no such key here: did you mean APP_NAME?',
  ]);
});

test.each([
  [
    'a tab for an indent',
    'APP_USERS:\n\t- sesame\n',
    /^.*app\.yaml: line 2: not valid YAML \([a-z ]+\): expected lines/,
  ],
  ['an open quote', 'APP_SECRET: "sesame\n', /line \d+: not valid YAML/],
  [
    'a key that stands twice',
    'APP_NAME: sesame1\nAPP_NAME: sesame2\n',
    /line 2: a key stands here for the second time/,
  ],
  ['a list', '- sesame\n- sesame2\n', /expected lines of the form KEY: value$/],
  ['a word', 'open-sesame\n', /expected lines of the form KEY: value$/],
  ['KEY=value', 'APP_SECRET=open-sesame\n', /expected lines of the form KEY: value$/],
  ['a colon without a space', 'APP_NAME: x\nAPP_SECRET:open-sesame\n', /line 2: not valid YAML/],
  ['an alias of nothing', 'APP_SECRET: *sesame\n', /a value that begins with \* or & has to be in quotes$/],
  ['two documents', 'APP_SECRET: sesame\n---\nAPP_NAME: sesame\n', /not valid YAML/],
])('a file that is not usable at all (%s) is refused without quoting it', async (_, yaml, expected) => {
  using folder = new TempFolder();
  const lines = await faultsOf(read(folder, yaml));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line.startsWith(`${folder.join('app.yaml')}: `)).toBe(true);
  expect(lines[0]).toMatch(expected);
});

test('the file that was named is the one that is read, and is missed when it is not there', async () => {
  using folder = new TempFolder();
  folder.write('app.yaml', 'APP_NAME: default');
  const file = folder.write('mine.yaml', 'APP_NAME: mine');
  const options = { keys, fileName: 'app.yaml', folders: [folder.path], environment: { APP_SECRET: secret } };
  expect((await readConfig({ ...options, file })).values.APP_NAME).toBe('mine');
  const gone = folder.join('gone.yaml');
  expect(await faultsOf(readConfig({ ...options, file: gone }))).toEqual([
    `${gone}: there is no such file: give --config the path of one`,
  ]);
  expect(await faultsOf(readConfig({ ...options, file: folder.path }))).toEqual([
    `${folder.path}: can't be read: check that it is a file and who owns it`,
  ]);
});

test('the first folder that has the file decides', async () => {
  using folder = new TempFolder();
  mkdirSync(folder.join('first'));
  const folders = [folder.join('first'), folder.path];
  const options = { keys, fileName: 'app.yaml', folders, environment: { APP_SECRET: secret } };
  folder.write('app.yaml', 'APP_NAME: second');
  expect((await readConfig(options)).values.APP_NAME).toBe('second');
  folder.write('first/app.yaml', 'APP_NAME: first');
  expect((await readConfig(options)).values.APP_NAME).toBe('first');
});

test('secrets in a file that others can read get a warning that says how to mend it', async () => {
  using folder = new TempFolder();
  const warningsAt = async (yaml: string, mode: number) => {
    const file = folder.write('app.yaml', yaml);
    chmodSync(file, mode);
    return (await read(folder, undefined, { APP_SECRET: secret })).warnings;
  };
  const file = folder.join('app.yaml');
  const warning = `${file} holds secrets and other users of this machine can read it: run chmod 600 ${file}`;
  expect(await warningsAt(`APP_SECRET: ${secret}`, 0o644)).toEqual([warning]);
  expect(await warningsAt(`APP_SECRET: ${secret}`, 0o640)).toEqual([warning]);
  expect(await warningsAt(`APP_SECRET: ${secret}`, 0o600)).toEqual([]);
  expect(await warningsAt('APP_NAME: x', 0o644)).toEqual([]);
});

test("the system's own LANGUAGE is not taken for ours", async () => {
  const languageFor = async (text: string) => {
    const options = { keys: commonKeys, fileName: 'none.yaml', folders: [] };
    return (await readConfig({ ...options, environment: { LANGUAGE: text } })).values.LANGUAGE;
  };
  expect(await languageFor('en_US:en')).toBe('auto');
  expect(await languageFor('de')).toBe('auto');
  expect(await languageFor('zh')).toBe('zh');
  expect(await languageFor('en')).toBe('en');
});

test('a folder is made absolute, with ~ for the home', () => {
  expect(folderSchema.parse('~')).toBe(homedir());
  expect(folderSchema.parse('~/projects')).toBe(`${homedir()}/projects`);
  expect(folderSchema.parse('/srv/../data')).toBe('/data');
  expect(folderSchema.parse('~other')).toBe(`${process.cwd()}/~other`);
  expect(folderSchema.parse('here')).toBe(`${process.cwd()}/here`);
});

test('a key that is no text is a fault, and no warning that quotes it goes past us to stderr', async () => {
  using folder = new TempFolder();
  const warnings: unknown[] = [];
  const note = (warning: unknown) => warnings.push(warning);
  process.on('warning', note);
  expect(await faultsOf(read(folder, `APP_SECRET: ${secret}\n? [a list]\n: x\n`))).toHaveLength(1);
  await nextTurn();
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
