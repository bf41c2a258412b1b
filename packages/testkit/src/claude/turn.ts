import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { piecesOf } from '../pieces.ts';
import type { Conversation } from './conversation.ts';
import type { Message } from './input-line.ts';
import { Interruption } from './interruption.ts';
import type { Json } from './json.ts';
import type { Output } from './output.ts';
import type { Permissions, Verdict } from './permissions.ts';
import type { ToolUse } from './tool-use.ts';
import type { ToolOutcome, Tools } from './tools.ts';
import { failed } from './tools.ts';

export type TurnParts = {
  readonly output: Output;
  readonly conversation: Conversation;
  readonly permissions: Permissions;
  readonly tools: Tools;
  readonly model: string;
};

type Block = { readonly type: 'text'; readonly text: string } | ({ readonly type: 'tool_use' } & ToolUse);

/** One turn of the model: what it says and the tools that it uses, as events and as rows. */
export class Turn {
  /** Messages that came while a tool was wanted, and are a part of this turn. */
  readonly foldedIds: string[] = [];
  readonly denials: Json[] = [];
  readonly parts: TurnParts;
  /** Of the last message of the model. */
  text = '';
  /** Requests to the model's service; each has its price. */
  apiCalls = 0;
  /** A tool was wanted, and its result is not there. */
  isUsingTool = false;
  /** A turn that nobody asks for comes after this one. */
  wantsAnother = false;
  readonly #prompt: string;
  readonly #messageIds: readonly string[];
  readonly #origin: Json;
  readonly #takeQueued: () => readonly Message[];
  readonly #abort = new AbortController();
  #isIntroduced = false;

  constructor(
    parts: TurnParts,
    options: {
      readonly prompt: string;
      readonly messageIds: readonly string[];
      /** Why it runs: fields of the first message and of the result. */
      readonly origin: Json;
      readonly takeQueued: () => readonly Message[];
    },
  ) {
    this.parts = parts;
    this.#messageIds = options.messageIds;
    this.#prompt = options.prompt;
    this.#origin = options.origin;
    this.#takeQueued = options.takeQueued;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get prompt(): string {
    return this.#prompt;
  }

