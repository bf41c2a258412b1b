import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findClaude } from '../../../src/sessions/claude/find-claude.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'phonework-find-claude-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

/** Under a name that no machine has installed. */
const command = 'claude-of-this-test';

async function install(...path: readonly string[]): Promise<string> {
  const program = join(home, ...path);
  await mkdir(dirname(program), { recursive: true });
  await writeFile(program, '#!/bin/sh\n');
  await chmod(program, 0o755);
  return program;
}

async function find(path: readonly string[] = [], wanted = command, environment = {}): Promise<string | undefined> {
  const nodeFolder = join(home, 'node', 'bin');
  return await findClaude({
    command: wanted,
    environment: { PATH: path.join(delimiter), ...environment },
    home,
    nodeFolder,
  });
}

test('it is found in PATH, in its order', async () => {
  const second = await install('b', command);
  expect(await find([join(home, 'a'), join(home, 'b')])).toBe(second);
  const first = await install('a', command);
  expect(await find([join(home, 'a'), join(home, 'b')])).toBe(first);
});

test.each([[['.local', 'bin']], [['.claude', 'local']], [['node', 'bin']], [['.npm-global', 'bin']]])(
  'where an installer has put it into %o, PATH need not know',
  async (folder) => {
    const program = await install(...folder, command);
    expect(await find()).toBe(program);
  },
);

test("npm's own folder for global programs is looked at", async () => {
  const program = await install('prefix', 'bin', command);
  expect(await find([], command, { NPM_CONFIG_PREFIX: join(home, 'prefix') })).toBe(program);
});

test('a path is taken as it is, also from the home folder', async () => {
  const program = await install('tools', command);
  expect(await find([], program)).toBe(program);
  expect(await find([], `~/tools/${command}`)).toBe(program);
  expect(await find([], `${program}-2`)).toBeUndefined();
});

test('a folder, a file that can not be run and a relative entry of PATH are passed over', async () => {
  await mkdir(join(home, 'a', command), { recursive: true });
  await chmod(await install('b', command), 0o644);
  expect(await find([join(home, 'a'), join(home, 'b'), '.'])).toBeUndefined();
});
