import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Program } from '@phonework/testkit/program';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { bearer, knock } from './fakes/knock.ts';
import { homePc, RawNode } from './fakes/raw-node.ts';
import { TempFolder } from './fakes/temp-folder.ts';

const name = 'phonework-router';

/** What a command leaves when it has ended. */
async function run(folder: TempFolder, ...words: readonly string[]) {
  const program = new Program({ name, folder: folder.path, flags: words });
  const { code } = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** The same on the data directory of `startRouter`. */
async function runOnData(folder: TempFolder, ...words: readonly string[]) {
  return await run(folder, ...words, '--data-dir', join(folder.path, 'data'));
}

async function add(folder: TempFolder, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runOnData(folder, 'node', 'add', ...words);
  expect([code, stderr]).toEqual([0, '']);
  const [token = ''] = /pwn_[A-Za-z0-9_-]{43}/.exec(stdout) ?? [];
  return token;
}

/** A router as a process of its own that takes tokens only. */
class TokenRouter {
  readonly url: string;
  readonly #program: Program;

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
  }

  static async start(folder: TempFolder): Promise<TokenRouter> {
    const environment = { ROUTER_PORT: '0', REQUIRE_NODE_TOKENS: 'true' };
    const flags = ['--data-dir', join(folder.path, 'data')];
    const program = new Program({ name, folder: folder.path, flags, environment });
    const url = await program.waitFor('the router to listen', ({ stdout }) => /ws:\S+\/ws\/node/.exec(stdout)?.[0]);
    return new TokenRouter(program, url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.kill();
  }
}

async function register(url: string, token: string, nodeId: string): Promise<RawNode> {
  const node = await RawNode.connect(url, token);
  node.send({ ...homePc, node_id: nodeId });
  expect((await node.next('registered')).error).toBeUndefined();
  return node;
}

describe('beside a running router', () => {
  test('node add lets a node in, node list shows it, node revoke puts it out within a second', async () => {
    using folder = new TempFolder();
    await using router = await TokenRouter.start(folder);
    using home = await register(router.url, await add(folder, 'home-pc', '--user', 'ou_alice'), 'home-pc');
    const token = await add(folder, 'work-server', '--user', 'ou_bob', '--user=console');
    using work = await register(router.url, token, 'work-server');

    const listed = await waitFor(async () => {
      const { stdout } = await runOnData(folder, 'node', 'list');
      return /home-pc .*s ago {2}\d+s ago/.test(stdout) && stdout;
    });
    expect(listed.split('\n')[0]).toMatch(/^node_id +users +created +last used +revoked$/);
    expect(listed).toMatch(/^work-server +ou_bob,console +\d+s ago +\d+s ago +-$/m);
    expect(listed).not.toContain('pwn_');

    const before = performance.now();
    const revoked = await runOnData(folder, 'node', 'revoke', 'work-server');
    const took = performance.now() - before;
    expect(revoked).toMatchObject({ code: 0, stderr: '' });
    expect(await work.untilClosed()).toMatchObject({ code: 4401 });
    // The revocation was committed somewhere within `took`.
    expect(performance.now() - before).toBeLessThan(took + 1000);
    expect(await knock(router.url, bearer(token))).toBe(401);
    expect(home.closed).toBeUndefined();
    expect((await runOnData(folder, 'node', 'list')).stdout).toMatch(/^work-server .* \d+s ago$/m);
  });

  test('node add for a node that has a token says that it replaces it, and it does', async () => {
    using folder = new TempFolder();
    await using router = await TokenRouter.start(folder);
    const old = await add(folder, 'home-pc', '--user', 'ou_alice');
    using node = await register(router.url, old, 'home-pc');
    const { stdout } = await runOnData(folder, 'node', 'add', 'home-pc', '--user', 'ou_alice');
    expect(stdout).toContain('replaces the one that was there before');
    expect(await node.untilClosed()).toMatchObject({ code: 4401 });
    expect(await knock(router.url, bearer(old))).toBe(401);
  });
});

describe('without a router', () => {
  test('node add makes the database, and the router that starts later takes the token', async () => {
    using folder = new TempFolder();
    const token = await add(folder, 'home-pc', '--user', 'ou_alice');
    await using router = await TokenRouter.start(folder);
    using node = await register(router.url, token, 'home-pc');
    expect(node.closed).toBeUndefined();
  });

  test('the data directory may stand in the configuration that is named', async () => {
    using folder = new TempFolder();
    const file = join(folder.path, 'other.yaml');
    writeFileSync(file, JSON.stringify({ DATA_DIR: join(folder.path, 'elsewhere') }), { mode: 0o600 });
    expect(await run(folder, 'node', 'add', 'home-pc', '--config', file)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder.path, 'elsewhere/router.db'))).toBe(true);
    expect(await run(folder, '--config', file, 'node', 'list')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('home-pc'),
    });
  });

  test('a node that nobody is granted to is said to serve nobody', async () => {
    using folder = new TempFolder();
    const { stdout } = await runOnData(folder, 'node', 'add', 'home-pc');
    expect(stdout).toContain('It may serve nobody yet');
    expect((await runOnData(folder, 'node', 'list')).stdout).toMatch(/^home-pc +- /m);
  });

  test('an empty list, and a revocation of nothing, are sentences', async () => {
    using folder = new TempFolder();
    expect(await runOnData(folder, 'node', 'list')).toEqual({
      code: 0,
      stdout: 'No node has a token of its own.\n',
      stderr: '',
    });
    expect(await runOnData(folder, 'node', 'revoke', 'home-pc')).toEqual({
      code: 1,
      stdout: '',
      stderr: `${name}: Node "home-pc" has no token of its own: node list shows those that have one.\n`,
    });
  });

  test('the database of another version is refused and left alone', async () => {
    using folder = new TempFolder();
    await add(folder, 'home-pc');
    const path = join(folder.path, 'data/router.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    const { code, stderr } = await runOnData(folder, 'node', 'add', 'home-pc');
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${path} has version 99`)]);
    expect(database.prepare('SELECT count(*) AS tokens FROM node_tokens').get()).toEqual({ tokens: 1 });
    database.close();
  });
});

describe('called wrongly', () => {
  test.each([
    [['node'], 'There is no command "node": there are node add, node list, node revoke.'],
    [['node', 'ad', 'x'], 'There is no command "node ad x"'],
    [['node', 'add'], 'node add takes one node_id.'],
    [['node', 'revoke', 'a', 'b'], 'node revoke takes one node_id.'],
    [['node', 'add', 'a/b'], '"a/b" is no node_id: expected at most 64 letters'],
    [['node', 'add', 'a', '--user', 'alice'], '"alice" is no user: expected an open_id'],
    [['node', 'add', 'a', '--user'], '--user'],
    [['node', 'revoke', 'a', '--user', 'ou_a'], '--user is for node add only.'],
    [['--user', 'ou_a'], '--user is for node add only.'],
    [['node', 'list', 'home-pc'], 'node list takes no arguments.'],
  ])('%j ends with 2 and a line that says what is wrong', async (words, line) => {
    using folder = new TempFolder();
    const { code, stdout, stderr } = await runOnData(folder, ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${name}: `);
    expect(stderr).toContain(line);
    expect(stderr).toMatch(/\nTry phonework-router --help\.\n$/);
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  test.each([[['--help']], [['node', '--help']], [['node', 'add', '-h']]])('%j lists the commands', async (words) => {
    using folder = new TempFolder();
    const { code, stdout } = await run(folder, ...words);
    expect(code).toBe(0);
    for (const part of [
      'node add <node_id> [--user OPEN_ID]…',
      'node list\n',
      'node revoke <node_id>\n',
      '--data-dir',
    ]) {
      expect(stdout).toContain(part);
    }
  });
});
