import { isAbsolute, relative, sep } from 'node:path';
import { visibleLine } from '../texts/visible.ts';

/** What a tool works on, in the order in which it says most. */
const subjectFields = [
  'command',
  'file_path',
  'notebook_path',
  'url',
  'query',
  'pattern',
  'description',
  'path',
] as const;

const pathFields: ReadonlySet<string> = new Set(['file_path', 'notebook_path', 'path']);

export type ToolUse = { readonly name: string; readonly input: Readonly<Record<string, unknown>> };

/** `Bash: npm test`, `Edit src/a.ts`: one line of at most `maxChars` characters; paths are told from `folder`. */
export function toolLabel(tool: ToolUse, folder: string, maxChars: number): string {
  const field = subjectField(tool);
  if (field === undefined) return visibleLine(tool.name, maxChars);
  return visibleLine(`${tool.name}${pathFields.has(field) ? '' : ':'} ${subject(tool, field, folder)}`, maxChars);
}

/** The same without a colon, for a line that has one already: `Bash npm test`. */
export function toolTitle(tool: ToolUse, folder: string, maxChars: number): string {
  const field = subjectField(tool);
  return visibleLine(field === undefined ? tool.name : `${tool.name} ${subject(tool, field, folder)}`, maxChars);
}

/** `path` as a person in `folder` would write it: whole where it lies elsewhere. */
export function pathFrom(folder: string, path: string): string {
  if (!isAbsolute(path)) return path;
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? path : way || '.';
}

function subjectField({ input }: ToolUse): string | undefined {
  return subjectFields.find((field) => {
    const value = input[field];
    return typeof value === 'string' && value.trim() !== '';
  });
}

function subject({ input }: ToolUse, field: string, folder: string): string {
  const value = String(input[field]);
  return pathFields.has(field) && value.length < 4096 ? pathFrom(folder, value) : value;
}
