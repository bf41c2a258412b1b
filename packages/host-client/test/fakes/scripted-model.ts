import type { ChatCompletion, ChatModel, ChatRequest, ToolCall } from '@phonework/shared/llm';
import { ChatModelError } from '@phonework/shared/llm';

/** An answer in text, tool calls, a whole completion, or a failure. */
type ScriptedAnswer = string | readonly ToolCall[] | ChatCompletion | ChatModelError;

/** A chat model in memory that answers by its script, and keeps what it was asked. */
export class ScriptedModel implements ChatModel {
  readonly requests: ChatRequest[] = [];
  readonly #script: ScriptedAnswer[];

  constructor(...script: readonly ScriptedAnswer[]) {
    this.#script = [...script];
  }

  complete(request: ChatRequest, options: Parameters<ChatModel['complete']>[1] = {}): Promise<ChatCompletion> {
    this.requests.push(request);
    if (options.signal?.aborted === true) return Promise.reject(new ChatModelError('aborted', 'Stopped.'));
    const answer = this.#script.shift();
    if (answer === undefined) return Promise.reject(new Error('the script of the model ran out'));
    if (answer instanceof ChatModelError) return Promise.reject(answer);
    const completion = toCompletion(answer);
    if (completion.text !== '') options.onText?.(completion.text);
    return Promise.resolve(completion);
  }
}

/** A tool call as a model makes it. */
export function toolCall(name: string, args: unknown, id = `id-of-${name}`): ToolCall {
  return { id, name, arguments: typeof args === 'string' ? args : JSON.stringify(args) };
}

function toCompletion(answer: string | readonly ToolCall[] | ChatCompletion): ChatCompletion {
  if (typeof answer === 'string') return { text: answer, toolCalls: [], finish: 'stop' };
  return 'text' in answer ? answer : { text: '', toolCalls: answer, finish: 'tool_calls' };
}
