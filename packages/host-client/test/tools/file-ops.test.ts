import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileRoots } from '../../src/files/file-roots.ts';
import { childEnvironment } from '../../src/shell/environment.ts';
import { createTaint } from '../../src/taint.ts';
import type { FileOpsOptions } from '../../src/tools/file-ops.ts';
import { fileOpsTool } from '../../src/tools/file-ops.ts';
import { ToolError } from '../../src/tools/tool.ts';
import type { TurnContext } from '../../src/turn-context.ts';

let base: string;
let root: string;
let context: TurnContext;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'file-ops-')));
  root = join(base, 'root');
  await mkdir(root);
  context = {
    userId: 'alice',
    chatId: 'chat',
    turnId: 'turn',
    signal: new AbortController().signal,
    taint: createTaint(),
    beforeEffect: () => Promise.reject(new Error('reading has no effects')),
  };
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

async function put(path: string, contents: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

async function call(args: Readonly<Record<string, unknown>>, options: Partial<FileOpsOptions> = {}): Promise<string> {
  const roots = new FileRoots({ workingDir: root, dataDir: join(base, 'data'), home: root });
  const tool = fileOpsTool({ roots, environment: childEnvironment(process.env), ...options });
  return await tool.call(JSON.stringify(args), context);
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
}

describe('read', () => {
  test("the last 50 lines of a session's audit", async () => {
    await put(join(base, 'data', 'audit', 'abc123.jsonl'), numbered(120));
    const [heading, ...lines] = (await call({ action: 'read', path: 'audit/abc123.jsonl', lines: '-50' })).split('\n');
    expect(heading).toBe('audit/abc123.jsonl: lines 71-120 of 120, file of 972 bytes');
    expect(lines.join('\n')).toBe(numbered(120).split('\n').slice(70).join('\n'));
  });

  test.each([
    ['', 'a.txt: all 3 lines, file of 21 bytes\nline 1\nline 2\nline 3\n'],
    ['1-2', 'a.txt: lines 1-2 of 3, file of 21 bytes\nline 1\nline 2\n'],
    ['2', 'a.txt: line 2 of 3, file of 21 bytes\nline 2\n'],
    ['2-', 'a.txt: lines 2-3 of 3, file of 21 bytes\nline 2\nline 3\n'],
    [' 2 - 9 ', 'a.txt: lines 2-3 of 3, file of 21 bytes\nline 2\nline 3\n'],
    ['-1', 'a.txt: line 3 of 3, file of 21 bytes\nline 3\n'],
    ['0-1', 'a.txt: line 1 of 3, file of 21 bytes\nline 1\n'],
    ['-9', 'a.txt: all 3 lines, file of 21 bytes\nline 1\nline 2\nline 3\n'],
  ])('lines %j', async (lines, output) => {
    await put(join(root, 'a.txt'), numbered(3));
    expect(await call({ action: 'read', path: 'a.txt', lines })).toBe(output);
  });

  test.each(['first', '1..3', '--5', '3-2', '-'])('lines %j are refused with a way out', async (lines) => {
    await put(join(root, 'a.txt'), numbered(3));
    await expect(call({ action: 'read', path: 'a.txt', lines })).rejects.toBeInstanceOf(ToolError);
  });

  test('what is cut says how to go on', async () => {
    await put(join(root, 'a.txt'), numbered(5_000));
    expect(await call({ action: 'read', path: 'a.txt', max_bytes: 30 })).toBe(
      'a.txt: lines 1-4 of 5000, file of 48 KB\nline 1\nline 2\nline 3\nline 4\n[Cut at 30 bytes: for more, read lines "5-".]',
    );
    expect(await call({ action: 'read', path: 'a.txt', lines: '-50', max_bytes: 25 })).toBe(
      'a.txt: lines 4999-5000 of 5000, file of 48 KB\nline 4999\nline 5000\n[Only 2 lines fit into 25 bytes: earlier ones are left out.]',
    );
    expect((await call({ action: 'read', path: 'a.txt' })).length).toBeLessThan(8_200);
    expect((await call({ action: 'read', path: 'a.txt', max_bytes: 1_000_000 })).length).toBeLessThan(12_000);
    await put(join(root, 'long.txt'), 'x'.repeat(100));
    expect(await call({ action: 'read', path: 'long.txt', max_bytes: 20 })).toBe(
      `long.txt: line 1 of 1, file of 100 bytes\n${'x'.repeat(20)}\n[Only the beginning of this line: it has over 20 bytes.]`,
    );
  });

  test('an empty file is said to be empty', async () => {
    await put(join(root, 'a.txt'), '');
    expect(await call({ action: 'read', path: 'a.txt' })).toBe('a.txt is empty.');
  });

  test('refusals reach the model as sentences', async () => {
    await symlink('/etc/passwd', join(root, 'escape'));
    await expect(call({ action: 'read', path: 'escape' })).rejects.toMatchObject({
      name: 'ToolError',
      message: `"escape" is outside the working folder ${root}: choose a path inside it.`,
    });
    await expect(call({ action: 'read' })).rejects.toThrow('"." is a folder: list it, or name a file in it.');
    await expect(call({ action: 'read', path: 'no\nsuch' })).rejects.toThrow(/^There is no "no␊such" in/);
  });
});

describe('list', () => {
  test('a tree with sizes, and marks for what was not looked into', async () => {
    await put(join(root, 'src', 'deep', 'deeper', 'x.ts'), '');
    await put(join(root, 'README.md'), 'x'.repeat(2_000));
    await mkdir(join(root, 'empty'));
    await symlink('README.md', join(root, 'link'));
    expect(await call({ action: 'list' })).toBe(
      [
        './',
        '  empty/  (empty)',
        '  src/',
        '    deep/',
        '      deeper/ …',
        '  README.md  2.0 KB',
        '  link  (symbolic link)',
      ].join('\n'),
    );
    expect(await call({ action: 'list', path: 'src/deep' })).toBe('src/deep/\n  deeper/\n    x.ts  0 bytes');
    expect(await call({ action: 'list', path: 'empty' })).toMatch(/^empty\/ is empty/);
  });

  test('a large folder is cut, with the rest counted', async () => {
    for (let index = 0; index < 130; index++) await put(join(root, `file-${index}`), '');
    expect(await call({ action: 'list' })).toMatch(/\n {2}\[30 more\]$/);
    const short = await call({ action: 'list', max_bytes: 500 });
    expect(short.length).toBeLessThan(600);
    expect(short).toMatch(/\n\[\d+ more lines: list a folder in it\.\]$/);
  });
});

describe('search', () => {
  test('matches with file and line', async () => {
    await put(join(root, 'src', 'a.ts'), 'one\n// TODO: two\n');
    expect(await call({ action: 'search', query: 'TODO' })).toBe('src/a.ts:2: // TODO: two');
    expect(await call({ action: 'search', path: 'src/a.ts', query: 'todo', lines: '' })).toBe(
      'src/a.ts:2: // TODO: two',
    );
  });

  test('what the model should know about the result stands below it', async () => {
    await put(join(root, 'a.txt'), 'foo(1)\n'.repeat(30));
    expect(await call({ action: 'search', query: 'bar' })).toBe('[No line in . matches "bar".]');
    const output = await call({ action: 'search', query: 'foo(' });
    expect(output.split('\n')).toHaveLength(21);
    expect(output).toMatch(/\n\[The query is no regular expression.* At most 20 lines of one file are shown.*\]$/);
    expect(await call({ action: 'search', path: 'a.txt', query: 'foo', max_bytes: 60 })).toMatch(
      /\n\[There are more matches: .*\]$/,
    );
  });

  test('a search without a query asks for one', async () => {
    await expect(call({ action: 'search', path: '.' })).rejects.toThrow('A search needs a query');
  });
});

describe('send', () => {
  test('hands on the opened file, with who asked, and closes it after', async () => {
    await put(join(root, 'report.pdf'), 'the report');
    const sent: string[] = [];
    const sendFile: FileOpsOptions['sendFile'] = async (opened, { chatId }) => {
      await rm(join(root, 'report.pdf'));
      if (opened.kind === 'folder') throw new Error('a file was asked for');
      sent.push(`${opened.name} (${opened.size}) to ${chatId}: ${await text(opened.stream())}`);
      return 'It is in the chat.';
    };
    expect(await call({ action: 'send', path: 'report.pdf' }, { sendFile })).toBe('It is in the chat.');
    expect(sent).toEqual(['report.pdf (10) to chat: the report']);
  });

  test('judges the path before', async () => {
    const sendFile = () => Promise.reject(new Error('nothing should be sent'));
    await expect(call({ action: 'send', path: '/etc/passwd' }, { sendFile })).rejects.toBeInstanceOf(ToolError);
  });

  test('hands on a folder as well', async () => {
    const sendFile: FileOpsOptions['sendFile'] = async ({ kind, shownPath }) => `${kind} ${shownPath}`;
    expect(await call({ action: 'send', path: '.' }, { sendFile })).toBe('folder .');
  });

  test('says so where nothing can be sent', async () => {
    await put(join(root, 'a.txt'), 'text');
    await expect(call({ action: 'send', path: 'a.txt' })).rejects.toThrow(/^Files can't be sent/);
  });
});

test('the end of the turn ends a call', async () => {
  await put(join(root, 'a.txt'), numbered(10));
  context = { ...context, signal: AbortSignal.abort() };
  for (const action of ['read', 'list', 'search']) {
    await expect(call({ action, path: action === 'read' ? 'a.txt' : '.', query: 'x' })).rejects.toMatchObject({
      name: 'AbortError',
    });
  }
});
