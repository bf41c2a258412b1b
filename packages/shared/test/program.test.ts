import { existsSync } from 'node:fs';
import { Program } from '@phonework/testkit/program';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Child } from './fakes/child.ts';
import { TempFolder } from './temp-folder.ts';

const names = ['phonework', 'phonework-router', 'phonework-host'] as const;

/** What a program that ends by itself leaves. */
async function run(folder: TempFolder, name: (typeof names)[number], ...flags: readonly string[]) {
  const program = new Program({ name, folder: folder.path, flags });
  const { code } = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

test.each(names)('%s says what it is, and which version', async (name) => {
  using folder = new TempFolder();
  const help = await run(folder, name, '--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const part of [`Usage: ${name} `, '--config FILE', '--data-dir DIR', '--version', '.yaml']) {
    expect(help.stdout).toContain(part);
  }
  const version = await run(folder, name, '--version');
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version.stdout).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n$`));
});

test('an argument that is not known is named, and nothing is started', async () => {
  using folder = new TempFolder();
  for (const argument of ['--port=80', 'start', '-x']) {
    const { code, stdout, stderr } = await run(folder, 'phonework-router', argument, '--data-dir', folder.join('data'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(argument.replace('=80', ''));
    expect(stderr).toContain('Try phonework-router --help.');
    expect(stderr).not.toMatch(/^ {4}at /m);
  }
  expect(existsSync(folder.join('data'))).toBe(false);
});

test('a bad configuration ends it with 78 and a line for each fault', async () => {
  using folder = new TempFolder();
  const file = folder.write('keyring.yaml', 'ROUTER_PORT: eighty\nROUTER_SECRET: short\nROUTER_HOSTT: x\n');
  const { code, stdout, stderr } = await run(folder, 'phonework-router', '--data-dir', folder.join('data'));
  expect([code, stdout]).toEqual([78, '']);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(new RegExp(`^${file}: [A-Z_]+: .*(expected|did you mean)`));
});

test('a configuration that was named and is not there ends it with 78', async () => {
  using folder = new TempFolder();
  const result = await run(folder, 'phonework-host', '--config', 'gone.yaml', '--data-dir', folder.join('data'));
  expect(result).toEqual({
    code: 78,
    stdout: '',
    stderr: 'gone.yaml: there is no such file: give --config the path of one\n',
  });
});

test('the file in the data directory is read where the working directory has none', async () => {
  using folder = new TempFolder();
  folder.write('keyring.yaml', 'ROUTER_PORT: eighty');
  const name = 'phonework-router';
  const program = new Program({ name, folder: '/', flags: ['--data-dir', folder.path] });
  expect((await program.ended()).code).toBe(78);
  expect(program.stderr).toContain(`${folder.join('keyring.yaml')}: ROUTER_PORT: `);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a router that gets %s stops in good order, and its state is on disk',
  async (signal) => {
    using folder = new TempFolder();
    const environment = { ROUTER_PORT: '0', ROUTER_SECRET: 'a-secret-of-16-chars' };
    const flags = ['--data-dir', folder.join('data')];
    const router = new Program({ name: 'phonework-router', folder: folder.path, flags, environment });
    await router.waitFor('the router to listen', ({ stdout }) => stdout.includes('PhoneWork router'));
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(router.stdout) ?? [];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(existsSync(folder.join('data/router.db.pid'))).toBe(true);
    expect(await router.stop(signal)).toBe(0);
    expect(router.log.map((line) => line.msg)).toEqual(expect.arrayContaining(['stopping', 'stopped']));
    expect(existsSync(folder.join('data/router.db.pid'))).toBe(false);
    expect(router.stdout + router.stderr).not.toContain(environment.ROUTER_SECRET);
  },
);

test('a second router with the same data is told who has it, in one line', async () => {
  using folder = new TempFolder();
  const environment = { ROUTER_PORT: '0', ROUTER_SECRET: 'a-secret-of-16-chars' };
  const options = {
    name: 'phonework-router',
    folder: folder.path,
    flags: ['--data-dir', folder.path],
    environment,
  } as const;
  const first = new Program(options);
  await first.waitFor('the router to listen', ({ stdout }) => stdout.includes('PhoneWork router'));
  const second = new Program(options);
  expect((await second.ended()).code).toBe(1);
  expect(
    second.stderr
      .split('\n')
      .filter((line) => !line.startsWith('{'))
      .join('\n'),
  ).toBe(`phonework-router: ${folder.join('router.db')} is in use by process ${first.pid}: stop that one first.\n`);
  await first.stop();
});

async function startSlow(folder: TempFolder, environment: Readonly<Record<string, string>> = {}): Promise<Child> {
  const args = ['--data-dir', folder.path];
  const child = new Child('./slow-program.ts', { args, environment });
  await waitFor(() => child.stdout.includes('ready'), { what: 'the program to be ready' });
  return child;
}

test('a second signal, later, ends it at once', async () => {
  using folder = new TempFolder();
  await using child = await startSlow(folder);
  child.signal('SIGTERM');
  await waitFor(() => child.stderr.includes('stopping'));
  await waitFor(() => {
    child.signal('SIGTERM');
    return child.exitCode !== undefined;
  });
  expect(await child.ended()).toBe(1);
});

test('a Ctrl-C that comes twice in one moment, from the terminal and the package manager, is one', async () => {
  using folder = new TempFolder();
  await using child = await startSlow(folder, { STOP_MS: '150' });
  child.signal('SIGINT');
  await waitFor(() => child.stderr.includes('stopping'));
  child.signal('SIGINT');
  expect(await child.ended()).toBe(0);
  expect(child.stderr).toContain('"stopped"');
});

test('a data directory that was named wins over the environment', async () => {
  using folder = new TempFolder();
  await using child = await startSlow(folder, { DATA_DIR: '/elsewhere' });
  expect(child.stdout).toBe(`ready in ${folder.path}\n`);
});

test('a failure to start is a sentence, and no stack', async () => {
  const child = new Child('./slow-program.ts', { environment: { FAIL: 'Port 80 is in use.' } });
  expect(await child.ended()).toBe(1);
  expect([child.stdout, child.stderr]).toEqual(['', 'slow: Port 80 is in use.\n']);
});

test('a bug ends the process, with a line that says so, and no secret in it', async () => {
  using folder = new TempFolder();
  const environment = { BUG: 'broken by open-sesame-42', TOKEN: 'open-sesame-42' };
  await using child = new Child('./slow-program.ts', { args: ['--data-dir', folder.path], environment });
  expect(await child.ended()).toBe(1);
  expect(child.stderr).toContain('unexpected error: the process ends');
  expect(child.stderr).toContain('broken by [redacted]');
  expect(child.stderr).not.toContain('sesame');
});
