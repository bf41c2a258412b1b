import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { SourceFile } from './stairs.ts';
import { findBreaches, packageStairs, roomStairs } from './stairs.ts';

const packagesFolder = fileURLToPath(new URL('../../', import.meta.url));
const files = Object.keys(packageStairs).flatMap(sourceFiles);

function sourceFiles(name: string): SourceFile[] {
  return readdirSync(join(packagesFolder, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[jt]s$/.test(path))
    .map((path) => `${name}/src/${path}`)
    .map((path) => ({ path, text: readFileSync(join(packagesFolder, path), 'utf8') }));
}

test('every package has its place', () => {
  const packages = readdirSync(packagesFolder).filter((name) => existsSync(join(packagesFolder, name, 'package.json')));
  expect(packages.sort()).toEqual(Object.keys(packageStairs).sort());
  for (const name of packages) expect(files.some(({ path }) => path.startsWith(`${name}/`))).toBe(true);
});

test('the dependencies that a package declares go down the stairs too', () => {
  for (const [name, below] of Object.entries(packageStairs)) {
    const manifest: { dependencies?: Record<string, string> } = JSON.parse(
      readFileSync(join(packagesFolder, name, 'package.json'), 'utf8'),
    );
    const own = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith('@phonework/'));
    const allowed = below.map((lower) => `@phonework/${lower}`);
    expect([name, own.filter((dependency) => !allowed.includes(dependency))]).toEqual([name, []]);
  }
});

test.each(Object.keys(packageStairs))('%s keeps to the stairs', (name) => {
  expect(files.filter(({ path }) => path.startsWith(`${name}/`)).flatMap(findBreaches)).toEqual([]);
});

test('a room stands on one step', () => {
  for (const steps of Object.values(roomStairs)) {
    const names = steps.flat(2);
    expect(new Set(names).size).toBe(names.length);
  }
});

test.each([
  ["import { a } from '../bot/handler.ts';", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["import type { A } from '../bot/handler.ts';", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["import {\n  type A,\n  b,\n} from '../bot/handler.ts';", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["export { a } from '../bot/handler.ts';", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["export * from '../bot/handler.ts';", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["import '../bot/handler.ts';", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["const a = await import('../bot/handler.ts');", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["type A = typeof import('../bot/handler.ts');", 'router/src/nodes/rpc.ts', 'room bot is above it'],
  ["import { a } from '../link/node-client.ts';", 'host-client/src/mailboy/agent.ts', 'room link is on its own step'],
  ["import { a } from './bot/deliveries.ts';", 'router/src/health.ts', 'room bot is on its own step'],
  [
    "import { a } from '../console/page.ts';",
    'router/src/bot/feishu/channel.ts',
    'room bot/console is on its own step',
  ],
  ["import { a } from './feishu/channel.ts';", 'router/src/bot/handler.ts', 'room bot/feishu is above it'],
  ["import { a } from './host.ts';", 'host-client/src/config.ts', 'room host is above it'],
  ["import { a } from './bot/handler.ts';", 'router/src/schema.ts', 'room bot is above it'],
  ["import { a } from '@phonework/router';", 'host-client/src/host.ts', 'host-client may not know router'],
  ["import { a } from '@phonework/host-client/config';", 'router/src/main.ts', 'router may not know host-client'],
  ["import { a } from '@phonework/testkit/wait';", 'standalone/src/main.ts', 'standalone may not know testkit'],
  ["import { a } from '@phonework/shared/log';", 'shared/src/store.ts', 'shared may not know shared'],
  ["import { a } from '../../shared/src/log.ts';", 'router/src/health.ts', "outside its own package's src"],
  ["import { a } from '../test/fakes/a.ts';", 'router/src/health.ts', "outside its own package's src"],
  ["import { Client } from '@larksuiteoapi/node-sdk';", 'router/src/bot/handler.ts', 'imports @larksuiteoapi/node-sdk'],
  ["import OpenAI from 'openai';", 'router/src/routing/route.ts', 'imports openai'],
  ["import type { A } from 'openai/resources';", 'host-client/src/mailboy/agent.ts', 'imports openai'],
  ["import { spawn } from 'node-pty';", 'host-client/src/host.ts', 'imports node-pty'],
  ["import { exit } from 'node:process';", 'host-client/src/host.ts', 'imports node:process'],
  ['const a = process.env.HOME;', 'host-client/src/shell/run.ts', 'touches process.env'],
  ['  process.exit(1);', 'shared/src/store.ts', 'touches process.exit'],
  ["process.on('SIGTERM', stop);", 'router/src/router.ts', 'touches process.on'],
  [
    "import { Rpc } from '../nodes/rpc.ts';\nnew Rpc();",
    'router/src/bot/handler.ts',
    'constructs Rpc of router/src/nodes/rpc.ts',
  ],
  ['', 'router/src/utils/text.ts', 'is in no room'],
  ['\n'.repeat(400), 'shared/src/store.ts', 'has 401 lines'],
])('the stairs notice %j in %s', (text, path, breach) => {
  const found = findBreaches({ path, text });
  expect(found).toEqual([expect.stringContaining(breach)]);
});

test.each([
  ["import { a } from './rpc.ts';", 'router/src/nodes/registry.ts'],
  ["import { a } from '../nodes/rpc.ts';", 'router/src/bot/handler.ts'],
  ["import { a } from '../../nodes/rpc.ts';", 'router/src/bot/feishu/channel.ts'],
  ["import { a } from '../chat-channel.ts';", 'router/src/bot/feishu/channel.ts'],
  ["import { a } from './bot/console/schema.ts';", 'router/src/schema.ts'],
  ["import { Rpc } from './nodes/rpc.ts';\nnew Rpc();", 'router/src/router.ts'],
  ["import { PolicyError } from '../shell/policy.ts';\nnew PolicyError();", 'host-client/src/tools/run-shell.ts'],
  ["import type { Rpc } from '../nodes/rpc.ts';\n// new Rpc", 'router/src/bot/handler.ts'],
  ["import manifest from '../package.json' with { type: 'json' };", 'router/src/program.ts'],
  ["import { fastify } from 'fastify';", 'router/src/health.ts'],
  ["import OpenAI from 'openai';", 'shared/src/llm/openai.ts'],
  ['process.exit(1);', 'router/src/main.ts'],
  ['// process.exit is for main.ts\n * process.env too', 'router/src/router.ts'],
  ['const platform = process.platform;', 'router/src/router.ts'],
  ['const text = \'an import from "../bot/handler.ts"\';', 'router/src/nodes/rpc.ts'],
])('the stairs have nothing against %j in %s', (text, path) => {
  expect(findBreaches({ path, text })).toEqual([]);
});
