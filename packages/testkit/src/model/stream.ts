import type { ScriptedAnswer, ScriptedEvents, ScriptedToolCall } from './reply.ts';

type Delta = Readonly<Record<string, unknown>>;

/** The answer as the `data:` payloads of a stream. */
export function toEvents(answer: ScriptedAnswer, model: string): ScriptedEvents {
  const size = answer.chunkSize ?? 12;
  const calls = answer.toolCalls ?? [];
  const deltas: Delta[] = [
    { role: 'assistant', content: '' },
    ...pieces(answer.reasoning ?? '', size).map((piece) => ({ reasoning_content: piece })),
    ...pieces(answer.text ?? '', size).map((piece) => ({ content: piece })),
    ...calls.flatMap((call, position) => toolCallDeltas(call, position, size)),
    ...(answer.deltas ?? []),
  ];
  const events = deltas.map((delta) => chunk(model, [{ index: 0, delta, finish_reason: null }]));
  const ending = answer.ending ?? 'done';
  if (ending === 'done') events.push(chunk(model, [{ index: 0, delta: {}, finish_reason: finishReason(answer) }]));
  if (answer.usage === true) events.push(chunk(model, [], usage));
  return { events, delayMs: answer.delayMs ?? 0, ending };
}

/** The answer as the body of a request that did not ask for a stream. */
export function toCompletion(answer: ScriptedAnswer, model: string): Delta {
  const calls = (answer.toolCalls ?? []).map((call, position) => ({
    ...identity(call, position),
    type: 'function',
    function: { name: call.name, arguments: argumentText(call) },
  }));
  const message = {
    role: 'assistant',
    content: answer.text ?? null,
    ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason: finishReason(answer) }],
    usage,
  };
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function chunk(model: string, choices: readonly unknown[], tokens?: unknown): string {
  const head = { id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 0, model };
  return JSON.stringify({ ...head, choices, ...(tokens === undefined ? {} : { usage: tokens }) });
}

function toolCallDeltas(call: ScriptedToolCall, position: number, size: number): Delta[] {
  const { id, index } = identity(call, position);
  const text = argumentText(call);
  const place = index === undefined ? {} : { index };
  const opening = {
    ...place,
    ...(id === undefined ? {} : { id }),
    type: 'function',
    function: {
      ...(call.name === undefined ? {} : { name: call.name }),
      ...(text === undefined ? {} : { arguments: '' }),
    },
  };
  const rest = pieces(text ?? '', size).map((piece) => ({ ...place, function: { arguments: piece } }));
  return [opening, ...rest].map((part) => ({ tool_calls: [part] }));
}

function identity(call: ScriptedToolCall, position: number): { readonly id?: string; readonly index?: number } {
  const id = call.id === undefined ? `call_${position + 1}` : call.id;
  const index = call.index === undefined ? position : call.index;
  return { ...(id === null ? {} : { id }), ...(index === null ? {} : { index }) };
}

function argumentText(call: ScriptedToolCall): string | undefined {
  if (call.arguments === undefined || typeof call.arguments === 'string') return call.arguments;
  return JSON.stringify(call.arguments);
}

function finishReason(answer: ScriptedAnswer): string {
  return answer.finishReason ?? ((answer.toolCalls ?? []).length > 0 ? 'tool_calls' : 'stop');
}

function pieces(text: string, size: number): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; start += size) parts.push(text.slice(start, start + size));
  return parts;
}
