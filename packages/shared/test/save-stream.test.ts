import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { StalledError, saveStream, TooLargeError } from '../src/save-stream.ts';
import { TempFolder } from './temp-folder.ts';

const limits = { maxBytes: 1_000_000, idleMs: 5_000 };

test('a stream is on the disk, for its owner alone, with its size, hash and beginning', async () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'file');
  const bytes = randomBytes(300_000);
  const saved = await saveStream(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]), path, limits);
  expect(saved).toMatchObject({ size: 300_000, sha256: createHash('sha256').update(bytes).digest('hex') });
  expect(saved.head.equals(bytes.subarray(0, 64))).toBe(true);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what is too large is given up as soon as that is known, and leaves nothing', async () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'file');
  let given = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        given += 100_000;
        yield Buffer.alloc(100_000);
      }
    })(),
  );
  await expect(saveStream(endless, path, limits)).rejects.toBeInstanceOf(TooLargeError);
  expect(given).toBeLessThan(5_000_000);
  expect(endless.destroyed).toBe(true);
  expect(existsSync(path)).toBe(false);
});

test('a stream that falls silent is given up, and leaves nothing', async () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'file');
  const silent = new Readable({ read() {} });
  silent.push('a beginning');
  await expect(saveStream(silent, path, { ...limits, idleMs: 50 })).rejects.toBeInstanceOf(StalledError);
  expect(existsSync(path)).toBe(false);
});

test('an abort and a broken stream end it, and leave nothing', async () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'file');
  const stop = new AbortController();
  const saving = saveStream(new Readable({ read() {} }), path, { ...limits, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(saving).rejects.toThrow();
  const broken = new Readable({ read: () => broken.destroy(new Error('the line broke')) });
  await expect(saveStream(broken, path, limits)).rejects.toThrow('the line broke');
  expect(existsSync(path)).toBe(false);
});

test('a file that is there already stays as it is', async () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'file');
  writeFileSync(path, 'mine');
  await expect(saveStream(Readable.from([Buffer.from('theirs')]), path, limits)).rejects.toThrow('EEXIST');
  expect(readFileSync(path, 'utf8')).toBe('mine');
});
