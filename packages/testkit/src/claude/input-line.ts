import { randomUUID } from 'node:crypto';
import type { Json } from './json.ts';
import { isJson, parseJson, textOf } from './json.ts';

/** A message of the user. */
export type Message = { readonly uuid: string; readonly text: string };

/** How whoever was asked for a permission answered. */
export type PermissionAnswer = { readonly answer?: Json; readonly error?: string };

export type InputLine =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'control'; readonly requestId: string; readonly request: Json }
  | { readonly kind: 'answer'; readonly requestId: string; readonly answer: PermissionAnswer }
  /** Nothing for the stand-in to do. */
  | { readonly kind: 'other' };

/** One line of stdin; undefined when it is malformed, which the real program does not survive. */
export function parseInputLine(line: string): InputLine | undefined {
  if (line.trim() === '') return { kind: 'other' };
  const json = parseJson(line);
  if (json === undefined) return undefined;
  if (json.type === 'user' && isJson(json.message)) {
    const uuid = textOf(json.uuid) || randomUUID();
    return { kind: 'message', message: { uuid, text: contentText(json.message.content) } };
  }
  if (json.type === 'control_request' && isJson(json.request)) {
    return { kind: 'control', requestId: textOf(json.request_id), request: json.request };
  }
  if (json.type === 'control_response' && isJson(json.response)) return toAnswer(json.response);
  return { kind: 'other' };
}

function toAnswer(response: Json): InputLine {
  const requestId = textOf(response.request_id);
  if (response.subtype === 'error') return { kind: 'answer', requestId, answer: { error: textOf(response.error) } };
  return { kind: 'answer', requestId, answer: isJson(response.response) ? { answer: response.response } : {} };
}

function contentText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content);
  return content.flatMap((block) => (isJson(block) && block.type === 'text' ? [textOf(block.text)] : [])).join('\n');
}
