import type { Said } from '@phonework/shared/language';
import { inLanguage, join } from '@phonework/shared/language';
import type { TaskEnd } from '../tasks/task.ts';
import { firstLine } from '../texts/cut.ts';
import type { TurnEnd } from './running-turn.ts';
import type { SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';
import type { SessionTurn } from './turn-queue.ts';
import { turnTexts } from './turn-texts.ts';

/** Of a turn's text in the description of its task, in characters. */
const maxSubject = 80;

/** How a turn that a tool call waits for came out. */
export type ToolOutcome =
  /** `text` is for a model. */
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: Said }
  | { readonly kind: 'background'; readonly taskId: string };

/** What is to be told of an ended turn: one of both is not empty. */
type Told = { readonly reply: Said; readonly error: Said; readonly outcome: TaskEnd['outcome'] };

/**
 * Takes an ended turn out of the queue, and tells whoever waits for it. Returns what a tool call of the mailboy's is
 * to be told; undefined where none waits. For use inside `store.write`.
 */
export function settleTurn(
  ports: SessionPorts,
  turnId: string,
  end: Exclude<TurnEnd, { kind: 'left' }>,
): ToolOutcome | undefined {
  const { sessions, turns } = ports;
  const turn = turns.find(turnId);
  const session = turn && sessions.find(turn.sessionId);
  if (turn === undefined || session === undefined) return undefined;
  turns.remove(turnId);
  const costUsd = end.kind === 'answered' ? end.result.costUsd : undefined;
  sessions.change(session.id, { lastUsedAt: Date.now(), ...(costUsd !== undefined && { costUsd }) });
  const told = toTold(end, { turn, session }, ports);
  tell(ports, { turn, session, told });
  if (turn.origin !== 'tool' || turn.taskId !== undefined) return undefined;
  return told.error === ''
    ? { kind: 'answered', text: inLanguage(told.reply, 'en') }
    : { kind: 'failed', message: join([told.reply, told.error], '\n\n') };
}

/** Makes a task of a running turn; its message is answered with that. Undefined when it is over, or one already. */
export function toBackground(ports: SessionPorts, turnId: string): string | undefined {
  const { sessions, turns, tasks, respond } = ports;
  const turn = turns.find(turnId);
  const session = turn && sessions.find(turn.sessionId);
  if (turn === undefined || session === undefined || turn.taskId !== undefined) return undefined;
  const { userId, name } = session;
  const { chatId, forwardId, text } = turn;
  const taskId = tasks.begin({
    userId,
    chatId,
    description: `${name}: ${firstLine(text, maxSubject)}`,
    subject: { kind: 'session', sessionId: session.id, turnId },
  });
  turns.moveToBackground(turnId, taskId);
  if (forwardId !== undefined) respond({ userId, chatId, forwardId }, { reply: turnTexts.taskStarted(taskId) });
  return taskId;
}

function toTold(
  end: Exclude<TurnEnd, { kind: 'left' }>,
  { turn, session }: { readonly turn: SessionTurn; readonly session: Session },
  { limits }: SessionPorts,
): Told {
  switch (end.kind) {
    case 'answered': {
      const { text, failure } = end.result;
      if (failure !== undefined) return { reply: '', error: failure.said, outcome: 'failed' };
      return { reply: text.trim() === '' ? wordlessAnswer(turn.text) : text, error: '', outcome: 'done' };
    }
    case 'stopped': {
      if (end.by === 'taken-back') return { reply: '', error: '', outcome: 'cancelled' };
      const timeoutMs = session.timeoutS === undefined ? limits.turnTimeoutMs : session.timeoutS * 1000;
      const why = end.by === 'user' ? turnTexts.stopped : turnTexts.tooLong(timeoutMs);
      return { reply: join([end.said, why], '\n\n'), error: '', outcome: 'cancelled' };
    }
    case 'failed':
      return { reply: end.said, error: end.message, outcome: 'failed' };
  }
}

/** What is said where the agent only did what it was told: its own commands come without words. */
function wordlessAnswer(prompt: string): Said {
  if (prompt === '/clear') return turnTexts.cleared;
  return /^\/compact(\s|$)/.test(prompt) ? turnTexts.compacted : turnTexts.noAnswer;
}

function tell(
  { sessions, tasks, respond, say }: SessionPorts,
  { turn, session, told }: { readonly turn: SessionTurn; readonly session: Session; readonly told: Told },
): void {
  const { userId, name } = session;
  const { chatId, forwardId, taskId, origin } = turn;
  const { reply, error, outcome } = told;
  if (taskId !== undefined) {
    tasks.finish(taskId, { outcome, output: reply, ...(error !== '' && { reason: error }) });
    return;
  }
  // With one session there is nothing to tell apart.
  const sign = (text: Said) => (text === '' || sessions.list(userId).length < 2 ? text : turnTexts.signed(text, name));
  if (forwardId !== undefined) respond({ userId, chatId, forwardId }, { reply: sign(reply), error });
  else if (origin !== 'tool')
    say({ userId, chatId }, sign(join([reply, error === '' ? '' : turnTexts.warning(error)], '\n\n')));
}
