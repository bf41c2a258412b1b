import type { Environment } from '@phonework/shared/config';
import { ConfigError, readConfig } from '@phonework/shared/config';
import { expect, test } from 'vitest';
import { faultsOf, testEachKey } from '../../shared/test/config-table.ts';
import { TempFolder } from '../../shared/test/temp-folder.ts';
import type { RouterConfig } from '../src/config.ts';
import { routerKeys, toRouterConfig } from '../src/config.ts';

const table = { keys: routerKeys, fileName: 'keyring.yaml' };
const right = { ROUTER_SECRET: 'a-secret-of-16-chars' };
const app = { FEISHU_APP_ID: 'cli_0123456789abcdef', FEISHU_APP_SECRET: 'app-secret' };

testEachKey({ ...table, right });

type Defaults = { readonly console: boolean; readonly secret?: string };

/** A keyring's configuration, or the lines about it without the file's name. */
async function configOf(
  entries: Readonly<Record<string, unknown>>,
  { environment = {}, defaults = { console: false } }: { environment?: Environment; defaults?: Defaults } = {},
): Promise<RouterConfig | string[]> {
  using folder = new TempFolder();
  const file = folder.write(table.fileName, JSON.stringify(entries));
  const configuration = await readConfig({ ...table, keys: routerKeys, folders: [folder.path], environment });
  try {
    return toRouterConfig(configuration, defaults);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => {
      expect(line.startsWith(`${file}: `)).toBe(true);
      return line.slice(`${file}: `.length);
    });
  }
}

test('a keyring with a secret is enough', async () => {
  expect(await configOf(right)).toMatchObject({
    host: '127.0.0.1',
    port: 8000,
    secret: right.ROUTER_SECRET,
    feishu: undefined,
    allowedOpenIds: [],
    console: false,
    forwardTimeoutMs: 600_000,
    heartbeatIntervalMs: 30_000,
    heartbeatTimeoutMs: 10_000,
    nodeOfflineGraceMs: 5000,
    offlineQueueTtlMs: 86_400_000,
  });
});

test('without a secret the router does not start, unless one was made for it', async () => {
  expect(await configOf({})).toEqual([
    'ROUTER_SECRET: is missing: expected a secret of at least 16 characters, the same on the router and its nodes',
  ]);
  const defaults = { console: true, secret: 'made-at-random' };
  expect(await configOf({}, { defaults })).toMatchObject({ secret: 'made-at-random', console: true });
  expect(await configOf(right, { defaults })).toMatchObject({ secret: right.ROUTER_SECRET });
});

test('where each node needs a token, ROUTER_SECRET is not needed, and not used', async () => {
  const tokens = { REQUIRE_NODE_TOKENS: true };
  expect(await configOf(tokens)).toMatchObject({ secret: undefined });
  expect(await configOf({ ...right, ...tokens })).toMatchObject({ secret: undefined });
  expect(await configOf(right, { environment: { REQUIRE_NODE_TOKENS: 'true' } })).toMatchObject({ secret: undefined });
  const defaults = { console: true, secret: 'made-at-random' };
  expect(await configOf({ ...right, ...tokens }, { defaults })).toMatchObject({ secret: 'made-at-random' });
  expect(await configOf({ ...right, REQUIRE_NODE_TOKENS: false })).toMatchObject({ secret: right.ROUTER_SECRET });
});

test('half of a Feishu app names the other half', async () => {
  const { FEISHU_APP_ID, FEISHU_APP_SECRET } = app;
  expect(await configOf({ ...right, FEISHU_APP_ID })).toEqual([
    'FEISHU_APP_SECRET: is missing: expected the secret of that Feishu app, since the other half is set',
  ]);
  expect(await configOf({ ...right, FEISHU_APP_SECRET })).toEqual([
    expect.stringMatching(/^FEISHU_APP_ID: is missing: expected the app id .*, since the other half is set$/),
  ]);
});

test('a long connection needs an app id of the form that the platform gives out', async () => {
  expect(await configOf({ ...right, ...app })).toMatchObject({
    feishu: {
      appId: app.FEISHU_APP_ID,
      appSecret: app.FEISHU_APP_SECRET,
      domain: 'feishu',
      eventMode: { kind: 'websocket' },
    },
  });
  const lines = await configOf({ ...right, ...app, FEISHU_APP_ID: 'my-app' });
  expect(lines).toEqual(['FEISHU_APP_ID: expected the app id of a Feishu app (cli_ and 16 hexadecimal digits)']);
});

