import type { ToolCall, ToolSpec } from './llm.ts';

export const openTag = '<tool_call>';
export const closeTag = '</tool_call>';

export type TextToolCall = Omit<ToolCall, 'id'>;

/**
 * Reads what stands between `<tool_call>` and `</tool_call>`: one call, or several where closing tags are missing. A
 * call is either JSON with `name` and `arguments`, or GLM's own form: a name, then pairs of `<arg_key>` and
 * `<arg_value>`. Undefined when any of it can't be understood, or names a tool that was not offered.
 */
export function parseToolCallText(text: string, offered: readonly ToolSpec[]): TextToolCall[] | undefined {
  const calls: TextToolCall[] = [];
  for (const part of splitCalls(text)) {
    const call = part.startsWith('{') ? parseJsonCall(part) : parseTaggedCall(part, offered);
    if (call === undefined || !offered.some((spec) => spec.name === call.name)) return undefined;
    calls.push(call);
  }
  return calls.length === 0 ? undefined : calls;
}

/** True where `text` ends in an argument value that is still open, in which a closing tag would be text. */
export function endsInsideValue(text: string): boolean {
  return text.lastIndexOf('<arg_value>') > text.lastIndexOf('</arg_value>');
}

function splitCalls(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let from = 0;
  for (;;) {
    const next = text.indexOf(openTag, from);
    const part = text.slice(start, next === -1 ? undefined : next);
    if (next !== -1 && endsInsideValue(part)) {
      from = next + openTag.length;
      continue;
    }
    parts.push(part.trim());
    if (next === -1) return parts;
    start = next + openTag.length;
    from = start;
  }
}

function parseJsonCall(text: string): TextToolCall | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string') {
    return undefined;
  }
  const { name } = value;
  if (!('arguments' in value) || value.arguments === null) return { name, arguments: '' };
  return { name, arguments: typeof value.arguments === 'string' ? value.arguments : JSON.stringify(value.arguments) };
}

function parseTaggedCall(text: string, offered: readonly ToolSpec[]): TextToolCall | undefined {
  const firstKey = text.indexOf('<arg_key>');
  const name = (firstKey === -1 ? text : text.slice(0, firstKey)).trim();
  if (firstKey === -1) return { name, arguments: '' };
  const spec = offered.find((tool) => tool.name === name);
  const values: [string, unknown][] = [];
  let rest = text.slice(firstKey);
  while (rest !== '') {
    const key = takeElement(rest, 'arg_key');
    const value = key === undefined ? undefined : takeElement(key.rest, 'arg_value');
    if (key === undefined || value === undefined) return undefined;
    values.push([key.content, toValue(value.content, spec, key.content)]);
    rest = value.rest;
  }
  return { name, arguments: JSON.stringify(Object.fromEntries(values)) };
}

function takeElement(text: string, tag: string): { readonly content: string; readonly rest: string } | undefined {
  const opening = `<${tag}>`;
  const closing = `</${tag}>`;
  const end = text.indexOf(closing);
  if (end === -1 || !text.startsWith(opening)) return undefined;
  return { content: text.slice(opening.length, end).trim(), rest: text.slice(end + closing.length).trimStart() };
}

/** Strings come bare, everything else as JSON; a parameter that takes text keeps a `30` or `true` as text. */
function toValue(text: string, spec: ToolSpec | undefined, key: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return typeof value === 'string' || !takesText(spec, key) ? value : text;
}

function takesText(spec: ToolSpec | undefined, key: string): boolean {
  const properties = spec?.parameters.properties;
  if (typeof properties !== 'object' || properties === null) return false;
  const property: unknown = new Map(Object.entries(properties)).get(key);
  if (typeof property !== 'object' || property === null) return false;
  return ('type' in property && property.type === 'string') || 'enum' in property;
}
