import { formatDuration, MINUTE_MS } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import type { Reply } from '../approvals/question.ts';
import type { SessionView } from '../sessions/session-manager.ts';
import type { ListedTask } from '../sessions/status-text.ts';
import { sessionStatus } from '../sessions/status-text.ts';
import type { ImmediateCommand } from './command.ts';
import type { CommandButton } from './command-buttons.ts';
import { offer } from './command-buttons.ts';
import { sessionCommandTexts as sessionTexts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { isBusy } from './session-commands.ts';
import { toListed } from './sessions.ts';
import { statusTexts as texts } from './status-texts.ts';

/** What does not change while the node runs. */
type NodeFacts = {
  readonly nodeId: string;
  readonly workingDir: string;
  readonly model: string | undefined;
  readonly shellPolicy: string;
};

export type StatusParts = Pick<SessionCommandParts, 'manager' | 'talksTo' | 'surroundings'> & {
  readonly facts: NodeFacts;
  readonly turns: {
    readonly elapsedMs: (userId: string) => number | undefined;
    readonly waiting: (userId: string) => number;
  };
  /** What the user is asked, oldest first. */
  readonly questions: (userId: string) => readonly { readonly number: number; readonly title: string }[];
  /** How many calls the user always allows. */
  readonly rules: (userId: string) => number;
  /** Those that have not ended. */
  readonly tasks: (userId: string) => readonly ListedTask[];
};

/** Pressed much later, it would end something else. */
const STOP_TTL_MS = 10 * MINUTE_MS;

/** `/status`: what this node is, and what it is doing for the user, with a button that stops it. */
export function statusCommand(parts: StatusParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/status',
    run: ({ userId }): Reply => ({
      text: join([nodeLines(parts, userId), sessionLines(parts, userId)], '\n\n'),
      ...offer(sessionTexts.stopTitle, stopButtons(parts, userId), { ttlMs: STOP_TTL_MS }),
    }),
  };
}

function stopButtons(parts: StatusParts, userId: string): readonly CommandButton[] {
  const active = parts.manager.active(userId);
  const isRunning = parts.turns.elapsedMs(userId) !== undefined || (active !== undefined && isBusy(parts, active));
  return isRunning ? [{ label: sessionTexts.stopButton, command: '/stop', style: 'danger' }] : [];
}

function nodeLines({ facts, turns, talksTo, rules }: StatusParts, userId: string): Text {
  const elapsedMs = turns.elapsedMs(userId);
  const waiting = turns.waiting(userId);
  const allowed = rules(userId);
  return join(
    [
      texts.node(facts.nodeId),
      texts.folder(facts.workingDir),
      texts.model(facts.model ?? texts.noModel),
      texts.shell(facts.shellPolicy),
      ...(allowed > 0 ? [texts.alwaysAllowed(allowed)] : []),
      talksTo(userId) === 'session' ? texts.toSession : texts.toMailboy,
      ...(elapsedMs === undefined ? [] : [texts.running(formatDuration(elapsedMs))]),
      ...(waiting > 0 ? [texts.waiting(waiting)] : []),
    ],
    '\n',
  );
}

function sessionLines(parts: StatusParts, userId: string): Said {
  const { manager, questions, tasks, surroundings } = parts;
  const active = manager.active(userId);
  const view = active && manager.view(active);
  const others = manager.list(userId).filter(({ id }) => id !== active?.id);
  return sessionStatus(
    {
      ...(view !== undefined && { active: withContext(view) }),
      questions: questions(userId),
      queue: view?.waiting ?? [],
      others: others.map((session) => toListed(manager.view(session), undefined)),
      tasks: tasks(userId),
    },
    surroundings(),
  );
}

function withContext(view: SessionView) {
  const { context } = view.session;
  return { ...toListed(view, view.session.id), ...(context !== undefined && { context }) };
}
