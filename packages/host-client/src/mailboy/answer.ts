import { ChatModelError } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import { nearest } from '@phonework/shared/nearest';
import type { Command, ImmediateCommand, QueuedCommand } from '../commands/command.ts';
import { parseCommand } from '../commands/command.ts';
import { texts } from '../texts.ts';
import { ToolError } from '../tools/tool.ts';
import type { MailboyAgent } from './agent.ts';
import type { Conversations } from './conversations.ts';
import type { Answer, Turn } from './front-desk.ts';

/** How a message gets its answer: by a command, or by the mailboy. */
export class Answering {
  readonly #queued: ReadonlyMap<string, QueuedCommand>;
  readonly #immediate: ReadonlyMap<string, ImmediateCommand>;
  readonly #agent: MailboyAgent | undefined;
  readonly #conversations: Conversations;
  readonly #noModel: string;
  readonly #logger: Logger;

  constructor(options: {
    readonly commands: readonly Command[];
    /** Absent without a model. */
    readonly agent: MailboyAgent | undefined;
    readonly conversations: Conversations;
    readonly nodeId: string;
    readonly logger: Logger;
  }) {
    const { commands } = options;
    this.#queued = byName(commands.filter((command) => command.kind === 'queued'));
    this.#immediate = byName(commands.filter((command) => command.kind === 'immediate'));
    this.#agent = options.agent;
    this.#conversations = options.conversations;
    this.#noModel = texts.noModel(options.nodeId);
    this.#logger = options.logger;
  }

  /** The answer of a command that never waits; undefined for every other text. For use inside `store.write`. */
  now(userId: string, text: string): string | undefined {
    const { name = '', argument = '' } = parseCommand(text) ?? {};
    const command = this.#immediate.get(name);
    if (command === undefined) return undefined;
    try {
      return command.run({ userId, argument });
    } catch (error) {
      // What is not stored comes again, and holds up all that follows: one bad command must not do that.
      this.#logger.error({ err: error, command: name }, 'a command failed unexpectedly');
      return texts.unexpected;
    }
  }

  /** Every failure is an answer too; rejects only when the turn was aborted. */
  async answer(turn: Turn): Promise<Answer> {
    try {
      return await this.#run(turn);
    } catch (error) {
      turn.signal.throwIfAborted();
      if (error instanceof ChatModelError || error instanceof ToolError) return { reply: '', error: error.message };
      this.#logger.error({ err: error, turn: turn.id }, 'a turn failed unexpectedly');
      return { reply: '', error: texts.unexpected };
    }
  }

  async #run(turn: Turn): Promise<Answer> {
    const parsed = parseCommand(turn.text);
    if (parsed === undefined) return await this.#ask(turn);
    const command = this.#queued.get(parsed.name);
    if (command === undefined) {
      const names = [...this.#queued.keys(), ...this.#immediate.keys(), '/help'];
      return { reply: texts.unknownCommand(parsed.name, nearest(parsed.name, names)) };
    }
    const { userId, chatId, id: turnId, signal, beforeEffect } = turn;
    const request = { userId, argument: parsed.argument };
    return { reply: await command.run(request, { userId, chatId, turnId, signal, beforeEffect }) };
  }

  async #ask(turn: Turn): Promise<Answer> {
    if (this.#agent === undefined) return { reply: this.#noModel };
    const { id: turnId, ...rest } = turn;
    const history = this.#conversations.load(turn.userId);
    return await this.#agent.run({ ...rest, turnId, history });
  }
}

function byName<T extends Command>(commands: readonly T[]): ReadonlyMap<string, T> {
  return new Map(commands.map((command) => [command.name, command]));
}
