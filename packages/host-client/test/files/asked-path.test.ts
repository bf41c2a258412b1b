import { expect, test } from 'vitest';
import { toAskedPath } from '../../src/files/asked-path.ts';

const here = { folder: '/code', home: '/home/alice', platform: 'linux' } as const;
const windows = { folder: 'C:\\work', home: 'C:\\Users\\alice', platform: 'win32' } as const;

test.each([
  ['', '/code'],
  ['.', '/code'],
  ['app/main.ts', '/code/app/main.ts'],
  [' app/main.ts \n', '/code/app/main.ts'],
  ['app/', '/code/app'],
  ['/etc/passwd', '/etc/passwd'],
  ['app/../../x', '/x'],
  ['~', '/home/alice'],
  ['~/notes', '/home/alice/notes'],
  // Names that only begin like a home.
  ['~bob', '/code/~bob'],
  ['~$report.docx', '/code/~$report.docx'],
  ['a\\b', '/code/a\\b'],
])('%j means %s', (text, path) => {
  expect(toAskedPath(text, here)).toBe(path);
});

test.each([
  ['app\\main.ts', 'C:\\work\\app\\main.ts'],
  ['app/main.ts', 'C:\\work\\app\\main.ts'],
  ['~\\notes', 'C:\\Users\\alice\\notes'],
  ['D:\\other', 'D:\\other'],
  ['\\\\server\\share\\x', '\\\\server\\share\\x'],
  ['console.log', 'C:\\work\\console.log'],
])('on Windows %j means %s', (text, path) => {
  expect(toAskedPath(text, windows)).toBe(path);
});

test.each(['notes.txt:hidden', 'notes.txt::$DATA', 'NUL', 'app\\con', 'com1.txt', 'aux .log', 'CONIN$'])(
  'on Windows %j is refused: it opens something else than a file',
  (text) => {
    expect(() => toAskedPath(text, windows)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  },
);

test('a NUL is refused with a sentence', () => {
  expect(() => toAskedPath('app\0', here)).toThrow('A path cannot contain a NUL character.');
});
