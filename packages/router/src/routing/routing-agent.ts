import type { ChatCompletion, ChatModel, ToolCall } from '@phonework/shared/llm';
import { ChatModelError } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import * as z from 'zod';
import { quotedMessage, routeTo, routeToTool, routingPrompt } from './prompt.ts';
import type { RoutableNode } from './rules.ts';

export type AgentDecision = { readonly kind: 'node'; readonly nodeId: string } | { readonly kind: 'ask-user' };

type RoutingRequest = {
  readonly text: string;
  /** All nodes that serve the user. */
  readonly nodes: readonly RoutableNode[];
  readonly signal?: AbortSignal;
};

const RouteToArguments = z.object({ node_id: z.string() });

/** Decides with one model call where a message goes that the rules left open. */
export class RoutingAgent {
  readonly #model: ChatModel | undefined;
  readonly #timeoutMs: number;
  readonly #logger: Logger;

  constructor(options: {
    /** Absent or undefined: none is configured, and every message is decided as if it had failed. */
    readonly model?: ChatModel | undefined;
    readonly timeoutMs?: number;
    readonly logger: Logger;
  }) {
    this.#model = options.model;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#logger = options.logger;
  }

  /**
   * One of `nodes`, or the advice to ask the user: where the model finds the message ambiguous, or fails and nothing
   * else decides. Takes at most `timeoutMs`, less once `signal` is aborted, and never rejects.
   */
  async route({ text, nodes, signal }: RoutingRequest): Promise<AgentDecision> {
    if (this.#model === undefined || nodes.length === 0) return fallBack(nodes);
    try {
      const completion = await this.#ask(this.#model, { text, nodes, ...(signal && { signal }) });
      return readDecision(completion, nodes);
    } catch (error) {
      // Whoever aborts has no use for the answer, and needs no explanation.
      if (signal?.aborted !== true) this.#logger.warn({ why: whyOf(error) }, 'the routing model was of no help');
      return fallBack(nodes);
    }
  }

  /** Does not rely on the model to stop when it is told so. */
  async #ask(model: ChatModel, { text, nodes, signal }: RoutingRequest): Promise<ChatCompletion> {
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new UselessAnswer(`no answer within ${this.#timeoutMs} ms`)),
      this.#timeoutMs,
    );
    const stop = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
    const { promise, resolve, reject } = Promise.withResolvers<ChatCompletion>();
    const onStop = () => reject(stop.reason);
    stop.addEventListener('abort', onStop);
    try {
      stop.throwIfAborted();
      const messages = [
        { role: 'system', content: routingPrompt(nodes) },
        { role: 'user', content: quotedMessage(text) },
      ] as const;
      const tools = [routeToTool(nodes)];
      model.complete({ messages, tools, temperature: 0 }, { signal: stop }).then(resolve, reject);
      return await promise;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    }
  }
}

/** Says why an answer decides nothing; never quotes it. */
class UselessAnswer extends Error {
  override readonly name = 'UselessAnswer';
}

/** Throws UselessAnswer. */
function readDecision(completion: ChatCompletion, nodes: readonly RoutableNode[]): AgentDecision {
  const { text, toolCalls, finish, malformed } = completion;
  if (malformed === true) throw new UselessAnswer('the answer can not be understood');
  const [chosen, ...others] = new Set(toolCalls.map((call) => readNodeId(call, nodes)));
  if (others.length > 0) throw new UselessAnswer('the answer names several nodes');
  if (chosen !== undefined) return { kind: 'node', nodeId: chosen };
  // Words without a call are how the model says that it can't tell.
  if (finish !== 'length' && text.trim() !== '') return { kind: 'ask-user' };
  throw new UselessAnswer('the answer is empty or was cut');
}

/** The model's word counts only where it is the id of one of the user's own nodes. */
function readNodeId({ name, arguments: written }: ToolCall, nodes: readonly RoutableNode[]): string {
  if (name !== routeTo) throw new UselessAnswer('the answer calls a tool that does not exist');
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (cause) {
    throw new UselessAnswer('the arguments are no JSON', { cause });
  }
  const parsed = RouteToArguments.safeParse(value);
  if (!parsed.success) throw new UselessAnswer('the arguments have the wrong shape');
  const { node_id: nodeId } = parsed.data;
  if (!nodes.some((node) => node.nodeId === nodeId)) throw new UselessAnswer("the answer names no node of the user's");
  return nodeId;
}

/** The active node if it is online, else the only one that is. */
function fallBack(nodes: readonly RoutableNode[]): AgentDecision {
  const online = nodes.filter((node) => node.online);
  // With none online, a message waits best where the user works.
  const candidates = online.length > 0 ? online : nodes;
  const node = candidates.find(({ active }) => active) ?? (candidates.length === 1 ? candidates[0] : undefined);
  return node === undefined ? { kind: 'ask-user' } : { kind: 'node', nodeId: node.nodeId };
}

/** For the log: an error of unknown origin may quote the message in its own. */
function whyOf(error: unknown): string {
  if (error instanceof UselessAnswer) return error.message;
  if (error instanceof ChatModelError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
