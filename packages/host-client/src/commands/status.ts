import { formatDuration } from '@phonework/shared/duration';
import type { SessionView } from '../sessions/session-manager.ts';
import type { ListedTask } from '../sessions/status-text.ts';
import { sessionStatus } from '../sessions/status-text.ts';
import type { ImmediateCommand } from './command.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { toListed } from './sessions.ts';

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

/** `/status`: what this node is, and what it is doing for the user. */
export function statusCommand(parts: StatusParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/status',
    run: ({ userId }) => [nodeLines(parts, userId), sessionLines(parts, userId)].join('\n\n'),
  };
}

function nodeLines({ facts, turns, talksTo, rules }: StatusParts, userId: string): string {
  const elapsedMs = turns.elapsedMs(userId);
  const waiting = turns.waiting(userId);
  const allowed = rules(userId);
  return [
    `**${facts.nodeId}**`,
    `Folder: ${facts.workingDir}`,
    `Model: ${facts.model ?? 'none (commands and /direct only)'}`,
    `Shell: ${facts.shellPolicy}`,
    ...(allowed > 0 ? [`Always allowed: ${allowed} (/rules)`] : []),
    `Messages go to: ${talksTo(userId) === 'session' ? 'the session (/direct)' : 'the assistant (/smart)'}`,
    ...(elapsedMs === undefined ? [] : [`Running: one message, for ${formatDuration(elapsedMs)}`]),
    ...(waiting > 0 ? [`Waiting: ${waiting}`] : []),
  ].join('\n');
}

function sessionLines(parts: StatusParts, userId: string): string {
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
