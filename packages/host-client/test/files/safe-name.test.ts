import { expect, test } from 'vitest';
import { safeName } from '../../src/files/safe-name.ts';

test.each([
  ['report.pdf', 'report.pdf'],
  ['周报 2026.docx', '周报 2026.docx'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['/etc/passwd', 'passwd'],
  ['..', 'file'],
  ['.', 'file'],
  ['', 'file'],
  ['.bashrc', 'bashrc'],
  ['-rf', 'rf'],
  ['a\0b\nc\u202egpj.exe', 'a_b_c_gpj.exe'],
  ['$(rm -rf ~);`id`.txt', '_(rm -rf ~)__id_.txt'],
  ['CON.txt', '_CON.txt'],
  ['a/', 'file'],
  ['trailing. ', 'trailing'],
])('%j becomes %j', (name, safe) => {
  expect(safeName(name, new Set())).toBe(safe);
});

test('a name that is taken gets a number before its extension, whatever its capitals', () => {
  const taken = new Set(['a.png', 'a-2.PNG', 'b']);
  expect(safeName('A.png', taken)).toBe('A-3.png');
  expect(safeName('b', taken)).toBe('b-2');
});

test('a long name is cut by bytes, between characters, and keeps its extension', () => {
  const name = safeName(`${'报'.repeat(200)}.pdf`, new Set());
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(150);
  expect(name).toMatch(/^报+\.pdf$/);
});
