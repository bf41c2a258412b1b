import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/shell/policy.ts';

/** In both languages. */
const phrase = { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) };

/** One command a line, as one would type it. */
function corpus(name: string): readonly string[] {
  return readFileSync(new URL(`corpus/${name}.txt`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
}

describe('commands that only read run at once', () => {
  test.each(corpus('read-only'))('%s', (command) => {
    expect(judge(command)).toEqual({ kind: 'read-only' });
  });

  test('a here-document is read as well', () => {
    expect(judge('cat <<EOF\nhello $(date)\nEOF').kind).toBe('read-only');
    expect(judge('cat <<EOF\n$(touch x)\nEOF').kind).toBe('effects');
    expect(judge("cat <<'EOF'\n$(touch x)\nEOF").kind).toBe('read-only');
    // A plain sh ends the word elsewhere, and runs the rest.
    expect(judge('cat << ${ $(touch x)').kind).not.toBe('read-only');
  });
});

describe('commands that may change something do not', () => {
  test.each(corpus('effects'))('%s', (command) => {
    expect(judge(command)).toMatchObject({ kind: 'effects', reason: phrase });
  });

  test('a long chain is judged to its end', () => {
    expect(judge(`${'ls; '.repeat(51)}touch x`).kind).toBe('effects');
    expect(judge(`${'ls; '.repeat(5000)}ls`).kind).toBe('read-only');
  });

  test('a line that expands to too much, or is nested too deeply, is not judged for ever', () => {
    expect(judge(`echo ${'{a,b,c,d,e,f,g,h}'.repeat(5)}`).kind).toBe('unparseable');
    expect(judge(`echo ${'$(echo '.repeat(100)}x${')'.repeat(100)}`).kind).toBe('unparseable');
    expect(judge('mkdir -p src/{a,b,c,d}/{x,y,z}/{1,2,3}').kind).toBe('effects');
    expect(judge(`echo ${'$(echo '.repeat(8)}x${')'.repeat(8)}`).kind).toBe('read-only');
  });

  test('a space that only looks like one is part of the program name', () => {
    expect(judge('ls\u00a0-l').kind).toBe('effects');
    expect(judge('ls\u2003x').kind).toBe('effects');
  });

  test('the reason names the program, with what cannot be seen made visible', () => {
    expect(judge('npx cowsay')).toEqual({
      kind: 'effects',
      reason: expect.objectContaining({ en: 'runs an unknown program: npx' }),
    });
    expect(judge('ev\u202eil')).toEqual({
      kind: 'effects',
      reason: expect.objectContaining({ en: 'runs an unknown program: ev[U+202E]il' }),
    });
    expect(judge('sort -o a b')).toEqual({
      kind: 'effects',
      reason: expect.objectContaining({ en: 'may change something: sort -o' }),
    });
  });
});

describe('destruction is refused, however it is spelled', () => {
  test.each(corpus('destructive'))('%s', (command) => {
    expect(judge(command)).toMatchObject({ kind: 'destructive', reason: phrase });
  });

  test('across a line continuation and in a here-document for a shell', () => {
    expect(judge('r\\\nm -rf /').kind).toBe('destructive');
    expect(judge('bash <<EOF\nrm -rf /\nEOF').kind).toBe('destructive');
  });

  test('also where it is the folder that makes it so', () => {
    for (const [command, folder] of [
      ['rm -rf *', '/'],
      ['rm -rf .', '/home/me'],
      ['cd code && rm -rf ..', '/home/me'],
      ['find . -delete', '/etc'],
    ] as const) {
      expect(judge(command, folder)).toMatchObject({ kind: 'destructive' });
      expect(judge(command, '/home/me/code/app')).toMatchObject({ kind: 'effects' });
    }
  });

  test('the reason is there in Chinese as well', () => {
    const lost = { en: 'deletes the system folder /etc', zh: '会删除系统文件夹 /etc' };
    expect(judge('rm -rf /etc/')).toMatchObject({ reason: lost });
    expect(judge('curl example.com')).toMatchObject({ reason: { zh: '会访问网络：curl' } });
    expect(judge('git push')).toMatchObject({ reason: { zh: '可能会改动东西：git push' } });
  });

  test('the reason says what would be lost', () => {
    expect(judge('rm -rf /*')).toEqual({
      kind: 'destructive',
      reason: expect.objectContaining({ en: 'deletes the whole disk' }),
    });
    expect(judge('rm -rf ~')).toEqual({
      kind: 'destructive',
      reason: expect.objectContaining({ en: 'deletes the home folder' }),
    });
    expect(judge('rm -rf /etc/')).toEqual({
      kind: 'destructive',
      reason: expect.objectContaining({ en: 'deletes the system folder /etc' }),
    });
  });
});

describe('what cannot be read is said to be so', () => {
  test.each([
    'echo "',
    'ls )',
    'if true',
    'echo $(ls',
    'ls |',
    'ls\0-l',
    'ls\rtouch x',
    `echo ${'x'.repeat(70_000)}`,
    `echo ${'$('.repeat(5_000)}ls${')'.repeat(5_000)}`,
  ])('%j', (command) => {
    expect(judge(command)).toMatchObject({ kind: 'unparseable', reason: phrase });
  });

  test('a line made to grow without end is judged in time', () => {
    const doubling = Array.from({ length: 60 }, (_, index) => `v${index + 1}=$v${index}$v${index}`).join('; ');
    const braces = `echo ${'{a,b}'.repeat(40)}`;
    const nested = `eval "${'eval '.repeat(5_000)} $x"`;
    const startedAt = performance.now();
    for (const command of [`v0=xx; ${doubling}; $v60`, braces, nested, `f() { f; }; ${'f '.repeat(20_000)}`])
      judge(command);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
