import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/shell/policy.ts';
import { simpleCalls } from '../../src/shell/simple-calls.ts';

/** One command a line, as one would type it. */
function corpus(name: string): readonly string[] {
  return readFileSync(new URL(`corpus/${name}.txt`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
}

function named(command: string): readonly string[] | undefined {
  return simpleCalls(command)?.map(({ program, subcommand }) => `${program} ${subcommand}`.trim());
}

describe('a standing permission names the program and what it is told to do', () => {
  test.each(corpus('rules').map((line) => line.split(' => ')))('%s', (command = '', expected = '') => {
    expect(judge(command).kind).toBe('effects');
    expect(named(command)).toEqual(expected.split('; '));
  });
});

describe('no standing permission speaks for a line that may do something else', () => {
  test.each(corpus('no-rules'))('%s', (command) => {
    expect(judge(command).kind).toBe('effects');
    expect(simpleCalls(command)).toBeUndefined();
  });

  test('nor for one that cannot be read, or is very long', () => {
    expect(simpleCalls('git commit -m "')).toBeUndefined();
    expect(simpleCalls('git commit\rtouch x')).toBeUndefined();
    expect(simpleCalls(`git commit -m ${'x'.repeat(5_000)}`)).toBeUndefined();
    expect(simpleCalls('git commit -F - <<EOF\nx\nEOF')).toBeUndefined();
  });

  test('every command that reaches out or wraps another one is among them, wherever it stands', () => {
    for (const command of ['sudo ls', 'echo x > y', 'node -e 1', 'touch ../x']) {
      for (const line of [`git add . && ${command}`, `${command}; git add .`, `git add . | ${command}`]) {
        expect([line, simpleCalls(line)]).toEqual([line, undefined]);
      }
    }
  });
});

test('what only reads names nothing', () => {
  expect(simpleCalls('ls -la | grep x')).toEqual([]);
});

test('a line made to be slow is told quickly', () => {
  const lines = ['a@', '-a../', ':', "'a'", '--e', '(git add ', "mytool '''"].map(
    (part) => `git add ${part.repeat(700)}`,
  );
  const startedAt = performance.now();
  for (const line of lines) simpleCalls(line);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
