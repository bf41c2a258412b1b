import { expect, test } from 'vitest';
import { codeBlock, codeSpan, outputBlock } from '../../src/texts/markdown.ts';

test('nothing in a block ends the block', () => {
  const block = codeBlock('a\n```\n````\nb', 'bash');
  expect(block).toBe('`````bash\na\n```\n````\nb\n`````');
  expect(codeBlock('ends\n')).toBe('```\nends\n```');
});

test('nothing in a span ends the span', () => {
  expect(codeSpan('src/a.ts')).toBe('`src/a.ts`');
  expect(codeSpan('a`b``c')).toBe('```a`b``c```');
  expect(codeSpan('`a`')).toBe('`` `a` ``');
  expect(codeSpan('a\nb')).toBe('`a[U+000A]b`');
});

test('what one is asked about has its hidden characters named, what a program wrote stays as it is', () => {
  const text = `a\u200b${' '.repeat(200)}❤️`;
  expect(codeBlock(text)).toBe('```\na[U+200B] [200 spaces] ❤[U+FE0F]\n```');
  expect(outputBlock(text)).toBe(`\`\`\`\n${text}\n\`\`\``);
  expect(outputBlock('```\n')).toBe('````\n```\n````');
});
