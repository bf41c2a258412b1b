import type { Language } from '@phonework/shared/language';
import type { ChatMessage, ChatModel } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import type { Tool } from '../tools/tool.ts';
import { fitHistory } from './history.ts';
import type { MailboyAnswer, MailboyTurn } from './mailboy-turn.ts';
import { ToolLoop } from './tool-loop.ts';
import { Toolbox } from './toolbox.ts';

export type MailboyAgentOptions = {
  readonly model: ChatModel;
  readonly tools: readonly Tool[];
  /** Asked once a turn. */
  readonly systemPrompt: (userId: string) => string;
  readonly languageOf: (userId: string) => Language;
  /** How often the model may be asked in one turn; 12. */
  readonly maxRounds?: number;
  /** How much of a tool's output the model gets to see, in characters; 12,000. */
  readonly maxToolOutputChars?: number;
  /** How much of earlier turns the model gets to see; 24,000. */
  readonly maxHistoryTokens?: number;
  readonly logger: Logger;
};

/** Answers a user with a model that may call tools. Keeps nothing between turns. */
export class MailboyAgent {
  readonly #options: MailboyAgentOptions;
  readonly #toolbox: Toolbox;

  constructor(options: MailboyAgentOptions) {
    const { tools, maxToolOutputChars: maxOutputChars = 12_000, logger } = options;
    this.#options = options;
    this.#toolbox = new Toolbox(tools, { maxOutputChars, logger });
  }

  /** A tool that fails is the model's business; rejects only with ChatModelError, `aborted` once `signal` is. */
  async run(turn: MailboyTurn): Promise<MailboyAnswer> {
    const { model, systemPrompt, languageOf, maxRounds = 12, maxHistoryTokens = 24_000 } = this.#options;
    const before: readonly ChatMessage[] = [
      { role: 'system', content: systemPrompt(turn.userId) },
      ...fitHistory(turn.history, maxHistoryTokens),
    ];
    const language = languageOf(turn.userId);
    return await new ToolLoop(turn, { model, toolbox: this.#toolbox, before, maxRounds, language }).run();
  }
}
