import { link, mkdir, mkdtemp, open, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitFor } from '@phonework/testkit/wait';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileRoots } from '../../src/files/file-roots.ts';
import { makePipe } from '../fakes/named-pipe.ts';
import { SymlinkRacer } from '../fakes/symlink-racer.ts';

const secret = 'a secret from elsewhere';

let base: string;
let root: string;
let data: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'file-roots-')));
  root = join(base, 'root');
  data = join(base, 'data');
  await mkdir(join(root, 'app', 'src'), { recursive: true });
  await mkdir(join(base, 'outside'));
  await mkdir(join(data, 'audit'), { recursive: true });
  await writeFile(join(root, 'app', 'main.ts'), 'inside');
  await writeFile(join(base, 'outside', 'main.ts'), secret);
  await writeFile(join(data, 'node.db'), secret);
  await writeFile(join(data, 'audit', 'abc123.jsonl'), 'audited');
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

function makeRoots(options: { readonly dataDir?: string; readonly procFd?: boolean } = {}): FileRoots {
  return new FileRoots({ workingDir: root, dataDir: data, home: root, ...options });
}

async function read(path: string, roots = makeRoots()): Promise<string> {
  await using file = await roots.openFile(path);
  return (await file.read(0, file.size)).toString();
}

async function codeOf(opening: Promise<AsyncDisposable>): Promise<unknown> {
  return await opening.then(
    async (opened) => {
      await opened[Symbol.asyncDispose]();
      return 'opened';
    },
    (error) => {
      expect(error).toMatchObject({ name: 'FileError', message: expect.stringMatching(/^["A-Z].+\.$/) });
      return error.code;
    },
  );
}

// The second way is that of systems without /proc.
describe.each([{ procFd: process.platform === 'linux' }, { procFd: false }])('with /proc: $procFd', (options) => {
  test('a file inside is read by a relative, an absolute and a home path, and through links that stay inside', async () => {
    await symlink(join(root, 'app'), join(root, 'inner'));
    await symlink('main.ts', join(root, 'app', 'link.ts'));
    const roots = makeRoots(options);
    for (const path of [
      'app/main.ts',
      join(root, 'app/main.ts'),
      '~/app/main.ts',
      ' app/src/../main.ts ',
      'inner/link.ts',
    ]) {
      expect(await read(path, roots)).toBe('inside');
    }
  });

  test('a file is called by its place in the working folder', async () => {
    await symlink(join(root, 'app'), join(root, 'inner'));
    await using file = await makeRoots(options).openFile('inner/main.ts');
    expect(file).toMatchObject({ shownPath: 'app/main.ts', name: 'main.ts', size: 6 });
    await using folder = await makeRoots(options).openFolder('.');
    expect(folder.shownPath).toBe('.');
  });

  test('what lies elsewhere is refused, also behind links', async () => {
    await symlink(join(base, 'outside'), join(root, 'escape'));
    await symlink('../../outside/main.ts', join(root, 'app', 'escape.ts'));
    await symlink('/proc/self/root', join(root, 'disk'));
    const roots = makeRoots(options);
    for (const path of [
      ...['..', '../outside/main.ts', 'app/../../outside/main.ts', '/etc/passwd', join(base, 'outside', 'main.ts')],
      ...[
        'escape',
        'escape/main.ts',
        'app/escape.ts',
        '../nothing',
        '/nothing',
        `disk${base}/outside/main.ts`,
        'disk',
        '/proc/self/environ',
      ],
    ]) {
      expect(await codeOf(roots.open(path)), path).toBe('outside');
    }
  });

  test('a missing file, a wrong kind and an impossible name are told in a sentence', async () => {
    const roots = makeRoots(options);
    await symlink('nowhere', join(root, 'broken'));
    expect(await codeOf(roots.open('nothing'))).toBe('missing');
    expect(await codeOf(roots.open('broken'))).toBe('missing');
    expect(await codeOf(roots.open('app/main.ts/deeper'))).toBe('missing');
    expect(await codeOf(roots.openFile('app'))).toBe('not_a_file');
    expect(await codeOf(roots.openFolder('app/main.ts'))).toBe('not_a_folder');
    expect(await codeOf(roots.open('a\0b'))).toBe('unsupported');
    expect(await codeOf(roots.open('x'.repeat(10_000)))).toBe('unsupported');
  });

  test('the audit is open under its own name, and nothing else of the data folder', async () => {
    const roots = makeRoots(options);
    expect(await read('audit/abc123.jsonl', roots)).toBe('audited');
    expect(await read(join(data, 'audit', 'abc123.jsonl'), roots)).toBe('audited');
    for (const path of ['audit/../node.db', join(data, 'node.db'), 'audit/../../data/node.db', data]) {
      expect(await codeOf(roots.open(path)), path).not.toBe('opened');
    }
    await using folder = await roots.openFolder('audit');
    expect(folder.shownPath).toBe('audit');
  });

  test('whole outputs of commands are open under their own name', async () => {
    await mkdir(join(data, 'outputs'));
    await writeFile(join(data, 'outputs', 'k3f9x2.txt'), 'all of it');
    const roots = makeRoots(options);
    expect(await read('outputs/k3f9x2.txt', roots)).toBe('all of it');
    expect(await read(join(data, 'outputs', 'k3f9x2.txt'), roots)).toBe('all of it');
    await symlink(join(data, 'node.db'), join(data, 'outputs', 'link.txt'));
    for (const path of ['outputs/link.txt', 'outputs/../node.db', 'outputs/../../data/node.db']) {
      expect(await codeOf(roots.open(path))).not.toBe('opened');
    }
  });

  test("a project's own audit goes first, file by file", async () => {
    await mkdir(join(root, 'audit'));
    await writeFile(join(root, 'audit', 'own.txt'), 'own');
    const roots = makeRoots(options);
    expect(await read('audit/own.txt', roots)).toBe('own');
    expect(await read('audit/abc123.jsonl', roots)).toBe('audited');
  });

  test('a data folder inside the working folder is closed, also through links', async () => {
    await rename(data, join(root, '.data'));
    await symlink('.data/node.db', join(root, 'database'));
    const roots = makeRoots({ ...options, dataDir: join(root, '.data') });
    for (const path of ['.data', '.data/node.db', 'database', 'audit/../.data/node.db']) {
      expect(await codeOf(roots.open(path)), path).toBe('private');
    }
    expect(await read('audit/abc123.jsonl', roots)).toBe('audited');
  });

  test('an audit folder that is a link leads nowhere', async () => {
    await rm(join(data, 'audit'), { recursive: true });
    await symlink(join(base, 'outside'), join(data, 'audit'));
    expect(await codeOf(makeRoots(options).open('audit/main.ts'))).toBe('outside');
  });
});

test.skipIf(process.platform === 'win32')('pipes, sockets and devices are refused at once', async () => {
  makePipe(join(root, 'pipe'));
  const server = createServer().listen(join(root, 'socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  await symlink('/dev/zero', join(root, 'zero'));
  const startedAt = performance.now();
  expect(await codeOf(makeRoots().open('pipe'))).toBe('special');
  expect(await codeOf(makeRoots().open('socket'))).toBe('special');
  expect(await codeOf(makeRoots().open('zero'))).toBe('outside');
  expect(performance.now() - startedAt).toBeLessThan(500);
  await new Promise((resolve) => server.close(resolve));
});

test('what was opened is what is read and streamed, whatever its name means by then', async () => {
  await using file = await makeRoots().openFile('app/main.ts');
  await rename(join(base, 'outside', 'main.ts'), join(root, 'app', 'main.ts'));
  expect((await file.read(2, 100)).toString()).toBe('side');
  expect(await text(file.stream())).toBe('inside');
  expect(await text(file.stream())).toBe('inside');
});

test('what is appended while a file is streamed is not sent with it, and an empty file ends at once', async () => {
  await using file = await makeRoots().openFile('app/main.ts');
  await writeFile(join(root, 'app', 'main.ts'), ' and more', { flag: 'a' });
  expect(await text(file.stream())).toBe('inside');
  await writeFile(join(root, 'empty'), '');
  await using empty = await makeRoots().openFile('empty');
  expect(await text(empty.stream())).toBe('');
});

test('closing twice is fine', async () => {
  const file = await makeRoots().openFile('app/main.ts');
  await file.close();
  await file.close();
});

test('a hard link to a file elsewhere cannot be told from the file: a known limit', async () => {
  await link(join(base, 'outside', 'main.ts'), join(root, 'hard.ts'));
  expect(await read('hard.ts')).toBe(secret);
});

test('descriptors are not left open by refusals', async () => {
  const roots = makeRoots();
  await symlink(join(base, 'outside'), join(root, 'escape'));
  const before = await freeDescriptor();
  for (let count = 0; count < 50; count++) {
    await codeOf(roots.open('escape/main.ts'));
    await codeOf(roots.openFile('app'));
    await codeOf(roots.openFolder('app/main.ts'));
  }
  expect(await freeDescriptor()).toBe(before);
});

/** The lowest one that is free. */
async function freeDescriptor(): Promise<number> {
  const handle = await open(base);
  const { fd } = handle;
  await handle.close();
  return fd;
}

test('without /proc, a file that is replaced while it is being opened is refused: it could be any other', async () => {
  const roots = makeRoots({ procFd: false });
  const path = join(root, 'app', 'main.ts');
  const seen = new Set<string>();
  let isOver = false;
  const replacing = (async () => {
    while (!isOver) {
      await writeFile(`${path}.new`, 'inside');
      await rename(`${path}.new`, path);
    }
  })();
  await waitFor(async () => {
    seen.add(await read('app/main.ts', roots).catch((error) => `${error.name} ${error.code}`));
    return seen.has('FileError changed');
  });
  isOver = true;
  await replacing;
  expect([...seen].filter((what) => what !== 'inside')).toEqual(['FileError changed']);
});

const atFullSpeed = { elsewhereMs: 0, backMs: 0 };
// Elsewhere for the opening, and back in time for all the looks that follow.
const inTime = { elsewhereMs: 0.3, backMs: 8 };

// The second way is made for systems on which links are swapped less easily; it has to stand all the same.
describe.runIf(process.platform === 'linux').each([
  { procFd: true, pauses: atFullSpeed, swaps: 10_000 },
  { procFd: false, pauses: atFullSpeed, swaps: 10_000 },
  { procFd: false, pauses: inTime, swaps: 300 },
])('while a name is swapped for a link to elsewhere: %j', ({ procFd, pauses, swaps }) => {
  test.each([
    ['a file', 'app/main.ts', 'outside/main.ts'],
    ['a folder', 'app', 'outside'],
  ])('%s: no byte from elsewhere is read, and no descriptor left open', async (_, swapped, elsewhere) => {
    const roots = makeRoots({ procFd });
    const seen = new Map<string, number>();
    await using racer = new SymlinkRacer(join(root, swapped), join(base, elsewhere), pauses);
    await waitFor(() => racer.swaps > 0);
    const free = await freeDescriptor();
    const deadline = performance.now() + 20_000;
    while ((racer.swaps < swaps || !seen.has('inside')) && performance.now() < deadline) {
      const what = await read('app/main.ts', roots).catch((error) => `${error.name} ${error.code}`);
      seen.set(what, (seen.get(what) ?? 0) + 1);
      // Looked at on the way: what is forgotten is closed sooner or later.
      if (what !== 'inside') expect(await freeDescriptor()).toBe(free);
    }
    expect(seen.get('inside')).toBeGreaterThan(0);
    // The racer has been seen: else the test shows nothing.
    expect((seen.get('FileError outside') ?? 0) + (seen.get('FileError changed') ?? 0)).toBeGreaterThan(0);
    expect([...seen.keys()].filter((what) => what !== 'inside' && !what.startsWith('FileError '))).toEqual([]);
  });
});

test('why a file is not opened is there in Chinese as well', async () => {
  await expect(read('app/nothing.ts')).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringMatching(/^There is no "app\/nothing\.ts"/),
    said: { zh: '工作文件夹里没有“app/nothing.ts”：列出它所在的文件夹，看看里面有什么。' },
  });
  const pipe = join(root, 'a-pipe');
  await makePipe(pipe);
  await expect(read(pipe)).rejects.toMatchObject({ said: { zh: `“${pipe}”是管道，不是文件：无法读取。` } });
  await expect(read('x'.repeat(400))).rejects.toMatchObject({ said: { zh: expect.stringMatching(/文件/) } });
});
