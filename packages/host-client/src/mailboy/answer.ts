import type { Said } from '@phonework/shared/language';
import { ChatModelError } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import { nearest } from '@phonework/shared/nearest';
import type { Reply } from '../approvals/question.ts';
import type { Command, CommandOutcome, ImmediateCommand, QueuedCommand, Settling } from '../commands/command.ts';
import { parseCommand } from '../commands/command.ts';
import { createTaint } from '../taint.ts';
import { texts } from '../texts.ts';
import { ToolError } from '../tools/tool.ts';
import type { MailboyAgent } from './agent.ts';
import { withFiles, withFilesForModel } from './attached-files.ts';
import type { Conversations } from './conversations.ts';
import type { Answer, NewMessage, Turn } from './front-desk.ts';
import { withQuotedForModel } from './quoted-message.ts';

/** Hands a plain message to the session that its user talks to; undefined while they talk to the mailboy. */
export type Direct = (
  message: Pick<Turn, 'chatId' | 'id' | 'quoted' | 'text' | 'userId'> & { readonly isUrgent: boolean },
) => Settling<Answer> | Answer | undefined;

/** How a message gets its answer: by a command, by a session, or by the mailboy. */
export class Answering {
  readonly #queued: ReadonlyMap<string, QueuedCommand>;
  readonly #immediate: ReadonlyMap<string, ImmediateCommand>;
  readonly #direct: Direct;
  readonly #agent: MailboyAgent | undefined;
  readonly #conversations: Conversations;
  readonly #logger: Logger;

  constructor(options: {
    readonly commands: readonly Command[];
    readonly direct: Direct;
    /** Absent without a model. */
    readonly agent: MailboyAgent | undefined;
    readonly conversations: Conversations;
    readonly logger: Logger;
  }) {
    const { commands } = options;
    this.#queued = byName(commands.filter((command) => command.kind === 'queued'));
    this.#immediate = byName(commands.filter((command) => command.kind === 'immediate'));
    this.#direct = options.direct;
    this.#agent = options.agent;
    this.#conversations = options.conversations;
    this.#logger = options.logger;
  }

  /** What needs no turn: a command that never waits, and what a session answers. For use inside `store.write`. */
  now({ forward, isNext, isUrgent }: NewMessage): Answer | Settling<Answer> | undefined {
    const { id, user_id: userId, chat_id: chatId, text, quoted } = forward;
    const parsed = parseCommand(text);
    // What waits keeps its place: a message before it may decide whom it is for. Files have to be fetched first.
    const hasFiles = (forward.attachments ?? []).length > 0;
    if (parsed === undefined) {
      if (hasFiles || !(isNext || isUrgent)) return undefined;
      return this.#direct({ id, userId, chatId, text, ...(quoted !== undefined && { quoted }), isUrgent });
    }
    const command = this.#immediate.get(parsed.name);
    if (command === undefined) return undefined;
    try {
      return toAnswer(command.run({ userId, chatId, turnId: id, argument: parsed.argument }));
    } catch (error) {
      // What is not stored comes again, and holds up all that follows: one bad command must not do that.
      this.#logger.error({ err: error, command: parsed.name }, 'a command failed unexpectedly');
      return { reply: texts.unexpected };
    }
  }

  /** Every failure is an answer too; rejects only when the turn was aborted. */
  async answer(turn: Turn): Promise<Answer | Settling<Answer>> {
    try {
      return await this.#run(turn);
    } catch (error) {
      turn.signal.throwIfAborted();
      if (error instanceof ChatModelError || error instanceof ToolError) return { reply: '', error: error.said };
      this.#logger.error({ err: error, turn: turn.id }, 'a turn failed unexpectedly');
      return { reply: '', error: texts.unexpected };
    }
  }

  async #run(turn: Turn): Promise<Answer | Settling<Answer>> {
    const parsed = parseCommand(turn.text);
    if (parsed === undefined) {
      const text = withFiles(turn.text, turn.files ?? []);
      return this.#direct({ ...turn, text, isUrgent: false }) ?? (await this.#ask(turn));
    }
    const command = this.#queued.get(parsed.name);
    if (command === undefined) {
      const names = [...this.#queued.keys(), ...this.#immediate.keys(), '/help'];
      return { reply: texts.unknownCommand(parsed.name, nearest(parsed.name, names)) };
    }
    const { userId, chatId, id: turnId, signal, beforeEffect } = turn;
    const request = { userId, chatId, turnId, argument: parsed.argument };
    return toAnswer(await command.run(request, { userId, chatId, turnId, signal, beforeEffect, taint: createTaint() }));
  }

  async #ask(turn: Turn): Promise<Answer> {
    if (this.#agent === undefined) throw new TypeError('there is nobody to ask');
    const { id: turnId, files = [], quoted, ...rest } = turn;
    const text = withQuotedForModel(withFilesForModel(turn.text, files), quoted);
    const history = this.#conversations.load(turn.userId);
    return await this.#agent.run({ ...rest, text, turnId, history });
  }
}

function toAnswer(outcome: CommandOutcome): Answer | Settling<Answer> {
  if (isSaid(outcome)) return { reply: outcome };
  if (!('settle' in outcome)) return fromReply(outcome);
  return {
    settle() {
      const settled = outcome.settle();
      if (settled === undefined) return undefined;
      return isSaid(settled) ? { reply: settled } : fromReply(settled);
    },
  };
}

function isSaid(outcome: CommandOutcome): outcome is Said {
  return typeof outcome === 'string' || 'en' in outcome;
}

function fromReply({ text, question }: Reply): Answer {
  return { reply: text, ...(question !== undefined && { question }) };
}

function byName<T extends Command>(commands: readonly T[]): ReadonlyMap<string, T> {
  return new Map(commands.map((command) => [command.name, command]));
}
