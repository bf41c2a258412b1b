import { expect, test } from 'vitest';
import { parseCommand } from '../../src/commands/command.ts';

test.each([
  ['/stop', '/stop', ''],
  ['  /Status\n', '/status', ''],
  ['/shell git log  --oneline', '/shell', 'git log  --oneline'],
  ['/shell\nls\npwd\n', '/shell', 'ls\npwd'],
  ['/shell\u3000ls', '/shell', 'ls'],
  ['/new todo app: add tests', '/new', 'todo app: add tests'],
  ['/new: add tests', '/new', ': add tests'],
  ['/new：加测试', '/new', '：加测试'],
])('%j is a command', (text, name, argument) => {
  expect(parseCommand(text)).toEqual({ name, argument });
});

test.each(['/etc/hosts', '/etc/hosts is what?', '/', '/ stop', '//stop', '/2', '/stop.', 'stop', 'say /stop', ''])(
  '%j is no command',
  (text) => {
    expect(parseCommand(text)).toBeUndefined();
  },
);

test('a megabyte of spaces is parsed at once', () => {
  const before = performance.now();
  expect(parseCommand(`/shell ${' '.repeat(1_000_000)}x`)?.argument).toBe('x');
  expect(parseCommand(`x${' '.repeat(1_000_000)}/`)).toBeUndefined();
  expect(performance.now() - before).toBeLessThan(200);
});
