import { expect, test } from 'vitest';
import { IgnoreRules } from '../../src/files/ignore-rules.ts';

test('the rules of a deeper folder go before those above, and count from there', () => {
  const rules = new IgnoreRules().with('/code', '*.log\n/top\nfolder/\n').with('/code/app', '!keep.log\n/own\n');
  expect(rules.ignores('/code/app/a.log', false)).toBe(true);
  expect(rules.ignores('/code/app/keep.log', false)).toBe(false);
  expect(rules.ignores('/code/app/own', false)).toBe(true);
  expect(rules.ignores('/code/app/src/own', false)).toBe(false);
  expect(rules.ignores('/code/app/top', false)).toBe(false);
  expect(rules.ignores('/code/app/folder', false)).toBe(false);
  expect(rules.ignores('/code/app/folder', true)).toBe(true);
  expect(rules.ignores('/code/app/A.LOG', false)).toBe(false);
});

test('a long file of comments and ordinary rules counts to its end', () => {
  const text = Array.from({ length: 300 }, (_, index) => `# what the tool leaves behind\nbuild${index}/\n\n`).join('');
  expect(new IgnoreRules().with('/code', text).ignores('/code/build299', true)).toBe(true);
});

test('a rule that is too long to be meant is not followed', () => {
  const rules = new IgnoreRules().with('/code', `${'*a'.repeat(110)}\n*.log`);
  expect(rules.ignores(`/code/${'a'.repeat(240)}`, false)).toBe(false);
  expect(rules.ignores('/code/a.log', false)).toBe(true);
});

test('a rule that could match in too many ways is not followed, nor any below very many folders', () => {
  const rules = new IgnoreRules().with('/code', `${'**/a/'.repeat(30)}c\n**/a/**/a/**/a/c\n*.log`);
  for (const depth of [40, 2_000]) {
    const path = `/code/${'a/'.repeat(depth - 1)}b`;
    expect(cpuMs(() => rules.ignores(path, false))).toBeLessThan(30);
  }
  expect(rules.ignores('/code/a/a.log', false)).toBe(true);
  expect(rules.ignores('/code/a/a/a/c', false)).toBe(true);
});

test.each([
  '*a*a*a*a*a*N*[!b]*',
  '**/a/**/a/**/a/N',
  `${'*?'.repeat(90)}N`,
  `${'[a-z]*'.repeat(30)}N`,
  `${'a'.repeat(190)}N`,
  `${'*a'.repeat(95)}N`,
  `${'*a'.repeat(2_000)}N`,
])('thousands of rules like %.20s hold nothing up', (rule) => {
  const write = (mark: string) => Array.from({ length: 5_000 }, (_, index) => rule.replace('N', `${mark}${index}`));
  // Once before with others, so that the code is loaded and compiled, and the rules are not.
  new IgnoreRules().with('/code', write('other').join('\n')).ignores('/code/a', false);
  const rules = new IgnoreRules().with(
    '/code',
    write('')
      .join('\n')
      .slice(0, 64 * 1024),
  );
  for (const path of [`/code/${'a'.repeat(240)}`, `/code/${'b'.repeat(240)}`, `/code/${'a/'.repeat(40)}c`]) {
    expect(cpuMs(() => rules.ignores(path, false))).toBeLessThan(30);
  }
});

/** Of this thread alone: other programs run beside the test. */
function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
