import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostKeys, nodeKeys } from '@phonework/host-client/config';
import { routerKeys, toRouterConfig } from '@phonework/router/config';
import type { Environment, Keys } from '@phonework/shared/config';
import { ConfigError, readConfig } from '@phonework/shared/config';
import { afterAll, beforeAll, expect, test } from 'vitest';

const standaloneKeys = { ...routerKeys, ...nodeKeys } as const;

const examples: readonly { readonly name: string; readonly keys: Keys }[] = [
  { name: 'keyring.example.yaml', keys: standaloneKeys },
  { name: 'host_config.example.yaml', keys: hostKeys },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phonework-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(examples)('$name can be used as it is, once its secret and its folder are set', async ({ name, keys }) => {
  await expect(read(keys, name)).resolves.toBeDefined();
});

test('the keyring example suits the router alone as well', async () => {
  const configuration = await read(routerKeys, 'keyring.example.yaml');
  expect(toRouterConfig(configuration, { console: false })).toMatchObject({ port: 8000, feishu: undefined });
});

test.each(examples)('$name names every key once, and each is valid when its # is removed', async ({ name, keys }) => {
  const text = withoutHashes(contentsOf(name));
  const named = [...text.matchAll(/^([A-Z_]+):/gm)].map(([, key]) => key);
  expect(named.toSorted()).toEqual(Object.keys(keys).toSorted());
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  await expect(read(keys, join(folder, name))).resolves.toBeDefined();
});

test.each(examples)('the secret that $name shows is refused, so that nobody runs with it', async ({ name, keys }) => {
  writeFileSync(join(folder, name), withoutHashes(contentsOf(name)), { mode: 0o600 });
  const refused = read(keys, join(folder, name), { WORKING_DIR: folder });
  await expect(refused).rejects.toThrow(ConfigError);
  await expect(refused).rejects.toThrow(/ROUTER_SECRET: expected a secret of at least 16 characters/);
});

test.each(['README.md', 'README.zh-CN.md'])('%s names every key of both files', (name) => {
  const text = contentsOf(name);
  const missing = Object.keys({ ...standaloneKeys, ...hostKeys }).filter((key) => !text.includes(`\`${key}\``));
  expect(missing).toEqual([]);
});

/** `file`: a path, or the name of one in the project's own folder. */
function read<K extends Keys>(keys: K, file: string, environment: Environment = usable()) {
  return readConfig({ keys, fileName: file, folders: [], file: pathOf(file), environment });
}

/** The two values that no example can know. */
function usable(): Environment {
  return { ROUTER_SECRET: 'a-secret-of-this-test', WORKING_DIR: folder };
}

function contentsOf(name: string): string {
  return readFileSync(pathOf(name), 'utf8');
}

function pathOf(file: string): string {
  return resolve(fileURLToPath(new URL('../../../', import.meta.url)), file);
}

/** A # right before a key, or before an item of a list, makes it an example; prose has a space behind its #. */
function withoutHashes(text: string): string {
  return text.replace(/^#(?=[A-Z_]+:| {2}- )/gm, '');
}
