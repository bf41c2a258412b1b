import { newId } from '../id.ts';
import type { Trouble } from './failure.ts';
import type { ChatCompletion, ToolCall, ToolSpec } from './llm.ts';
import { Salvage } from './salvage.ts';
import type { CompletionChunk } from './wire.ts';

type Delta = NonNullable<NonNullable<CompletionChunk['choices']>[number]['delta']>;
type ToolCallDelta = NonNullable<Delta['tool_calls']>[number];
type OpenCall = { readonly index: number | undefined; id: string; name: string; readonly pieces: string[] };

/** Ends of an answer that are no answer; the names are OpenAI's and GLM's. */
const troubleByFinish: ReadonlyMap<string, Trouble> = new Map([
  ['content_filter', 'policy'],
  ['sensitive', 'policy'],
  ['network_error', 'server'],
  ['model_context_window_exceeded', 'too_long'],
]);

/** An answer as it comes in, chunk by chunk. */
export class Answer {
  readonly #offered: readonly ToolSpec[];
  readonly #salvage: Salvage;
  readonly #reasoning: string[] = [];
  readonly #calls: OpenCall[] = [];
  #finish: string | undefined;
  #length = 0;

  constructor(offered: readonly ToolSpec[]) {
    this.#offered = offered;
    this.#salvage = new Salvage(offered);
  }

  /** The whole visible text so far. */
  get visible(): string {
    return this.#salvage.visible;
  }

  /** True once the model said why it stopped: nothing of interest follows. */
  get finished(): boolean {
    return this.#finish !== undefined;
  }

  /** Characters received, of every kind. */
  get length(): number {
    return this.#length;
  }

  /** Why this is no answer, if it is none. To be asked when `finished`. */
  get trouble(): Trouble | undefined {
    return this.#finish === undefined ? undefined : troubleByFinish.get(this.#finish);
  }

  add(chunk: CompletionChunk): void {
    const choice = chunk.choices?.[0];
    const text = choice?.delta?.content ?? choice?.delta?.refusal ?? '';
    const reasoning = choice?.delta?.reasoning_content ?? '';
    if (text !== '') this.#salvage.add(text);
    if (reasoning !== '') this.#reasoning.push(reasoning);
    this.#length += text.length + reasoning.length;
    for (const delta of choice?.delta?.tool_calls ?? []) this.#addToolCall(delta);
    if (choice?.finish_reason) this.#finish = choice.finish_reason;
  }

  complete(): ChatCompletion {
    const cut = this.#finish === 'length';
    const said = this.#salvage.end({ cut });
    const written = this.#isSilent(said) ? this.#salvageReasoning(cut) : said;
    const called = this.#calls.length > 0 ? this.#calls.map(toToolCall) : written.toolCalls.map(withId);
    const toolCalls = withDistinctIds(called);
    return {
      text: said.text,
      toolCalls,
      finish: cut ? 'length' : toolCalls.length > 0 ? 'tool_calls' : 'stop',
      ...(written.malformed ? { malformed: true } : {}),
    };
  }

  #isSilent(said: { readonly text: string; readonly toolCalls: readonly unknown[]; readonly malformed: boolean }) {
    return said.text === '' && said.toolCalls.length === 0 && !said.malformed && this.#calls.length === 0;
  }

  /** GLM sometimes writes its tool calls as the last of its reasoning, and says nothing else. */
  #salvageReasoning(cut: boolean) {
    const salvage = new Salvage(this.#offered);
    salvage.add(this.#reasoning.join(''));
    return salvage.end({ cut });
  }

  #addToolCall(delta: ToolCallDelta): void {
    const name = delta.function?.name ?? '';
    let call = this.#openCall(delta);
    if (call === undefined) {
      call = { index: delta.index ?? undefined, id: '', name: '', pieces: [] };
      this.#calls.push(call);
    }
    call.id ||= delta.id ?? '';
    call.name ||= name;
    const given = delta.function?.arguments ?? '';
    const piece = typeof given === 'string' ? given : JSON.stringify(given);
    call.pieces.push(piece);
    this.#length += piece.length + name.length;
  }

  /**
   * Which call a delta goes on with. The index should say so, but some servers send 0 for all, or none, and some repeat
   * id and name with every piece: another id, or without ids another name, begins a new call.
   */
  #openCall(delta: ToolCallDelta): OpenCall | undefined {
    const id = delta.id ?? '';
    const name = delta.function?.name ?? '';
    const index = delta.index ?? undefined;
    const call = index === undefined ? this.#calls.at(-1) : this.#calls.findLast((other) => other.index === index);
    if (call === undefined) return undefined;
    if (id !== '' && call.id !== '') return id === call.id ? call : this.#calls.find((other) => other.id === id);
    if (name === '' || call.name === '') return call;
    // Without an index a repeated name is a second call of the same tool, not a repetition.
    return name === call.name && index !== undefined ? call : undefined;
  }
}

function toToolCall(call: OpenCall): ToolCall {
  return { id: call.id, name: call.name, arguments: call.pieces.join('') };
}

function withId(call: Omit<ToolCall, 'id'>): ToolCall {
  return { ...call, id: '' };
}

function withDistinctIds(calls: readonly ToolCall[]): ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call) => {
    const id = call.id === '' || seen.has(call.id) ? `call_${newId()}` : call.id;
    seen.add(id);
    return { ...call, id };
  });
}
