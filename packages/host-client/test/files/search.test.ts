import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileRoots } from '../../src/files/file-roots.ts';
import type { SearchLimits, SearchResult } from '../../src/files/search.ts';
import { search } from '../../src/files/search.ts';
import { childEnvironment } from '../../src/shell/environment.ts';
import { makePipe } from '../fakes/named-pipe.ts';
import { SymlinkRacer } from '../fakes/symlink-racer.ts';

let base: string;
let root: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'search-')));
  root = join(base, 'root');
  await mkdir(root);
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

type Options = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly limits?: Partial<SearchLimits>;
  readonly signal?: AbortSignal;
};

async function find(query: string, path = '.', options: Options = {}): Promise<SearchResult> {
  const roots = new FileRoots({ workingDir: root, dataDir: join(root, '.data'), home: root });
  await using target = await roots.open(path);
  return await search(target, query, {
    roots,
    environment: childEnvironment(process.env),
    signal: new AbortController().signal,
    ...options,
  });
}

async function linesOf(query: string, path?: string, options?: Options): Promise<string[]> {
  const { matches } = await find(query, path, options);
  return matches.map(({ path, line, text }) => `${path}:${line}: ${text}`);
}

async function put(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), contents);
  }
}

test('matches are found in all files below, in order, with file and line', async () => {
  await put({
    'b.ts': 'first\n  // TODO: second\r\nthird',
    'app/a.ts': 'todo one\ntodo two',
    '.ci/run': 'todo hidden',
    '.git/config': 'todo never',
  });
  expect(await linesOf('todo')).toEqual([
    '.ci/run:1: todo hidden',
    'app/a.ts:1: todo one',
    'app/a.ts:2: todo two',
    'b.ts:2: // TODO: second',
  ]);
  expect(await linesOf('TODO')).toEqual(['b.ts:2: // TODO: second']);
  expect(await linesOf('^t.*(one|ird)$', 'app')).toEqual(['app/a.ts:1: todo one']);
  expect(await find('nothing like it')).toEqual({ matches: [], ending: 'complete', isLiteral: false });
});

test('one file is searched alone', async () => {
  await put({ 'a.log': 'error 1\nfine\nerror 2', 'b.log': 'error 3', '.gitignore': '*.log' });
  expect(await linesOf('error', 'a.log')).toEqual(['a.log:1: error 1', 'a.log:3: error 2']);
  expect(await linesOf('error')).toEqual([]);
});

test('what .gitignore leaves out is searched only when it is named', async () => {
  await put({ '.gitignore': 'dist/', 'dist/x.js': 'needle', 'src/x.ts': 'needle' });
  expect(await linesOf('needle')).toEqual(['src/x.ts:1: needle']);
  expect(await linesOf('needle', 'dist')).toEqual(['dist/x.js:1: needle']);
});

test.each([
  ['foo(', 'call foo(1)'],
  ['[', 'an [ array'],
  ['a.b*+?{', 'odd a.b*+?{ text'],
])('%j is no regular expression, and is searched for as it is written', async (query, line) => {
  await put({ 'a.txt': `${line}\nfoo` });
  expect(await find(query)).toEqual({
    matches: [{ path: 'a.txt', line: 1, text: line }],
    ending: 'complete',
    isLiteral: true,
  });
});

test.each(['--files', '-e', '--pre=touch', '-', '--', '; touch made', '`touch made`', '&& touch made'])(
  'the query %j is a query and nothing else',
  async (query) => {
    await put({ 'a.txt': `one ${query} two`, 'b.txt': 'other' });
    expect(await linesOf(query)).toEqual([`a.txt:1: one ${query} two`]);
    expect(await linesOf(query, 'a.txt')).toEqual([`a.txt:1: one ${query} two`]);
    expect(await readdir(root)).toEqual(['a.txt', 'b.txt']);
  },
);

test('names that look like options, or have strange characters, are names', async () => {
  await put({ '--files/-e': 'needle', 'with space /x\ny.txt': 'needle', 'ünï 文件.txt': 'needle', 'a:1: b': 'needle' });
  const { matches } = await find('needle');
  // A name with a line break in it is left out.
  expect(matches.map(({ path }) => path)).toEqual(['--files/-e', 'a:1: b', 'ünï 文件.txt']);
  expect(await linesOf('needle', '--files')).toEqual(['--files/-e:1: needle']);
});

test('a setting of the user for ripgrep changes nothing', async () => {
  await put({ 'a.txt': 'needle' });
  await writeFile(join(base, 'ripgreprc'), '--invert-match\n--pre=/bin/false\n');
  const environment = { ...childEnvironment(process.env), RIPGREP_CONFIG_PATH: join(base, 'ripgreprc') };
  expect(await linesOf('needle', '.', { environment })).toEqual(['a.txt:1: needle']);
});

test('a byte order mark moves nothing', async () => {
  await put({ 'a.txt': '\ufeffa needle\nanother needle\n' });
  expect(await linesOf('needle')).toEqual(['a.txt:1: a needle', 'a.txt:2: another needle']);
});

test('long lines show what stands around the match', async () => {
  await put({ 'a.json': `{${'"你好":1,'.repeat(200_000)}"needle":2,${'"k":1,'.repeat(200_000)}}\nneedle` });
  const [first = '', second] = await linesOf('needle', 'a.json');
  expect(first).toMatch(/^a\.json:1: ….{20,70}"needle":2,.*…$/);
  expect(first.length).toBeLessThan(230);
  expect(first).not.toContain('\ufffd');
  expect(second).toBe('a.json:2: needle');
});

