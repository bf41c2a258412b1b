import { mkdirSync } from 'node:fs';
import { readConfig } from '@phonework/shared/config';
import { NodeId } from '@phonework/shared/protocol';
import { afterAll, expect, test } from 'vitest';
import { faultsOf, testEachKey } from '../../shared/test/config-table.ts';
import { TempFolder } from '../../shared/test/temp-folder.ts';
import { hostKeys, toHostConfig } from '../src/config.ts';

const folder = new TempFolder();
afterAll(() => folder[Symbol.dispose]());
mkdirSync(folder.join('projects'));

const table = { keys: hostKeys, fileName: 'host_config.yaml' };
const right = {
  ROUTER_URL: 'wss://router.example.org/ws/node',
  ROUTER_SECRET: 'a-secret-of-16-chars',
  WORKING_DIR: folder.join('projects'),
  SERVES_USERS: ['ou_alice'],
};

testEachKey({ ...table, right });

async function configOf(entries: Readonly<Record<string, unknown>>) {
  const file = folder.write('host_config.yaml', JSON.stringify(entries));
  const { values } = await readConfig({ keys: hostKeys, fileName: '', folders: [], file, environment: {} });
  return toHostConfig(values, {
    routerUrl: values.ROUTER_URL,
    routerSecret: values.ROUTER_SECRET,
    servesUsers: values.SERVES_USERS,
    workingDir: values.WORKING_DIR,
  });
}

test('the four keys that no machine can guess are enough', async () => {
  const config = await configOf(right);
  expect(config).toMatchObject({
    routerUrl: right.ROUTER_URL,
    routerSecret: right.ROUTER_SECRET,
    servesUsers: ['ou_alice'],
    workingDir: right.WORKING_DIR,
    model: undefined,
    shellPolicy: 'ask',
  });
  expect(NodeId.safeParse(config.nodeId).success).toBe(true);
  expect(config.displayName).toBe(config.nodeId);
});

test('a node with a key of a model service has a model', async () => {
  expect(await configOf({ ...right, OPENAI_API_KEY: 'sk-1' })).toMatchObject({
    model: { apiKey: 'sk-1', baseUrl: 'https://open.bigmodel.cn/api/paas/v4/', model: 'glm-4.7' },
  });
  const own = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'm' };
  expect(await configOf({ ...right, ...own })).toMatchObject({
    model: { baseUrl: 'http://127.0.0.1:1/v1', model: 'm' },
  });
});

test.each([
  'ws://router.example.org/ws/node',
  'ws://10.0.0.1/ws/node',
  'ws://127.example.org/ws/node',
  'WS://example.org/',
  'ws://[2001:db8::1]/',
  'https://router.example.org',
])('the secret is not sent to %s', async (url) => {
  const { file, lines } = await faultsOf(table, { ...right, ROUTER_URL: url });
  expect(lines).toEqual([
    expect.stringContaining(`${file}: ROUTER_URL: expected wss://HOST/ws/node, or ws:// to a loopback`),
  ]);
  expect(lines[0]).not.toContain(url);
});

test.each([
  'ws://127.0.0.1:8000/ws/node',
  'ws://localhost:8000/ws/node',
  'ws://[::1]:8000/ws/node',
  'wss://10.0.0.1/ws/node',
])('a router can be at %s', async (url) => {
  expect(await configOf({ ...right, ROUTER_URL: url })).toMatchObject({ routerUrl: url });
});

test('the projects are in a folder that exists, and not in a file', async () => {
  const file = folder.write('a-file', '');
  for (const wrong of [file, folder.join('nowhere')]) {
    const { lines } = await faultsOf(table, { ...right, WORKING_DIR: wrong });
    expect(lines).toEqual([expect.stringMatching(/WORKING_DIR: expected a folder that exists/)]);
  }
});

test('a node serves somebody: open_ids, or the console', async () => {
  expect(await configOf({ ...right, SERVES_USERS: ['console', 'ou_bob'] })).toMatchObject({
    servesUsers: ['console', 'ou_bob'],
  });
  for (const wrong of [[], ['alice'], 'ou_alice', ['ou_']]) {
    expect((await faultsOf(table, { ...right, SERVES_USERS: wrong })).lines).toHaveLength(1);
  }
});
