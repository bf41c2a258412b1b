import { DAY_MS } from '@phonework/shared/duration';
import { newId } from '@phonework/shared/id';
import type { Text } from '@phonework/shared/language';
import type {
  NewQuestion,
  OpenQuestion,
  QuestionAnswer,
  QuestionOption,
  QuestionOwner,
  Reply,
} from '../approvals/question.ts';
import type { Command, CommandOutcome, CommandRequest, ImmediateCommand } from './command.ts';
import { isSaid, parseCommand } from './command.ts';
import { commandButtonTexts as texts } from './command-button-texts.ts';

/** Kind of the buttons that stand for commands. */
export const COMMAND_BUTTONS = 'command';

/** What the protocol lets a message have. */
const MAX_BUTTONS = 20;

/** A button that does what a typed command does. */
export type CommandButton = {
  readonly label: Text;
  /** As it is typed: of a command that is immediate and answers by itself, since behind a press there is no message. */
  readonly command: string;
  /** `default` if absent. */
  readonly style?: QuestionOption['style'];
};

type Subject = { readonly commands: Readonly<Record<string, string>> };

/** Buttons under an answer, of which one works, once; none where there is nothing to offer. */
export function offer(
  title: Text,
  buttons: readonly CommandButton[],
  { ttlMs = DAY_MS }: { readonly ttlMs?: number } = {},
): Pick<Reply, 'question'> {
  if (buttons.length === 0) return {};
  const offered = buttons.slice(0, MAX_BUTTONS).map((button, index) => ({ ...button, id: `command-${index + 1}` }));
  const subject: Subject = { commands: Object.fromEntries(offered.map(({ id, command }) => [id, command])) };
  return {
    question: {
      kind: COMMAND_BUTTONS,
      subject,
      title,
      options: offered.map(({ id, label, style = 'default' }) => ({ id, label, style })),
      isOffer: true,
      ttlMs,
    },
  };
}

/** Runs the commands of pressed buttons. `ask` asks what such a command asks in its turn, inside `store.write`. */
export function commandButtonOwner(commands: readonly Command[], ask: (question: NewQuestion) => void): QuestionOwner {
  const immediate = new Map(
    commands.filter((command) => command.kind === 'immediate').map((command) => [command.name, command]),
  );
  return {
    answered({ userId, chatId, subject }: OpenQuestion, answer: QuestionAnswer) {
      if ('words' in answer) return texts.words;
      // Written by `offer` out of this type.
      const typed = (subject as Subject).commands[answer.optionId] ?? '';
      const outcome = run(immediate, typed, { userId, chatId });
      if (outcome === undefined || isSaid(outcome)) return outcome;
      const { text, question } = outcome;
      if (question === undefined) return text;
      ask({ userId, chatId, text, ...question });
      return undefined;
    },
    // The command can still be typed, and nobody waits for a word about the button.
    expired: () => '',
  };
}

function run(
  immediate: ReadonlyMap<string, ImmediateCommand>,
  typed: string,
  to: Pick<CommandRequest, 'userId' | 'chatId'>,
): Exclude<CommandOutcome, { readonly settle: unknown }> | undefined {
  const parsed = parseCommand(typed);
  const command = parsed && immediate.get(parsed.name);
  if (parsed === undefined || command === undefined) throw new TypeError(`no immediate command: ${typed}`);
  const outcome = command.run({ ...to, turnId: newId(), argument: parsed.argument });
  return !isSaid(outcome) && 'settle' in outcome ? outcome.settle() : outcome;
}
