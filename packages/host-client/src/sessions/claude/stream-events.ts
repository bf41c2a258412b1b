import type { AgentEvent, AgentResult, PermissionMode } from '../agent-runner.ts';
import { permissionModes } from '../agent-runner.ts';
import type {
  ApiRetry,
  AssistantMessage,
  Block,
  CliMessage,
  Result,
  ResultBlock,
  StreamEvent,
  UserMessage,
} from './cli-messages.ts';
import { failureTexts } from './failure-texts.ts';
import type { FailureFacts } from './failures.ts';
import { toFailure, toLastingFailure } from './failures.ts';

export type StreamEventsOptions = {
  readonly conversationId: string;
  readonly nodeName: string;
  /** Ms since the epoch. */
  readonly now?: () => number;
};

/** Turns the messages of one process, in their order, into what happens in its conversation. */
export class StreamEvents {
  readonly #nodeName: string;
  readonly #now: () => number;
  #conversationId: string;
  /** What the model wrote last in this turn. */
  #lastText = '';
  /** The kind of failure that was last told of in this turn: its result names none. */
  #category: string | undefined;
  /** When the usage limit that is used up is reset; ms since the epoch. */
  #resetsAt: number | undefined;

  constructor({ conversationId, nodeName, now = Date.now }: StreamEventsOptions) {
    this.#conversationId = conversationId;
    this.#nodeName = nodeName;
    this.#now = now;
  }

  /** What the model wrote last in this turn; a plan may be nowhere else. */
  get lastText(): string {
    return this.#lastText;
  }

  read(message: CliMessage): readonly AgentEvent[] {
    switch (message.type) {
      case 'system':
        return this.#readSystem(message);
      case 'stream_event':
        return readDelta(message);
      case 'assistant':
        return this.#readAssistant(message);
      case 'user':
        return readToolResults(message);
      case 'rate_limit_event':
        this.#readLimit(message.rate_limit_info);
        return [];
      case 'result':
        return [{ kind: 'turn-ended', result: this.#readResult(message) }];
      default:
        return [];
    }
  }

  #readSystem(message: Extract<CliMessage, { type: 'system' }>): readonly AgentEvent[] {
    switch (message.subtype) {
      case 'init':
        return this.#readInit(message);
      case 'api_retry':
        return [this.#readRetry(message)];
      case 'compact_boundary':
        return [{ kind: 'compacted' }];
      default:
        return [];
    }
  }

  #readInit(init: Extract<CliMessage, { subtype: 'init' }>): readonly AgentEvent[] {
    const { session_id: conversationId, model } = init;
    const mode = toPermissionMode(init.permissionMode);
    const started = { kind: 'turn-started', conversationId, model, mode } as const;
    // `conversation_reset` names another id, which no later message and no file has.
    if (conversationId === this.#conversationId) return [started];
    this.#conversationId = conversationId;
    return [{ kind: 'conversation-changed', conversationId }, started];
  }

  #readRetry({ attempt, max_retries: maxAttempts, error, error_status }: ApiRetry): AgentEvent {
    const status = error_status ?? undefined;
    this.#category = error;
    const failure = toLastingFailure(this.#facts({ status, text: error }), this.#nodeName);
    const reason = failureTexts.retry(error, status);
    return { kind: 'retry', attempt, maxAttempts, reason, ...(failure !== undefined && { failure }) };
  }

  #readAssistant(message: AssistantMessage): readonly AgentEvent[] {
    const isMain = isOfMainThread(message);
    if (message.error !== undefined) {
      if (isMain) this.#category = message.error;
      return [];
    }
    const events = message.message.content.flatMap((block) => readBlock(block, isMain));
    for (const event of events) if (event.kind === 'message') this.#lastText = event.text;
    return events;
  }

  #readLimit({ status, resetsAt }: { readonly status: string; readonly resetsAt?: number | undefined }): void {
    this.#resetsAt = status === 'rejected' && resetsAt !== undefined ? resetsAt * 1000 : undefined;
  }

  #readResult(result: Result): AgentResult {
    const isInterrupted = wasInterrupted(result);
    const hasFailed = result.is_error && !isInterrupted;
    const text = result.result ?? '';
    const failure = hasFailed ? this.#toFailure(result) : undefined;
    this.#category = undefined;
    this.#lastText = '';
    return {
      messageIds: result.user_message_uuids ?? [],
      // Of a turn that failed it is the failure, in words for another screen.
      text: hasFailed ? '' : text,
      isInterrupted,
      ...(failure !== undefined && { failure }),
      costUsd: result.total_cost_usd,
    };
  }

  #toFailure(result: Result): AgentResult['failure'] {
    const terminalReason = result.subtype === 'error_max_turns' ? 'max_turns' : (result.terminal_reason ?? undefined);
    const facts = { status: result.api_error_status ?? undefined, text: result.result ?? result.errors?.[0] ?? '' };
    return toFailure({ ...this.#facts(facts), terminalReason }, this.#nodeName);
  }

  #facts(facts: Pick<FailureFacts, 'status' | 'text'>): FailureFacts {
    const resetsInMs = this.#resetsAt === undefined ? undefined : Math.max(0, this.#resetsAt - this.#now());
    return { ...facts, category: this.#category, resetsInMs };
  }
}

/** The mode that the agent is in, where it is one of those that we know. */
function toPermissionMode(name: unknown): PermissionMode | undefined {
  return permissionModes.find((known) => known === name);
}

function wasInterrupted({ terminal_reason: reason }: Result): boolean {
  return reason === 'aborted_streaming' || reason === 'aborted_tools';
}

function readDelta(message: StreamEvent): readonly AgentEvent[] {
  const { type, delta } = message.event;
  if (type !== 'content_block_delta' || delta?.type !== 'text_delta' || !delta.text) return [];
  return isOfMainThread(message) ? [{ kind: 'text', delta: delta.text }] : [];
}

function isOfMainThread({
  parent_tool_use_id: parent,
}: {
  readonly parent_tool_use_id?: string | null | undefined;
}): boolean {
  return parent === null || parent === undefined;
}

/** Of a subagent only the tools are shown: its words are for the agent that started it. */
function readBlock({ type, text, id, name, input }: Block, isMain: boolean): readonly AgentEvent[] {
  if (type === 'text') return isMain && text ? [{ kind: 'message', text }] : [];
  if (type !== 'tool_use' || id === undefined || name === undefined) return [];
  return [{ kind: 'tool-started', toolUseId: id, name, input: input ?? {} }];
}

function readToolResults({ message }: UserMessage): readonly AgentEvent[] {
  if (typeof message.content === 'string') return [];
  return message.content.flatMap((block): readonly AgentEvent[] =>
    block.type === 'tool_result' && block.tool_use_id !== undefined
      ? [
          {
            kind: 'tool-ended',
            toolUseId: block.tool_use_id,
            isError: block.is_error === true,
            output: toOutput(block),
          },
        ]
      : [],
  );
}

function toOutput({ content = '' }: ResultBlock): string {
  return typeof content === 'string' ? content : content.map(({ type, text }) => text ?? `[${type}]`).join('\n');
}