  /** The messages that it answers. */
  get messageIds(): readonly string[] {
    return [...this.#messageIds, ...this.foldedIds];
  }

  /** Which messages it answers, and why it runs. */
  get origin(): Json {
    const last = this.#messageIds.at(-1);
    const ids = last === undefined ? {} : { user_message_uuid: last, user_message_uuids: this.messageIds };
    return { ...ids, ...this.#origin };
  }

  interrupt(): void {
    this.#abort.abort();
  }

  /** Rejects with Interruption. */
  async wait(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.signal });
    } catch {
      throw new Interruption();
    }
  }

  /** Says `text`, in pieces; `everyMs` waits after each. */
  async say(text: string, options: { readonly everyMs?: number; readonly pieceSize?: number } = {}): Promise<void> {
    await this.#message([{ type: 'text', text }], options);
  }

  /** Says `text` and uses a tool, if it may. A tool that may not be used has an outcome too. */
  async use(use: ToolUse, text?: string): Promise<ToolOutcome> {
    const spoken: Block[] = text === undefined ? [] : [{ type: 'text', text }];
    await this.#message([...spoken, { type: 'tool_use', ...use }], {});
    this.isUsingTool = true;
    try {
      return await this.#runTool(use);
    } catch (error) {
      if (error instanceof Interruption) this.#reject(use);
      throw error;
    }
  }

  async #runTool(use: ToolUse): Promise<ToolOutcome> {
    const { permissions, tools } = this.parts;
    if (use.name === 'ExitPlanMode' && permissions.mode !== 'plan') {
      return this.#end(use, failed('<tool_use_error>You are not in plan mode.</tool_use_error>'));
    }
    const verdict = await this.#judge(use);
    if (!verdict.allowed) return this.#end(use, failed(verdict.message), verdict);
    const outcome = await tools.run(use.name, verdict.input, this.signal);
    if (use.name === 'ExitPlanMode' && permissions.mode === 'plan') permissions.setMode('default');
    return this.#end(use, outcome, verdict);
  }

  async #judge(use: ToolUse): Promise<Verdict> {
    try {
      const verdict = await this.parts.permissions.judge(use, this.signal);
      if (!verdict.allowed) this.denials.push(toDenial(use));
      return verdict;
    } catch (error) {
      this.denials.push(toDenial(use));
      throw error;
    }
  }

  #end(use: ToolUse, outcome: ToolOutcome, verdict?: Verdict): ToolOutcome {
    const decision = verdict && {
      permission_decision: { decision: verdict.allowed ? 'accept' : 'reject', source: verdict.source },
    };
    const meta = { id: use.id, ...(verdict?.allowed === false ? { non_execution_kind: 'permission-rule' } : {}) };
    this.#result(use, outcome, { ...meta, ...decision });
    this.isUsingTool = false;
    for (const { uuid, text } of this.#takeQueued()) {
      this.parts.output.lifecycle(uuid, 'started');
      this.parts.conversation.addPrompt({ uuid, text }, this.parts.permissions.mode);
      this.foldedIds.push(uuid);
    }
    return outcome;
  }

  #reject(use: ToolUse): void {
    const content = "The user doesn't want to proceed with this tool use. STOP what you are doing.";
    const meta = { id: use.id, non_execution_kind: 'user-rejected' };
    this.#result(use, { content, isError: true, detail: 'User rejected tool use' }, meta);
  }

  #result(use: ToolUse, { content, isError, detail }: ToolOutcome, meta: Json): void {
    const blocks = [{ type: 'tool_result', content, is_error: isError, tool_use_id: use.id }];
    this.parts.conversation.addToolResult(blocks, detail);
    this.parts.output.event({
      type: 'user',
      message: { role: 'user', content: blocks },
      parent_tool_use_id: null,
      timestamp: new Date().toISOString(),
      tool_use_result: detail,
      tool_result_meta: [meta],
    });
  }

  async #message(
    blocks: readonly Block[],
    { everyMs = 0, pieceSize = 12 }: { readonly everyMs?: number; readonly pieceSize?: number },
  ): Promise<void> {
    const { output, model } = this.parts;
    const id = `msg_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    const envelope = { id, type: 'message', role: 'assistant', model };
    output.system('status', { status: 'requesting', user_message_uuids: this.messageIds });
    this.apiCalls += 1;
    output.piece({ type: 'message_start', message: { ...envelope, content: [], stop_reason: null, usage } });
    for (const [index, block] of blocks.entries()) {
      output.piece({ type: 'content_block_start', index, content_block: { ...wireBlock(block), ...emptied(block) } });
      await this.#pieces(envelope, block, index, { everyMs, pieceSize });
      this.#assistant(envelope, block);
      output.piece({ type: 'content_block_stop', index });
    }
    const stopReason = blocks.at(-1)?.type === 'tool_use' ? 'tool_use' : 'end_turn';
    output.piece({ type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage });
    output.piece({ type: 'message_stop' });
  }

  async #pieces(
    envelope: Json,
    block: Block,
    index: number,
    { everyMs, pieceSize }: { readonly everyMs: number; readonly pieceSize: number },
  ): Promise<void> {
    const whole = block.type === 'text' ? block.text : JSON.stringify(block.input);
    let said = '';
    for (const piece of piecesOf(whole, pieceSize)) {
      said += piece;
      const delta =
        block.type === 'text' ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };
      this.parts.output.piece({ type: 'content_block_delta', index, delta });
      if (everyMs === 0) continue;
      try {
        await this.wait(everyMs);
      } catch (error) {
        this.#assistant(envelope, { type: 'text', text: said }, { aborted: true });
        throw error;
      }
    }
  }

  #assistant(envelope: Json, block: Block, fields: Json = {}): void {
    const message = { ...envelope, content: [wireBlock(block)], stop_reason: null, stop_sequence: null, usage };
    const stopReason = block.type === 'text' ? 'end_turn' : 'tool_use';
    this.parts.conversation.addAssistant({ ...message, stop_reason: stopReason }, randomUUID());
    if (block.type === 'text') this.text = block.text;
    this.parts.output.event({
      type: 'assistant',
      message,
      parent_tool_use_id: null,
      timestamp: new Date().toISOString(),
      ...fields,
      ...(this.#isIntroduced ? {} : this.origin),
    });
    this.#isIntroduced = true;
  }
}

function toDenial(use: ToolUse): Json {
  return { tool_name: use.name, tool_use_id: use.id, tool_input: use.input };
}

const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5 };

function wireBlock(block: Block): Json {
  if (block.type === 'text') return block;
  const { id, name, input } = block;
  return { type: 'tool_use', id, name, input };
}

function emptied(block: Block): Json {
  return block.type === 'text' ? { text: '' } : { input: {} };
}
