import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileRoots } from '../../src/files/file-roots.ts';
import type { TreeLimits } from '../../src/files/list-tree.ts';
import { listTree } from '../../src/files/list-tree.ts';
import type { Tree } from '../../src/files/tree.ts';
import { makePipe } from '../fakes/named-pipe.ts';
import { SymlinkRacer } from '../fakes/symlink-racer.ts';

let base: string;
let root: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'list-tree-')));
  root = join(base, 'root');
  await mkdir(root);
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

async function list(
  path = '.',
  limits: Partial<TreeLimits> = {},
  signal = new AbortController().signal,
): Promise<Tree> {
  const roots = new FileRoots({ workingDir: root, dataDir: join(root, '.data'), home: root });
  await using folder = await roots.openFolder(path);
  return await listTree(folder, { roots, limits, signal });
}

/** Paths, with `/` behind folders; `/…` behind those that were not looked into. */
function pathsOf(tree: Tree, above = ''): string[] {
  return tree.entries.flatMap((entry) => {
    const path = `${above}${entry.name}`;
    if (entry.kind !== 'folder') return [path];
    if (typeof entry.inside === 'string') return [`${path}/…`];
    return [`${path}/`, ...pathsOf(entry.inside, `${path}/`)];
  });
}

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), contents);
  }
}

test('folders stand first, then files, each by name, with sizes, three levels deep', async () => {
  await put({ 'b.txt': 'four', 'a.txt': '', 'src/x.ts': '12', 'src/deep/deeper/deepest.ts': '', 'docs/y.md': '' });
  const tree = await list();
  expect(pathsOf(tree)).toEqual([
    ...['docs/', 'docs/y.md', 'src/', 'src/deep/', 'src/deep/deeper/…', 'src/x.ts', 'a.txt', 'b.txt'],
  ]);
  expect(tree.entries.at(-1)).toEqual({ kind: 'file', name: 'b.txt', size: 4 });
  expect(tree).toMatchObject({ more: 0, isUncounted: false });
});

test('links and pipes are named, and not followed', async () => {
  await mkdir(join(base, 'elsewhere'));
  await writeFile(join(base, 'elsewhere', 'secret'), '');
  await symlink(join(base, 'elsewhere'), join(root, 'escape'));
  await symlink('.', join(root, 'loop'));
  makePipe(join(root, 'pipe'));
  expect(await list()).toEqual({
    entries: [
      { kind: 'link', name: 'escape' },
      { kind: 'link', name: 'loop' },
      { kind: 'special', name: 'pipe' },
    ],
    more: 0,
    isUncounted: false,
  });
});

test('the data folder of the program is not shown', async () => {
  await put({ '.data/node.db': '', '.data/audit/a.jsonl': '', 'a.txt': '' });
  expect(pathsOf(await list())).toEqual(['a.txt']);
});

describe('.gitignore', () => {
  test('of each level leaves out what it names, and .git is never shown', async () => {
    await put({
      '.git/config': '',
      '.gitignore': 'node_modules/\n*.log\n!keep.log\n# comment\n/top.txt',
      'top.txt': '',
      'a.log': '',
      'keep.log': '',
      'node_modules/x/index.js': '',
      'app/top.txt': '',
      'app/b.log': '',
      'app/.gitignore': 'generated\n!b.log',
      'app/generated/x': '',
    });
    expect(pathsOf(await list())).toEqual([
      ...['app/', 'app/.gitignore', 'app/b.log', 'app/top.txt', '.gitignore', 'keep.log'],
    ]);
  });

  test('of the folders above counts as well, up to the repository', async () => {
    await put({
      '.gitignore': '*.md',
      'repository/.git/config': '',
      'repository/.gitignore': '*.log',
      'repository/src/deep/a.log': '',
      'repository/src/deep/a.md': '',
    });
    expect(pathsOf(await list('repository/src'))).toEqual(['deep/', 'deep/a.md']);
  });

  test('does not hide what is in a folder that was asked for by name', async () => {
    await put({ '.gitignore': 'node_modules', 'node_modules/x/index.js': '' });
    expect(pathsOf(await list('node_modules'))).toEqual(['x/', 'x/index.js']);
    expect(pathsOf(await list('node_modules/x'))).toEqual(['index.js']);
  });

  test('that is a pipe, or a link to elsewhere, says nothing', async () => {
    await put({ 'app/a.txt': '', 'lib/a.txt': '' });
    await writeFile(join(base, 'rules'), '*.txt');
    makePipe(join(root, 'app', '.gitignore'));
    await symlink(join(base, 'rules'), join(root, 'lib', '.gitignore'));
    expect(pathsOf(await list())).toEqual([
      'app/',
      'app/.gitignore',
      'app/a.txt',
      'lib/',
      'lib/.gitignore',
      'lib/a.txt',
    ]);
  });
});