test('control characters in lines and names are shown as pictures', async () => {
  await put({ 'a.txt': 'a \x1b[31mneedle\x1b[0m\tand\x07 more' });
  expect(await linesOf('needle')).toEqual(['a.txt:1: a needle and␇ more']);
});

test('binary files are skipped, and refused when they are named', async () => {
  await put({
    'a.bin': Buffer.from('needle\0needle\n'),
    'late.bin': `${'needle\n'.repeat(20_000)}\0`,
    'z.txt': 'needle',
  });
  expect((await find('needle')).matches.at(-1)).toEqual({ path: 'z.txt', line: 1, text: 'needle' });
  expect(await linesOf('needle')).not.toContain('a.bin:1: needle');
  await expect(find('needle', 'a.bin')).rejects.toMatchObject({ code: 'binary' });
  await put({ 'wide.txt': Buffer.from('\ufeffneedle', 'utf16le') });
  await expect(find('needle', 'wide.txt')).rejects.toMatchObject({ code: 'unsupported' });
});

test.each(['two\nlines', 'a\0b', 'x'.repeat(2_000)])(
  'a query that cannot be one is refused with a sentence',
  async (query) => {
    await expect(find(query)).rejects.toMatchObject({ name: 'FileError', code: 'unsupported' });
  },
);

test('links are not followed, pipes not waited for, and the data folder is closed', async () => {
  await mkdir(join(base, 'elsewhere'));
  await writeFile(join(base, 'elsewhere', 'secret.txt'), 'needle');
  await symlink(join(base, 'elsewhere'), join(root, 'escape'));
  await symlink(join(base, 'elsewhere', 'secret.txt'), join(root, 'escape.txt'));
  await symlink('a.txt', join(root, 'inner.txt'));
  await symlink('.', join(root, 'loop'));
  makePipe(join(root, 'pipe'));
  await put({ '.data/node.db': 'needle', '.data/audit/a.jsonl': 'needle', 'a.txt': 'needle' });
  expect(await linesOf('needle')).toEqual(['audit/a.jsonl:1: needle', 'a.txt:1: needle']);
});

describe('limits', () => {
  test('matches of a file, matches in all, and their length', async () => {
    await put({ 'a.txt': 'needle\n'.repeat(200), 'b.txt': 'needle\n'.repeat(5) });
    const files = (await find('needle')).matches.map(({ path }) => path);
    expect(files).toEqual([...Array(20).fill('a.txt'), ...Array(5).fill('b.txt')]);
    expect(await find('needle', '.', { limits: { matches: 3 } })).toMatchObject({
      matches: { length: 3 },
      ending: 'limit',
    });
    expect(await find('needle', 'a.txt')).toMatchObject({ matches: { length: 100 }, ending: 'limit' });
    expect(await find('needle', '.', { limits: { chars: 30 } })).toMatchObject({
      matches: { length: 2 },
      ending: 'limit',
    });
    expect(await find('needle', 'b.txt', { limits: { matches: 5 } })).toMatchObject({ ending: 'complete' });
  });

  test('time: what was found until then is kept', async () => {
    await put({ 'a.txt': 'needle' });
    expect(await find('needle', '.', { limits: { timeMs: 0 } })).toMatchObject({ ending: 'timed_out' });
  });

  test('the end of the turn ends the process', async () => {
    await put({ 'big.txt': 'a line of text that is not it\n'.repeat(2_000_000) });
    const turn = new AbortController();
    // Finds nothing, and takes its time.
    const searching = find('\\w{1,3}( \\w{1,9}){3,200}[0-9]', 'big.txt', { signal: turn.signal });
    await expect.poll(runningRipgreps, { interval: 5 }).toBe(1);
    const abortedAt = performance.now();
    turn.abort();
    await expect(searching).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
    expect(await runningRipgreps()).toBe(0);
  });
});

/** Children of this process. */
async function runningRipgreps(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => stat.includes(`(rg) `) && stat.split(') ')[1]?.split(' ')[1] === `${process.pid}`)
    .length;
}

test('where ripgrep does not start, a sentence says so', async () => {
  await put({ 'app/a.txt': 'needle' });
  const noEnvironment = { environment: { NAME: 'no value has a \0 in it' } };
  await expect(find('needle', '.', noEnvironment)).rejects.toMatchObject({ name: 'FileError', code: 'no_search' });
  const roots = new FileRoots({ workingDir: root, dataDir: join(root, '.data'), home: root, procFd: false });
  await using target = await roots.openFolder('app');
  await rm(join(root, 'app'), { recursive: true });
  const options = { roots, environment: {}, signal: new AbortController().signal };
  await expect(search(target, 'needle', options)).rejects.toMatchObject({ name: 'FileError', code: 'no_search' });
});

test.runIf(process.platform === 'linux')(
  'while a folder is swapped for a link, nothing from elsewhere is found',
  async () => {
    await put({ 'app/a.txt': 'needle inside' });
    await mkdir(join(base, 'elsewhere'));
    await writeFile(join(base, 'elsewhere', 'a.txt'), 'needle secret');
    await using racer = new SymlinkRacer(join(root, 'app'), join(base, 'elsewhere'));
    const seen = new Set<string>();
    const deadline = performance.now() + 30_000;
    while ((racer.swaps < 5_000 || !seen.has('needle inside')) && performance.now() < deadline) {
      for (const { text } of (await find('needle')).matches) seen.add(text);
      for (const { text } of (await find('needle', 'app').catch(() => undefined))?.matches ?? []) seen.add(text);
      for (const { text } of (await find('needle', 'app/a.txt').catch(() => undefined))?.matches ?? []) seen.add(text);
    }
    expect([...seen]).toEqual(['needle inside']);
  },
);
