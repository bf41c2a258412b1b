import { expect, test } from 'vitest';
import { visibleLine } from '../../src/files/visible.ts';

test('a name with line breaks and control characters stays on one line', () => {
  expect(visibleLine('a\nb\tc\x1b[2Jd\x7f\x85')).toBe('a␊b cd␡\ufffd');
});