describe('limits', () => {
  test('upper levels go first, and what is left out is counted', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `f${index + 10}`);
    await put(Object.fromEntries(names.flatMap((name) => [`a/${name}`, `b/${name}`].map((path) => [path, '']))));
    await put({ 'z.txt': '' });
    const tree = await list('.', { entries: 20, entriesPerFolder: 10 });
    expect(pathsOf(tree)).toHaveLength(20);
    expect(tree.entries).toMatchObject([
      { name: 'a', inside: { more: 20, isUncounted: false, entries: { length: 10 } } },
      { name: 'b', inside: { more: 23, entries: { length: 7 } } },
      { name: 'z.txt' },
    ]);
  });

  test('a deep folder does not use up what its neighbours need', async () => {
    await put(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`a/deep/f${index}`, ''])));
    await put({ 'b/one': '', 'b/two': '' });
    const tree = await list('.', { entries: 10 });
    expect(pathsOf(tree).filter((path) => !path.startsWith('a/deep/f'))).toEqual([
      'a/',
      'a/deep/',
      'b/',
      'b/one',
      'b/two',
    ]);
    expect(pathsOf(tree)).toHaveLength(10);
  });

  test('a huge folder is looked at in part, and that is said', async () => {
    for (let index = 0; index < 300; index++) await writeFile(join(root, `f${index}`), '');
    const tree = await list('.', { seenPerFolder: 120 });
    expect(tree).toMatchObject({ entries: { length: 100 }, more: 20, isUncounted: true });
    const other = await list('.', { seen: 50 });
    expect(other).toMatchObject({ entries: { length: 50 }, more: 0, isUncounted: true });
  });

  test('when time is up, folders are left closed', async () => {
    await put({ 'app/a.txt': '', 'b.txt': '' });
    expect(pathsOf(await list('.', { timeMs: 0 }))).toEqual(['app/…', 'b.txt']);
  });

  test('listing ends with the turn', async () => {
    await put({ 'app/a.txt': '' });
    await expect(list('.', {}, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test.runIf(process.platform === 'linux')(
  'while a folder is swapped for a link, no name from elsewhere is listed',
  async () => {
    await put({ 'app/src/inside.ts': '' });
    await mkdir(join(base, 'elsewhere', 'src'), { recursive: true });
    await writeFile(join(base, 'elsewhere', 'src', 'secret.ts'), '');
    await using racer = new SymlinkRacer(join(root, 'app'), join(base, 'elsewhere'));
    const seen = new Set<string>();
    const deadline = performance.now() + 20_000;
    while ((racer.swaps < 5_000 || !seen.has('app/src/inside.ts')) && performance.now() < deadline) {
      for (const path of pathsOf(await list())) seen.add(path.replace('.aside', ''));
      for (const path of await list('app/src').then(pathsOf, () => [])) seen.add(path);
    }
    expect([...seen].filter((path) => path.includes('secret'))).toEqual([]);
    expect(seen).toContain('app/src/inside.ts');
  },
);
