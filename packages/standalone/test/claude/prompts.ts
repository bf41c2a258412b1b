/** What would not survive a shell, a terminal, or a careless parser. */
export const trickyPrompts: readonly string[] = [
  'tab\there, "double" and \'single\' quotes, !history, /slash, back\\slash\\',
  '/etc/hosts is a file, and no command',
  '# no heading\n- `$HOME` $(id) %s {{x}} @file ~user & | ; <b> *',
  'a line that ends as in DOS\r\nand another\r\n\r\nend',
  '👩‍👩‍👧 👍🏽 日本語 العربية é e\u0301 \u200b\u00a0\ufeff.',
  'a separator\u2028of lines\u2029and \u001b[31mred\u001b[0m, \u0007, \u0003, \u0004.',
];

/** A terminal that is not transparent cuts lines at 4,096 bytes. */
export const longLines: string = [4094, 4095, 4096, 4097]
  .map((length) => 'ä€'.repeat(length / 5).padEnd(length, 'x'))
  .join('\n');
