import { piecesOf } from '../pieces.ts';
import type { ScriptedMessage, ScriptedToolUse } from './reply.ts';

/** One server-sent event; its name is its `type`. */
export type MessageEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

type NamedToolUse = ScriptedToolUse & { readonly id: string };
/** A message whose tool uses all have an id. */
export type NamedMessage = Omit<ScriptedMessage, 'toolUses'> & { readonly toolUses: readonly NamedToolUse[] };
type Head = { readonly id: string; readonly model: string };

type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'tool_use' } & NamedToolUse);

/** The message as the events of a stream. */
export function toMessageEvents(message: NamedMessage, head: Head): MessageEvent[] {
  const size = message.chunkSize ?? 12;
  const empty = { ...envelope(head), content: [], stop_reason: null, stop_sequence: null };
  return [
    { type: 'message_start', message: { ...empty, usage: { ...usage, output_tokens: 1 } } },
    { type: 'ping' },
    ...blocksOf(message).flatMap((block, index) => blockEvents(block, index, size)),
    { type: 'message_delta', delta: { stop_reason: stopReason(message), stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}

/** The message as the body of a request that did not ask for a stream. */
export function toMessageBody(message: NamedMessage, head: Head): unknown {
  return {
    ...envelope(head),
    content: blocksOf(message),
    stop_reason: stopReason(message),
    stop_sequence: null,
    usage,
  };
}

const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5 };

function envelope({ id, model }: Head) {
  return { id, type: 'message', role: 'assistant', model };
}

function stopReason(message: NamedMessage): string {
  return message.stopReason ?? (message.toolUses.length > 0 ? 'tool_use' : 'end_turn');
}

function blocksOf({ thinking, text, toolUses }: NamedMessage): Block[] {
  return [
    ...(thinking === undefined ? [] : [{ type: 'thinking' as const, thinking, signature: 'c2NyaXB0ZWQ=' }]),
    ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
    ...toolUses.map(({ id, name, input }) => ({ type: 'tool_use' as const, id, name, input })),
  ];
}

function blockEvents(block: Block, index: number, size: number): MessageEvent[] {
  return [
    { type: 'content_block_start', index, content_block: emptied(block) },
    ...deltas(block, size).map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function emptied(block: Block): Block {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  return { ...block, input: {} };
}

function deltas(block: Block, size: number): unknown[] {
  if (block.type === 'text') return piecesOf(block.text, size).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    const thoughts = piecesOf(block.thinking, size).map((thinking) => ({ type: 'thinking_delta', thinking }));
    return [...thoughts, { type: 'signature_delta', signature: block.signature }];
  }
  return piecesOf(JSON.stringify(block.input), size).map((part) => ({ type: 'input_json_delta', partial_json: part }));
}
