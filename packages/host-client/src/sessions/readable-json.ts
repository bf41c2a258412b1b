/** Deeper, the indentation would be longer than what it stands before. */
const maxIndented = 6;

/** In characters: beyond it only the outermost fields get lines of their own, which is a tenth of the work. */
const maxStructured = 50_000;

/** Nothing that is meant for people comes near; the way down has to end before the stack does. */
const maxDepth = 200;

/** JSON for people: a line a field, texts of several lines below their name. All of it is there; undefined where it is nested too deeply for that. */
export function readableJson(value: Readonly<Record<string, unknown>>): string | undefined {
  if (isDeeper(value, maxDepth)) return undefined;
  const levels = JSON.stringify(value).length > maxStructured ? 1 : maxIndented;
  return writeValue(value, 0, levels).trimStart();
}

/** What stands after a name and its colon. */
function writeValue(value: unknown, depth: number, levels: number): string {
  const indent = '  '.repeat(depth);
  if (typeof value === 'string') return writeText(value, indent);
  const isFlat = depth >= levels || typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isFlat) return ` ${JSON.stringify(value) ?? String(value)}`;
  const entries = Array.isArray(value)
    ? value.map((item) => `\n${indent}-${writeValue(item, depth + 1, levels)}`)
    : Object.entries(value).map(
        ([name, item]) => `\n${indent}${writeName(name)}:${writeValue(item, depth + 1, levels)}`,
      );
  return entries.join('');
}

/** A bare word is a text; whatever could be taken for something else is quoted. */
function writeText(text: string, indent: string): string {
  if (text.includes('\n')) return ` |\n${indent}${text.replaceAll('\n', `\n${indent}`)}`;
  const isPlain = /^[^\s"'[\]{}|\d-](?:.*\S)?$/.test(text) && !/^(?:true|false|null)$/.test(text);
  return ` ${isPlain ? text : JSON.stringify(text)}`;
}

function writeName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
