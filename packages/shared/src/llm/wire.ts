import * as z from 'zod';
import type { ChatMessage, ToolCall, ToolSpec } from './llm.ts';

/** One chunk of a stream, as far as we read it. Lenient: the vendors differ in what they leave out. */
export const CompletionChunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: z.number().nullish(),
                  id: z.string().nullish(),
                  function: z
                    .object({
                      name: z.string().nullish(),
                      arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
                    })
                    .nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
});
export type CompletionChunk = z.infer<typeof CompletionChunk>;

type WireToolCall = {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
};

type WireMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: WireToolCall[] }
  | { role: 'tool'; tool_call_id: string; content: string };

/** A message as the API takes it. */
export function toWireMessage(message: ChatMessage): WireMessage {
  // Half a surrogate pair, as a cut text may end in, makes some servers refuse the whole request.
  const content = message.content.toWellFormed();
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content };
    case 'assistant': {
      const calls = message.toolCalls ?? [];
      if (calls.length === 0) return { role: 'assistant', content };
      return { role: 'assistant', content: content === '' ? null : content, tool_calls: calls.map(toWireToolCall) };
    }
  }
}

/** A tool as the API takes it. */
export function toWireTool(spec: ToolSpec): {
  type: 'function';
  function: { name: string; description: string; parameters: Record<string, unknown> };
} {
  const { name, description, parameters } = spec;
  return { type: 'function', function: { name, description, parameters: { ...parameters } } };
}

/**
 * A call that the model got wrong must not make the server refuse the conversation it is part of: the name is kept to
 * the characters that the API allows, and arguments that are no JSON object go back as an empty one. The tool message
 * that follows says what was wrong.
 */
function toWireToolCall(call: ToolCall): WireToolCall {
  const name = call.name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unnamed';
  return {
    id: call.id,
    type: 'function',
    function: { name, arguments: isJsonObject(call.arguments) ? call.arguments : '{}' },
  };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
