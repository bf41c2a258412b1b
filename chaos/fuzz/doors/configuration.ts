import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostKeys, toHostConfig } from '@phonework/host-client/config';
import { routerKeys, toRouterConfig } from '@phonework/router/config';
import type { Keys } from '@phonework/shared/config';
import { ConfigError, readConfig } from '@phonework/shared/config';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { mutated, spoiled, strangeText, strangeValue, textOf } from '../strange.ts';
import { TempFolder } from '../temp-folder.ts';

/** Files and environments: either a configuration comes of them, or a list of what is wrong, by key. */
export const configuration = defineDoor({ name: 'configuration', share: 8, open });

type Given = {
  readonly program: 'router' | 'host';
  readonly file: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
};

/** A router's secret that may be in no message. */
const SECRET = 'sesame-open-the-door-0123456789';

async function open(): Promise<OpenDoor<Given>> {
  const folder = new TempFolder();
  const keyring = {
    ...{ FEISHU_APP_ID: 'cli_a1b2c3d4e5f60718', FEISHU_APP_SECRET: SECRET, ALLOWED_OPEN_IDS: ['ou_alice'] },
    ...{ ROUTER_SECRET: SECRET, ROUTER_PORT: 8000, CONSOLE: 'on', LOG_LEVEL: 'info', OPENAI_API_KEY: SECRET },
    ...{ FEISHU_EVENT_MODE: 'webhook', FEISHU_ENCRYPT_KEY: SECRET, FORWARD_TIMEOUT_S: 600, NODE_OFFLINE_GRACE_S: 5 },
  };
  const hostConfig = {
    ...{ NODE_ID: 'home-pc', ROUTER_URL: 'wss://r.example/ws/node', ROUTER_SECRET: SECRET, SERVES_USERS: ['ou_alice'] },
    ...{ WORKING_DIR: folder.path, CC_TIMEOUT_S: 600, CLAUDE_COMMAND: 'claude', SHELL_POLICY: 'ask', LANGUAGE: 'zh' },
  };
  return {
    cases: fc.oneof(casesOf('router', keyring, routerKeys), casesOf('host', hostConfig, hostKeys)),
    meet: (given) => meet(given, folder.path),
    close: async () => folder[Symbol.dispose](),
  };
}

function casesOf(program: Given['program'], values: object, keys: Keys): Arbitrary<Given> {
  const names = Object.keys(keys);
  const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: strangeText });
  const entries = fc.dictionary(name, strangeValue, { maxKeys: 3 }).map((more) => ({ ...values, ...more }));
  const yaml = textOf([
    ...names,
    ': ',
    '\n',
    '- ',
    '  ',
    '"',
    "'",
    '&a ',
    '*a',
    '[',
    ']',
    '{',
    '}',
    '|',
    '>',
    '---',
    '#',
    '!!binary ',
    '<<: ',
    SECRET,
  ]);
  const texts = fc.oneof(
    mutated(entries).map((value) => JSON.stringify(value)),
    spoiled(entries.map(toLines), { maxDepth: 3000 }),
    yaml,
  );
  const environment = fc.dictionary(fc.constantFrom(...names), strangeText, { maxKeys: 3 });
  const bytes = fc.oneof(
    { weight: 8, arbitrary: texts.map((text) => new TextEncoder().encode(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
  return fc.record({ program: fc.constant(program), file: bytes, environment });
}

function toLines(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${JSON.stringify(value) ?? ''}`)
    .join('\n');
}

async function meet({ program, file, environment }: Given, folder: string): Promise<void> {
  const path = join(folder, `${program}.yaml`);
  writeFileSync(path, file, { mode: 0o600 });
  try {
    checkTimers(program === 'router' ? await routerConfig(path, environment) : await hostConfig(path, environment));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    checkFaults(error);
  }
}

async function routerConfig(file: string, environment: Given['environment']): Promise<object> {
  const check = (found: Parameters<typeof toRouterConfig>[0]) => toRouterConfig(found, { console: false });
  const options = { keys: routerKeys, fileName: 'keyring.yaml', folders: [], file, environment, check };
  return toRouterConfig(await readConfig(options), { console: false });
}

async function hostConfig(file: string, environment: Given['environment']): Promise<object> {
  const options = { keys: hostKeys, fileName: 'host_config.yaml', folders: [], file, environment };
  const { values } = await readConfig(options);
  const address = {
    routerUrl: values.ROUTER_URL,
    routerSecret: values.ROUTER_SECRET,
    servesUsers: values.SERVES_USERS,
    workingDir: values.WORKING_DIR,
  };
  const config = toHostConfig(values, address);
  return { ...config, ...config.claude };
}

function checkFaults({ faults }: ConfigError): void {
  expectThat(faults.length > 0, 'an error without a fault');
  for (const fault of faults) {
    expectThat(!fault.message.includes(SECRET), 'the message tells a secret');
    expectThat(/\p{L}{3}/u.test(fault.message) && !/\n\s+at /.test(fault.message), 'no sentence');
    expectThat(fault.source !== '' && !fault.message.includes('\n'), 'not one line');
  }
}

/** What a timer is set to; beyond it, Node's timers go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The last is looked at by the clock. */
const noTimers: ReadonlySet<string> = new Set(['offlineQueueTtlMs']);

function checkTimers(config: object): void {
  for (const [name, value] of Object.entries(config)) {
    if (!name.endsWith('Ms') || typeof value !== 'number') continue;
    expectThat(Number.isFinite(value), `${name} is no number`);
    expectThat(value <= LONGEST_TIMER_MS || noTimers.has(name), `${name} is ${value}: its timer would go off at once`);
  }
}
