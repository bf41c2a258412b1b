/** A code block of Markdown, with a fence that no line of `text` can end. */
export function codeBlock(text: string): string {
  // Not spread into Math.max: a long text may hold more runs than a call takes arguments.
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
