import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileError } from '../../src/files/file-error.ts';
import { FileRoots } from '../../src/files/file-roots.ts';
import type { PackLimits } from '../../src/files/pack-folder.ts';
import { packFolder } from '../../src/files/pack-folder.ts';
import { makePipe } from '../fakes/named-pipe.ts';

let base: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'pack-')));
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

async function put(path: string, contents: string | Buffer): Promise<void> {
  await mkdir(dirname(join(base, path)), { recursive: true });
  await writeFile(join(base, path), contents);
}

async function pack(path: string, limits?: Partial<PackLimits>): Promise<Buffer> {
  const roots = new FileRoots({
    workingDir: join(base, 'projects'),
    dataDir: join(base, 'projects', '.phonework'),
    home: base,
  });
  await using folder = await roots.openFolder(path);
  return await buffer(packFolder(folder, roots, limits));
}

/** As a user unpacks it. */
async function unpacked(archive: Buffer): Promise<string[]> {
  const out = join(base, 'out');
  await mkdir(out);
  await writeFile(join(base, 'a.tar.gz'), archive);
  execFileSync('tar', ['-xzf', join(base, 'a.tar.gz'), '-C', out]);
  return execFileSync('find', ['.', '-mindepth', '1'], { cwd: out, encoding: 'utf8' }).trim().split('\n').sort();
}

test('tar unpacks it: files, empty ones and folders, long names and Chinese ones', async () => {
  const long = `${'deep/'.repeat(30)}${'x'.repeat(120)}.txt`;
  await put('projects/logs/a.log', Buffer.alloc(100_000, 'log\n'));
  await put('projects/logs/empty', '');
  await put(`projects/logs/${long}`, 'long');
  await put('projects/logs/周报.txt', '很好');
  await mkdir(join(base, 'projects/logs/nothing'));
  const entries = await unpacked(await pack('logs'));
  expect(entries).toEqual(
    expect.arrayContaining(['./logs/a.log', './logs/empty', './logs/nothing', './logs/周报.txt', `./logs/${long}`]),
  );
  expect((await readFile(join(base, 'out/logs/a.log'))).equals(Buffer.alloc(100_000, 'log\n'))).toBe(true);
  expect(await readFile(join(base, `out/logs/${long}`), 'utf8')).toBe('long');
  expect(await readFile(join(base, 'out/logs/周报.txt'), 'utf8')).toBe('很好');
});

test('nothing is in it that is closed to chats: links, pipes, our own data', async () => {
  await put('secret', 'outside');
  await put('projects/.phonework/node.db', 'private');
  await put('projects/a.txt', 'open');
  await symlink(join(base, 'secret'), join(base, 'projects/link'));
  await symlink(base, join(base, 'projects/folder-link'));
  await symlink(join(base, 'projects'), join(base, 'projects/loop'));
  await symlink(join(base, 'projects/a.txt'), join(base, 'projects/another-name'));
  makePipe(join(base, 'projects/pipe'));
  expect(await unpacked(await pack('.'))).toEqual(['./projects', './projects/a.txt']);
});

test('too many files, or too large ones, end it with a sentence', async () => {
  await put('projects/a.txt', 'open');
  await put('projects/b.txt', 'open');
  await expect(pack('.', { entries: 2, bytes: 100 })).rejects.toThrow(/up to 2 files/);
  await expect(pack('.', { entries: 5, bytes: 7 })).rejects.toBeInstanceOf(FileError);
});

test('folders inside each other without end are not held open all at once', async () => {
  await mkdir(join(base, 'projects', 'in/'.repeat(500)), { recursive: true });
  await expect(pack('.')).rejects.toThrow(/more than 50 folders inside each other/);
});
