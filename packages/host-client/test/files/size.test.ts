import { expect, test } from 'vitest';
import { formatSize } from '../../src/files/size.ts';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1.0 KB'],
  [2150, '2.1 KB'],
  [340 * 1024 ** 2, '340 MB'],
  [10 * 1024 ** 3, '10 GB'],
  [5 * 1024 ** 5, '5120 TB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