test('a webhook needs the encrypt key, and a blank one is none', async () => {
  const webhook = { ...right, ...app, FEISHU_EVENT_MODE: 'webhook' };
  const line = 'FEISHU_ENCRYPT_KEY: is missing: without it anyone could post events to the webhook';
  expect(await configOf(webhook)).toEqual([line]);
  expect(await configOf({ ...webhook, FEISHU_ENCRYPT_KEY: '   ' })).toEqual([line]);
  expect(await configOf({ ...webhook, FEISHU_ENCRYPT_KEY: 'k', FEISHU_VERIFICATION_TOKEN: 't' })).toMatchObject({
    feishu: { eventMode: { kind: 'webhook', encryptKey: 'k', verificationToken: 't' } },
  });
});

test('the app secret goes to no server over plain http, but on this machine', async () => {
  const domainOf = async (FEISHU_DOMAIN: string) => await configOf({ ...right, ...app, FEISHU_DOMAIN });
  const line = 'FEISHU_DOMAIN: expected https: over http: the app secret could be read on the way';
  for (const domain of ['http://open.example.org', 'http://10.0.0.1:8080/', 'http://[fe80::1]/']) {
    expect(await domainOf(domain)).toEqual([line]);
  }
  for (const domain of [
    'feishu',
    'lark',
    'https://open.example.org',
    'http://127.0.0.1:9',
    'http://localhost:9',
    'http://[::1]:9',
  ]) {
    expect(await domainOf(domain)).toMatchObject({ feishu: { domain } });
  }
  expect(await domainOf('https://open.example.org//')).toMatchObject({
    feishu: { domain: 'https://open.example.org' },
  });
});

test('everything that is wrong with the keys together is said at once', async () => {
  const lines = await configOf({ ...app, FEISHU_EVENT_MODE: 'webhook', FEISHU_DOMAIN: 'http://example.org' });
  expect(lines).toHaveLength(3);
  expect(String(lines)).toMatch(/FEISHU_DOMAIN.*FEISHU_ENCRYPT_KEY.*ROUTER_SECRET/);
});

test.each([
  [true, true],
  [false, false],
  ['on', true],
  ['yes', true],
  ['off', false],
  ['no', false],
])('CONSOLE: %j in the keyring', async (value, expected) => {
  expect(await configOf({ ...right, CONSOLE: value }, { defaults: { console: !expected } })).toMatchObject({
    console: expected,
  });
});

test.each([
  ['on', true],
  ['TRUE', true],
  [' 1 ', true],
  ['Off', false],
  ['0', false],
  ['no', false],
])('CONSOLE=%j in the environment', async (text, expected) => {
  const options = { environment: { CONSOLE: text }, defaults: { console: !expected } };
  expect(await configOf(right, options)).toMatchObject({ console: expected });
});

test('open_ids come from a list, and what is none is refused', async () => {
  const environment = { ALLOWED_OPEN_IDS: 'ou_alice, ou_bob' };
  expect(await configOf(right, { environment })).toMatchObject({ allowedOpenIds: ['ou_alice', 'ou_bob'] });
  for (const wrong of [['alice'], ['ou_alice, ou_bob'], 'ou_alice', ['on_union']]) {
    expect((await faultsOf(table, { ...right, ALLOWED_OPEN_IDS: wrong })).lines).toHaveLength(1);
  }
});

test('what is wrong between keys is said together with what is wrong in each, and each key once', async () => {
  using folder = new TempFolder();
  folder.write(
    table.fileName,
    JSON.stringify({ ROUTER_PORT: 'eighty', FEISHU_APP_ID: 7, FEISHU_APP_SECRET: 'secret' }),
  );
  const reading = readConfig({
    ...table,
    keys: routerKeys,
    folders: [folder.path],
    environment: {},
    check: (configuration) => toRouterConfig(configuration, { console: false }),
  });
  const faults = await reading.then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.faults : []),
  );
  expect(faults.map(({ key }) => key).sort()).toEqual(['FEISHU_APP_ID', 'ROUTER_PORT', 'ROUTER_SECRET']);
});
