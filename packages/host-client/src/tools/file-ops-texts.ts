import { toPlainLine } from '@phonework/shared/terminal-text';
import type { OpenedFile, OpenedFolder } from '../files/opened-file.ts';
import type { Excerpt } from '../files/read-excerpt.ts';
import { maxHitsPerFile } from '../files/ripgrep.ts';
import type { SearchResult } from '../files/search.ts';
import { formatSize } from '../files/size.ts';
import type { FolderLeftOut, Tree, TreeEntry } from '../files/tree.ts';

/** What the model is told about the tool, and by it. */
export const fileOpsTexts = {
  description: [
    'Look at files in the working folder. It changes nothing and needs no approval.',
    'read: a text file or some of its lines. list: what is in a folder, three levels deep, without what .gitignore leaves out.',
    'search: lines that match, as path:line: text; files that .gitignore leaves out, and those over 64 MB, only when path names them.',
    'send: sends a file into the chat, for when the user wants the file itself: at most 30 MB, images as images; a folder as a tar.gz.',
    "audit/ID.jsonl is the record of a session's prompts, tool uses and results, one JSON object a line.",
  ].join('\n'),
  path: 'A file or folder: relative to the working folder, or absolute inside it. "." is the working folder.',
  lines: 'For read: "1-80", "200-", "7", or "-50" for the last 50 lines. Default: from the beginning.',
  query: 'For search: a regular expression, or plain text. Small letters match capitals too.',
  maxBytes: (usual: number, most: number) => `How much to show. Default: ${usual}; at most ${most}.`,
  noQuery: 'A search needs a query: call file_ops again with one.',
  noSending: "Files can't be sent into the chat from this machine: read the part that matters instead.",
  backwards: (lines: string) => `lines "${lines}" ends before it begins: write the smaller number first.`,
} as const;

export function renderExcerpt(file: OpenedFile, excerpt: Excerpt, maxBytes: number): string {
  const name = toPlainLine(file.shownPath);
  if (file.size === 0) return `${name} is empty.`;
  const text = excerpt.text.endsWith('\n') ? excerpt.text : `${excerpt.text}\n`;
  return `${name}: ${whichLines(excerpt)}, file of ${formatSize(file.size)}\n${text}${noteOn(excerpt, maxBytes)}`;
}

function whichLines({ firstLine, lineCount, totalLines, cut }: Excerpt): string {
  if (firstLine === undefined) return `the last ${toLines(lineCount)}`;
  const last = firstLine + lineCount - 1;
  if (firstLine === 1 && last === totalLines && cut === undefined) return `all ${toLines(lineCount)}`;
  const lines = lineCount === 1 ? `line ${firstLine}` : `lines ${firstLine}-${last}`;
  return totalLines === undefined ? lines : `${lines} of ${totalLines}`;
}

function toLines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}

function noteOn({ cut, partOfLine, firstLine, lineCount }: Excerpt, maxBytes: number): string {
  if (cut === undefined) return '';
  if (partOfLine)
    return `[Only ${cut === 'end' ? 'the beginning' : 'the end'} of this line: it has over ${maxBytes} bytes.]`;
  if (cut === 'beginning') return `[Only ${toLines(lineCount)} fit into ${maxBytes} bytes: earlier ones are left out.]`;
  return `[Cut at ${maxBytes} bytes: for more, read lines "${(firstLine ?? 1) + lineCount}-".]`;
}

/** At most `maxChars` of it, and a note. */
export function renderTree(name: string, tree: Tree, maxChars: number): string {
  if (tree.entries.length === 0 && tree.more === 0)
    return `${toPlainLine(name)}/ is empty, or all in it is left out by .gitignore.`;
  const lines = [`${toPlainLine(name)}/`, ...renderLevel(tree, '  ')];
  let chars = 0;
  const shown = lines.filter((line) => {
    chars += line.length + 1;
    return chars <= maxChars;
  });
  if (shown.length < lines.length) shown.push(`[${lines.length - shown.length} more lines: list a folder in it.]`);
  return shown.join('\n');
}

function renderLevel(tree: Tree, indent: string): string[] {
  const lines = tree.entries.flatMap((entry) => renderEntry(entry, indent));
  if (tree.isUncounted)
    lines.push(`${indent}[over ${tree.entries.length + tree.more} entries, so these are only some]`);
  else if (tree.more > 0) lines.push(`${indent}[${tree.more} more]`);
  return lines;
}

function renderEntry(entry: TreeEntry, indent: string): string[] {
  const name = `${indent}${toPlainLine(entry.name)}`;
  switch (entry.kind) {
    case 'file':
      return [`${name}  ${formatSize(entry.size)}`];
    case 'link':
      return [`${name}  (symbolic link)`];
    case 'special':
      return [`${name}  (no regular file)`];
    case 'folder':
      return renderFolder(name, entry.inside, indent);
  }
}

function renderFolder(name: string, inside: Tree | FolderLeftOut, indent: string): string[] {
  if (inside === 'limit') return [`${name}/ …`];
  if (inside === 'no_access') return [`${name}/  (not readable)`];
  const lines = renderLevel(inside, `${indent}  `);
  return lines.length === 0 ? [`${name}/  (empty)`] : [`${name}/`, ...lines];
}

export function renderMatches(
  target: OpenedFile | OpenedFolder,
  query: string,
  { matches, ending, isLiteral }: SearchResult,
): string {
  const lines = matches.map(({ path, line, text }) => `${toPlainLine(path)}:${line}: ${text}`);
  const perFile = Map.groupBy(matches, ({ path }) => path);
  const isCut = target.kind === 'folder' && [...perFile.values()].some((found) => found.length >= maxHitsPerFile);
  const notes = [
    matches.length === 0 && ending !== 'timed_out'
      ? `No line in ${toPlainLine(target.shownPath)} matches "${toPlainLine(query)}".`
      : '',
    isLiteral ? 'The query is no regular expression, so it was searched for as it is written.' : '',
    isCut ? `At most ${maxHitsPerFile} lines of one file are shown: search in the file itself for all.` : '',
    endingNotes[ending],
  ].filter(Boolean);
  return [...lines, ...(notes.length === 0 ? [] : [`[${notes.join(' ')}]`])].join('\n');
}

const endingNotes: Readonly<Record<SearchResult['ending'], string>> = {
  complete: '',
  incomplete: 'Some files could not be searched.',
  limit: 'There are more matches: narrow the query or the path.',
  timed_out: 'The search took too long and was ended: narrow the path.',
};
