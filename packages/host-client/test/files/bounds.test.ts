import { expect, test } from 'vitest';
import { Bounds } from '../../src/files/bounds.ts';

test('the working folder is open, and of the data folder only the audit and whole outputs', () => {
  const bounds = new Bounds({ workingDir: '/code', dataDir: '/data' });
  expect(bounds.judge('/code')).toBe('open');
  expect(bounds.judge('/code/app')).toBe('open');
  expect(bounds.judge('/data/audit/a.jsonl')).toBe('open');
  expect(bounds.judge('/data/outputs/a.txt')).toBe('open');
  expect(bounds.judge('/data/outputs-of-others')).toBe('outside');
  expect(bounds.judge('/data/node.db')).toBe('outside');
  expect(bounds.judge('/data')).toBe('outside');
  expect(bounds.judge('/work-too/x')).toBe('outside');
  expect(bounds.judge('/')).toBe('outside');
});

test('a data folder inside the working folder stays closed but for its audit and what users sent', () => {
  const bounds = new Bounds({ workingDir: '/code', dataDir: '/code/.data' });
  expect(bounds.judge('/code/.data')).toBe('private');
  expect(bounds.judge('/code/.data/node.db-wal')).toBe('private');
  expect(bounds.judge('/code/.data/outgoing/1')).toBe('private');
  expect(bounds.judge('/code/.data/files/1/a.txt')).toBe('open');
  expect(bounds.judge('/code/.data/audit/a.jsonl')).toBe('open');
  expect(bounds.judge('/code/.database')).toBe('open');
});

test('one folder for both is closed, and a working folder inside the data folder is open', () => {
  expect(new Bounds({ workingDir: '/one', dataDir: '/one' }).judge('/one/node.db')).toBe('private');
  const inside = new Bounds({ workingDir: '/data/projects', dataDir: '/data' });
  expect(inside.judge('/data/projects/app')).toBe('open');
  expect(inside.judge('/data/node.db')).toBe('outside');
});

test('with the whole disk as working folder, what the kernel tells about programs stays closed', () => {
  const bounds = new Bounds({ workingDir: '/', dataDir: '/data' });
  expect(bounds.judge('/etc/hosts')).toBe('open');
  expect(bounds.judge('/proc/self/environ')).toBe('outside');
  expect(bounds.judge('/sys/kernel')).toBe('outside');
  expect(bounds.judge('/data/node.db')).toBe('private');
});

test('names are those that can be asked for again', () => {
  const bounds = new Bounds({ workingDir: '/code', dataDir: '/code/.data' });
  expect(bounds.nameOf('/code')).toBe('.');
  expect(bounds.nameOf('/code/app/main.ts')).toBe('app/main.ts');
  expect(bounds.nameOf('/code/.data/audit/a.jsonl')).toBe('audit/a.jsonl');
  expect(bounds.nameOf('/code/.data/audit')).toBe('audit');
  expect(bounds.nameOf('/code/.data/outputs/k3f9x2.txt')).toBe('outputs/k3f9x2.txt');
});
