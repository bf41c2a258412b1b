import type { Said } from '@phonework/shared/language';
import type { Reply } from '../approvals/question.ts';
import type { TurnContext } from '../turn-context.ts';

/** What a user asked with a slash command. */
export type CommandRequest = {
  readonly userId: string;
  readonly chatId: string;
  /** Id of the message: where its answer goes. */
  readonly turnId: string;
  /** What stands after the command's name. */
  readonly argument: string;
};

/** What is done in the commit that settles the message. */
export type Settling<Result = Said | Reply> = {
  /** The answer; undefined where somebody else sees the message through to it. For use inside `store.write`. */
  readonly settle: () => Result | undefined;
};

export type CommandOutcome = Said | Reply | Settling;

export function isSaid(outcome: CommandOutcome): outcome is Said {
  return typeof outcome === 'string' || 'en' in outcome;
}

/** A command that waits for its turn like any other message. */
export type QueuedCommand = {
  readonly kind: 'queued';
  readonly name: string;
  /** A rejection's message is not for the user, unless it is a ToolError. */
  run(request: CommandRequest, context: TurnContext): Promise<CommandOutcome>;
};

/** A command that is answered at once, also while a turn runs. For use inside `store.write`. */
export type ImmediateCommand = {
  readonly kind: 'immediate';
  readonly name: string;
  run(request: CommandRequest): CommandOutcome;
};

export type Command = QueuedCommand | ImmediateCommand;

/** Splits "/name argument". Undefined for a text that is no command: a path such as /etc/hosts is none. */
export function parseCommand(text: string): { readonly name: string; readonly argument: string } | undefined {
  // "/new: do this" needs no space.
  const match = /^(\/[a-z]+)(?:\s+([\s\S]*)|([:：][\s\S]*))?$/i.exec(text.trim());
  if (match === null) return undefined;
  return { name: (match[1] ?? '').toLowerCase(), argument: (match[2] ?? match[3] ?? '').trim() };
}
