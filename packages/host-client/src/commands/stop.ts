import type { Said } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import { queueQuestion } from '../sessions/queue-question.ts';
import type { Session } from '../sessions/session-store.ts';
import type { CommandOutcome, ImmediateCommand } from './command.ts';
import { sessionCommandTexts as texts } from './session-command-texts.ts';
import type { SessionCommandParts } from './session-commands.ts';
import { findByText, isBusy } from './session-commands.ts';

export type StopParts = Pick<SessionCommandParts, 'store' | 'manager' | 'desk'> & {
  /** The user's own turn: what the mailboy or a command does. */
  readonly turns: {
    /** False when none runs. */
    readonly stop: (userId: string) => boolean;
    readonly waiting: (userId: string) => number;
  };
  readonly tasks: {
    /** Ids of the shell tasks that have not ended. */
    readonly running: (userId: string) => readonly string[];
    /** For use inside `store.write`. False when there is no such task. */
    readonly cancel: (userId: string, id: string) => boolean;
  };
};

/** `/stop [session | task | all]`: ends what runs, now, and asks what becomes of the messages that wait behind it. */
export function stopCommand(parts: StopParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/stop',
    run({ userId, argument }) {
      if (argument === '') return stopCurrent(parts, userId);
      return argument.toLowerCase() === 'all' ? stopAll(parts, userId) : stopNamed(parts, userId, argument);
    },
  };
}

/** What the user looks at: their own turn, and the active session. */
function stopCurrent(parts: StopParts, userId: string): CommandOutcome {
  const { manager, turns } = parts;
  const waiting = turns.waiting(userId);
  const ownTurn = turns.stop(userId);
  const active = manager.active(userId);
  const session = active !== undefined && isBusy(parts, active) ? active : undefined;
  if (session !== undefined) interrupt(parts, session);
  const stopped = [...(ownTurn ? [texts.message] : []), ...(session === undefined ? [] : [session.name])];
  const others = othersRunning(parts, userId, session);
  return withQueue(parts, session, [
    stopped.length === 0 ? texts.nothingRuns : texts.stopping(stopped),
    ...(ownTurn && waiting > 0 ? [texts.waitingBehind(waiting)] : []),
    ...(others.length > 0 ? [texts.stillRunning(others)] : []),
  ]);
}

function stopAll(parts: StopParts, userId: string): CommandOutcome {
  const { manager, desk, turns, tasks } = parts;
  const ownTurn = turns.stop(userId);
  const sessions = manager.list(userId).filter((session) => isBusy(parts, session) || session.hold === 'stopped');
  for (const session of sessions) {
    desk.drop(session);
    if (session.hold === 'stopped') desk.release(session);
    interrupt(parts, session);
  }
  const cancelled = tasks.running(userId).filter((id) => tasks.cancel(userId, id));
  const stopped = [
    ...(ownTurn ? [texts.message] : []),
    ...sessions.map(({ name }) => name),
    ...cancelled.map((id) => `#${id}`),
  ];
  return stopped.length === 0 ? texts.nothingRuns : texts.stopping(stopped);
}

function stopNamed(parts: StopParts, userId: string, text: string): CommandOutcome {
  const { manager, tasks } = parts;
  const id = text.toLowerCase().replace(/^#/, '');
  if (tasks.cancel(userId, id)) return texts.stopping([`#${id}`]);
  const found = findByText(manager, userId, text);
  if (found.kind !== 'found' || !isBusy(parts, found.session)) return texts.noSuchWork(text);
  interrupt(parts, found.session);
  return withQueue(parts, found.session, [texts.stopping([found.session.name])]);
}

function interrupt({ store, manager }: StopParts, session: Session): void {
  store.afterCommit(() => manager.interrupt(session));
}

/** What waits is held until the user has said what becomes of it. */
function withQueue({ manager, desk }: StopParts, session: Session | undefined, lines: readonly Said[]): CommandOutcome {
  const waiting = session === undefined ? 0 : manager.view(session).waiting.length;
  if (session === undefined || waiting === 0) return join(lines, '\n');
  desk.hold(session);
  return {
    text: join([...lines, texts.waitingAfterStop(session.name, waiting)], '\n'),
    question: queueQuestion(session, waiting),
  };
}

function othersRunning(parts: StopParts, userId: string, except: Session | undefined): string[] {
  const sessions = parts.manager.list(userId).filter(({ id }) => id !== except?.id);
  return [
    ...sessions.filter((session) => isBusy(parts, session)).map(({ name }) => name),
    ...parts.tasks.running(userId).map((id) => `#${id}`),
  ];
}
