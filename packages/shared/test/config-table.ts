import { expect, test } from 'vitest';
import type { Environment, Keys } from '../src/config.ts';
import { ConfigError, readConfig } from '../src/config.ts';
import { TempFolder } from './temp-folder.ts';

type TableOptions = {
  readonly keys: Keys;
  readonly fileName: string;
  /** A configuration that is right, as a file holds it. */
  readonly right: Readonly<Record<string, unknown>>;
};

/** For files and, as far as they are texts, for the environment. */
const strangeValues: readonly unknown[] = [
  ...[true, -1, 1.5, 7, 1e21, '', ' ', 'no such thing', 'ftp://example.org', '12345', 'a/b\u0000', '~/no/such/folder'],
  ...[[], [''], [[]], ['no open_id'], { a: 1 }],
];

/** The faults of a configuration, or none if it can be used. */
export async function faultsOf(
  { keys, fileName }: Omit<TableOptions, 'right'>,
  entries: Readonly<Record<string, unknown>>,
  environment: Environment = {},
): Promise<{ readonly file: string; readonly lines: readonly string[] }> {
  using folder = new TempFolder();
  // JSON is YAML.
  const file = folder.write(fileName, JSON.stringify(entries));
  try {
    await readConfig({ keys, fileName, folders: [folder.path], environment });
    return { file, lines: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { file, lines: error.message.split('\n') };
    throw error;
  }
}

/** Tests of each key of a table, so that a new key is covered the moment it stands there. */
export function testEachKey(table: TableOptions): void {
  const { keys, right } = table;
  const cases = Object.entries(keys).map(([name, key]) => ({ name, key }));

  test('the configuration that the other tests break is right', async () => {
    expect((await faultsOf(table, right)).lines).toEqual([]);
  });

  test.each(cases)(
    'a wrong $name in the file is one line with file, key and what was expected',
    async ({ name, key }) => {
      const wrong = strangeValues.filter((value) => !key.schema.safeParse(value).success);
      expect(wrong.length).toBeGreaterThan(2);
      for (const value of wrong) {
        const { file, lines } = await faultsOf(table, { ...right, [name]: value });
        expect(lines).toHaveLength(1);
        expect(lines[0]?.replace(/, in quotes$/, '')).toBe(`${file}: ${name}: expected ${key.expected}`);
      }
    },
  );

  test.each(cases)('a $name without a value is one line', async ({ name, key }) => {
    const { file, lines } = await faultsOf(table, { ...right, [name]: null });
    expect(lines).toEqual([`${file}: ${name}: has no value: expected ${key.expected}`]);
  });

  test.each(cases)('a wrong $name in the environment is one line that says so', async ({ name, key }) => {
    for (const text of strangeValues.filter((value) => typeof value === 'string')) {
      const value = text.trim() === '' ? undefined : (key.fromEnvironment ?? String)(text);
      if (value === undefined || key.schema.safeParse(value).success) continue;
      const { lines } = await faultsOf(table, right, { [name]: text });
      expect(lines).toEqual([`environment: ${name}: expected ${key.expected}`]);
    }
  });

  test.each(cases)('a missing $name is one line, or has a default', async ({ name, key }) => {
    const { [name]: _, ...rest } = right;
    const { file, lines } = await faultsOf(table, rest);
    const isOptional = key.schema.safeParse(undefined).success;
    expect(lines).toEqual(isOptional ? [] : [`${file}: ${name}: is missing: expected ${key.expected}`]);
  });

  test.each(cases)('a misspelled $name is one line with the right spelling', async ({ name }) => {
    const { file, lines } = await faultsOf(table, { ...right, [`${name}X`]: 'x' });
    expect(lines).toEqual([`${file}: ${name}X: there is no such key here: did you mean ${name}?`]);
  });

  test('a duration that is longer than a timer can take is a fault', async () => {
    for (const { name } of cases.filter((each) => each.name.endsWith('_S'))) {
      expect((await faultsOf(table, { ...right, [name]: 2_200_000 })).lines).toHaveLength(1);
    }
  });

  test('what looks like a secret is treated as one', () => {
    const secretive = cases.filter(({ name }) => /SECRET|TOKEN$|_KEY$/.test(name));
    expect(secretive.filter(({ key }) => key.secret !== true).map(({ name }) => name)).toEqual([]);
  });
}
