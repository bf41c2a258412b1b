import type { ToolCall, ToolSpec } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import { visibleLine } from '../texts/visible.ts';
import type { Tool } from '../tools/tool.ts';
import { ToolError } from '../tools/tool.ts';
import type { TurnContext } from '../turn-context.ts';
import { cutToFit } from './cut-to-fit.ts';

/** No tool takes so much; it is a model that got stuck, and its words must not fill the conversation. */
const maxArgumentChars = 100_000;

/** How much is said of what came of a call, in characters. */
const maxOutcomeChars = 400;

type ToolResult = {
  /** What the model is told: the tool's output, or why there is none. */
  readonly content: string;
  /** The same in one line, for the turn's journal. */
  readonly outcome: string;
};

/** The tools that a model may call, and what becomes of each call. */
export class Toolbox {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #maxOutputChars: number;
  readonly #logger: Logger;

  constructor(tools: readonly Tool[], options: { readonly maxOutputChars: number; readonly logger: Logger }) {
    this.#tools = new Map(tools.map((tool) => [tool.spec.name, tool]));
    this.#maxOutputChars = options.maxOutputChars;
    this.#logger = options.logger;
  }

  get specs(): ToolSpec[] {
    return [...this.#tools.values()].map((tool) => tool.spec);
  }

  /** Whether what this tool returns was written by strangers. */
  isUntrusted(name: string): boolean {
    return this.#tools.get(name)?.isUntrusted === true;
  }

  /** Rejects only once `signal` is aborted. */
  async call(call: ToolCall, context: TurnContext): Promise<ToolResult> {
    const tool = this.#tools.get(call.name);
    if (tool === undefined) return this.#toResult(this.#unknown(call.name));
    if (isOversized(call)) {
      return this.#toResult(
        `Not run: the arguments of ${call.name} have ${call.arguments.length} characters, and ${maxArgumentChars} are the limit.`,
      );
    }
    let output: string;
    try {
      output = await tool.call(call.arguments, context);
    } catch (error) {
      context.signal.throwIfAborted();
      output = this.#explain(call.name, error);
    }
    context.signal.throwIfAborted();
    return this.#toResult(output.trim() === '' ? '(no output)' : output, tool);
  }

  #toResult(output: string, tool?: Tool): ToolResult {
    const outcome = tool?.toOutcome?.(output) ?? output;
    return { content: cutToFit(output, this.#maxOutputChars), outcome: visibleLine(outcome, maxOutcomeChars) };
  }

  #unknown(name: string): string {
    const names = [...this.#tools.keys()];
    const others = names.length === 0 ? 'There are no tools' : `The tools are: ${names.join(', ')}`;
    return `There is no tool "${visibleLine(name)}". ${others}.`;
  }

  #explain(name: string, error: unknown): string {
    if (error instanceof ToolError) return error.message;
    this.#logger.warn({ err: error, tool: name }, 'a tool failed unexpectedly');
    return `${name} failed: ${error instanceof Error ? error.message : 'for an unknown reason'}`;
  }
}

/** The call as it is remembered: with its arguments, unless they are beyond all measure. */
export function toRemembered(call: ToolCall): ToolCall {
  return isOversized(call) ? { ...call, arguments: '' } : call;
}

/** What a user sees while the call runs: `run_shell: ls -la`. */
export function toStep(call: ToolCall): string {
  const words = isOversized(call) ? '' : textsIn(call.arguments).join(' ');
  return visibleLine(words === '' ? call.name : `${call.name}: ${words}`, 100);
}

function textsIn(rawArguments: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(rawArguments);
  } catch {
    return [];
  }
  const values = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return values.filter((item) => typeof item === 'string');
}

function isOversized(call: ToolCall): boolean {
  return call.arguments.length > maxArgumentChars;
}
