import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkDirError } from '../../src/files/work-dir.ts';
import { WorkDir } from '../../src/files/work-dir.ts';

let base: string;
let root: string;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'work-dir-')));
  root = join(base, 'root');
  await mkdir(join(root, 'app', 'src'), { recursive: true });
  await mkdir(join(root, '..dots'));
  await mkdir(join(base, 'outside'));
  await mkdir(join(base, 'root-too'));
  await writeFile(join(root, 'file'), '');
  await symlink(join(root, 'app'), join(root, 'inner'));
  await symlink(join(base, 'outside'), join(root, 'escape'));
  await symlink(join(base, 'nowhere'), join(root, 'broken'));
  await symlink(root, join(base, 'link-to-root'));
});
afterAll(async () => {
  await rm(base, { recursive: true });
});

test('folders inside are given by their real path', async () => {
  const workDir = new WorkDir(root);
  expect(await workDir.resolve()).toBe(root);
  expect(await workDir.resolve('app/src')).toBe(join(root, 'app', 'src'));
  expect(await workDir.resolve(join(root, 'app'))).toBe(join(root, 'app'));
  expect(await workDir.resolve('app/../inner/src')).toBe(join(root, 'app', 'src'));
  expect(await workDir.resolve('..dots')).toBe(join(root, '..dots'));
});

test('a root that is a symbolic link itself works, under both names', async () => {
  const workDir = new WorkDir(join(base, 'link-to-root'));
  expect(await workDir.resolve('app')).toBe(join(root, 'app'));
  expect(await workDir.resolve(join(root, 'app'))).toBe(join(root, 'app'));
});

test.each([
  ['..', 'outside'],
  ['app/../../outside', 'outside'],
  ['/', 'outside'],
  ['/etc/passwd', 'outside'],
  ['/nowhere/at/all', 'outside'],
  ['../root-too', 'outside'],
  ['escape', 'outside'],
  ['escape/deeper', 'missing'],
  ['broken', 'missing'],
  ['missing', 'missing'],
  ['file', 'not_a_folder'],
  ['file/x', 'missing'],
  ['~', 'unsupported'],
  ['~/app', 'unsupported'],
  ['~root', 'unsupported'],
  ['app\0', 'unsupported'],
])('%j is refused with a sentence: %s', async (path, code) => {
  await expect(new WorkDir(root).resolve(path)).rejects.toMatchObject({
    name: 'WorkDirError',
    code,
    message: expect.stringMatching(/[A-Za-z].+\.$/),
  });
});

test('what exists outside is not told', async () => {
  const workDir = new WorkDir(root);
  const existing = await workDir.resolve('../outside').catch((error: Error) => error.message);
  const missing = await workDir.resolve('../nothing').catch((error: Error) => error.message);
  expect(`${existing}`.replace('outside"', '"')).toBe(`${missing}`.replace('nothing"', '"'));
});

test('a working folder that is gone is named', async () => {
  await expect(new WorkDir(join(base, 'gone')).resolve('x')).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining(join(base, 'gone')),
  });
});

test('ensure makes a folder with those above it, and takes one that is there as it is', async () => {
  const workDir = new WorkDir(root);
  const made = join(root, 'made', 'deep er', '你好');
  expect(await workDir.ensure('made/deep er/你好')).toBe(made);
  expect(await workDir.ensure(made)).toBe(made);
  expect(await workDir.ensure('made/../made/./deep er')).toBe(join(root, 'made', 'deep er'));
  expect(await workDir.ensure('.')).toBe(root);
  expect(await workDir.resolve('made/deep er/你好')).toBe(made);
});

test('ensure follows links that stay inside, under either name of the root', async () => {
  expect(await new WorkDir(root).ensure('inner/new')).toBe(join(root, 'app', 'new'));
  const linked = new WorkDir(join(base, 'link-to-root'));
  expect(await linked.ensure('by-link/new')).toBe(join(root, 'by-link', 'new'));
  expect(await linked.ensure(join(root, 'by-real-path'))).toBe(join(root, 'by-real-path'));
});

test.each([
  ['..', 'outside'],
  ['../new', 'outside'],
  ['app/../../new', 'outside'],
  ['/tmp-of-nobody/new', 'outside'],
  ['escape/new', 'outside'],
  ['escape/deep/new', 'outside'],
  ['inner/../escape/new', 'outside'],
  ['broken', 'missing'],
  ['broken/new', 'missing'],
  ['file', 'not_a_folder'],
  ['file/new', 'not_a_folder'],
  ['~', 'unsupported'],
  ['~/new', 'unsupported'],
  ['new\0', 'unsupported'],
  ['new\0/../../outside/new', 'unsupported'],
])('ensure refuses %j with a sentence: %s, and makes nothing outside', async (path, code) => {
  await expect(new WorkDir(root).ensure(path)).rejects.toMatchObject({
    name: 'WorkDirError',
    code,
    message: expect.stringMatching(/[A-Za-z].+\.$/),
  });
  expect(await readdir(join(base, 'outside'))).toEqual([]);
  expect((await readdir(base)).toSorted()).toEqual(['link-to-root', 'outside', 'root', 'root-too']);
  expect(await readdir(root)).not.toContain('~');
});

test('what is wrong with a folder is there in Chinese as well, with the path as it was written', async () => {
  const workDir = new WorkDir(root);
  const refusal = async (path: string): Promise<unknown> =>
    await workDir.resolve(path).then(
      () => undefined,
      (error: WorkDirError) => error.said,
    );
  expect(await refusal('nowhere')).toEqual({
    en: 'There is no folder "nowhere" in the working folder.',
    zh: '工作文件夹里没有文件夹“nowhere”。',
  });
  expect(await refusal('..')).toMatchObject({ zh: `“..”在工作文件夹 ${root} 之外：请选一个里面的文件夹。` });
  expect(await refusal('~/app')).toMatchObject({ zh: '“~/app”以 ~ 开头：请给一个工作文件夹里的路径。' });
});
