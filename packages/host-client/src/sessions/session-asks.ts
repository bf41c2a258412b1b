import { createHash } from 'node:crypto';
import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import { headOf } from '../texts/cut.ts';
import type { AgentAsk, AgentDecision } from './agent-runner.ts';
import type { AskAnswer, AskOption } from './ask-options.ts';
import { askOptions, questionOptions, toDecision } from './ask-options.ts';
import type { AskText } from './ask-text.ts';
import { askText, questionText } from './ask-text.ts';
import type { QuestionRoundState } from './question-round.ts';
import { QuestionRound } from './question-round.ts';
import { readReplaced } from './replaced-file.ts';
import type { SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';
import { turnTexts } from './turn-texts.ts';

/** Kind of the questions that a coding agent asks. */
export const ASK = 'session-ask';

/** A character takes up to six bytes in a frame, which holds half a megabyte of text. */
const MAX_PART_CHARS = 75_000;

/** What is stored with a question: enough to answer it when the process that asked is gone. */
export type AskSubject = {
  readonly sessionId: string;
  /** Absent where nobody had asked for the turn. */
  readonly turnId?: string;
  readonly requestId: string;
  /** Of what is asked: the same when a turn that was cut asks it again. */
  readonly digest: string;
  readonly ask: AgentAsk;
  /** The answers so far, where several things are asked one after the other. */
  readonly round?: QuestionRoundState;
};

/** A question, as it was put to the user. */
type Put = { readonly id: string; readonly title: Said };

type Ports = Pick<SessionPorts, 'store' | 'questions' | 'say' | 'languageOf' | 'limits' | 'nodeId' | 'logger'>;

/** What the agent of one session asks, on its way to the user and back. */
export class SessionAsks {
  readonly #ports: Ports;
  /** By the agent's request: the question that is open for it. */
  readonly #open = new Map<string, Put>();
  /** Requests whose question is not stored yet. */
  readonly #asking = new Set<string>();
  /** What the user has decided about a turn that was cut, for when it asks again. */
  #decided = new Map<string, AgentDecision>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#open.size;
  }

  isOpen(requestId: string): boolean {
    return this.#open.has(requestId);
  }

  /** Asks the user; resolves with a decision where the user has taken it before a crash. */
  async ask(
    session: Session,
    asked: { readonly requestId: string; readonly ask: AgentAsk; readonly turnId?: string; readonly chatId: string },
  ): Promise<AgentDecision | undefined> {
    const { requestId, ask, turnId, chatId } = asked;
    const digest = digestOf(ask);
    const decided = this.#decided.get(digest);
    if (decided !== undefined) {
      this.#decided.delete(digest);
      return decided;
    }
    const round = ask.kind === 'questions' ? new QuestionRound(ask.questions) : undefined;
    const subject: AskSubject = {
      sessionId: session.id,
      requestId,
      digest,
      ask,
      ...(turnId !== undefined && { turnId }),
      ...(round !== undefined && { round: round.toJSON() }),
    };
    const { store } = this.#ports;
    this.#asking.add(requestId);
    try {
      const current = await readReplaced(ask, session.cwd);
      // Nobody needs it any more.
      if (!this.#asking.has(requestId)) return undefined;
      await store.write(() => {
        const put = this.#put(session, chatId, subject, current);
        store.afterCommit(() => this.#open.set(requestId, put));
      });
    } finally {
      if (!this.#asking.delete(requestId)) await this.withdraw([requestId]);
    }
    return undefined;
  }

  /**
   * Takes the user's answer. Returns the decision, or undefined where the next of several questions was asked. For use
   * inside `store.write`.
   */
  answered(session: Session, chatId: string, subject: AskSubject, answer: AskAnswer): AgentDecision | undefined {
    const { ask } = subject;
    if (ask.kind !== 'questions') return toDecision(ask, answer);
    const round = QuestionRound.fromJSON(ask.questions, subject.round);
    round.take(answer);
    if (round.next() === undefined) return { kind: 'answers', answers: round.answers };
    const put = this.#put(session, chatId, { ...subject, round: round.toJSON() });
    this.#ports.store.afterCommit(() => {
      if (this.#open.has(subject.requestId)) this.#open.set(subject.requestId, put);
    });
    return undefined;
  }

  /** The agent has its answer. */
  close(requestId: string): void {
    this.#open.delete(requestId);
  }

  /** For when the turn that was cut asks it again. */
  remember(digest: string, decision: AgentDecision): void {
    this.#decided.set(digest, decision);
  }

  /** What was remembered is of no use any more. */
  forget(): void {
    this.#decided = new Map();
  }

  /** Nobody waits for these answers any more. */
  async withdraw(requestIds: readonly string[] = [...this.#asking, ...this.#open.keys()]): Promise<void> {
    for (const requestId of requestIds) this.#asking.delete(requestId);
    const open = requestIds.flatMap((requestId) => this.#open.get(requestId) ?? []);
    for (const requestId of requestIds) this.#open.delete(requestId);
    if (open.length === 0) return;
    const { store, questions, logger } = this.#ports;
    try {
      await store.write(() => {
        for (const { id, title } of open) questions.withdraw(id, turnTexts.askWithdrawn(title));
      });
    } catch (error) {
      // They expire by themselves, and a press on one is told that it came late.
      logger.error({ err: error }, 'questions could not be withdrawn');
    }
  }

  /** The questions stay open: their answers decide what becomes of the turn. */
  abandon(): void {
    this.#asking.clear();
    this.#open.clear();
  }

  #put(session: Session, chatId: string, subject: AskSubject, current?: string): Put {
    const { questions, say, languageOf, limits, nodeId } = this.#ports;
    const to = { userId: session.userId, chatId };
    const place = { sessionName: session.name, folder: session.cwd, nodeId };
    const { text, ...shown } = show(subject, place, current);
    const parts = inParts(inLanguage(text, languageOf(session.userId)), MAX_PART_CHARS);
    // What is asked about is never cut: what one frame can't hold goes before the buttons.
    for (const part of parts.slice(0, -1)) say(to, part);
    const id = questions.ask({
      ...to,
      ...shown,
      kind: ASK,
      subject,
      ttlMs: limits.questionTtlMs,
      text: parts.at(-1) ?? '',
    });
    return { id, title: shown.title };
  }
}

function show(
  { ask, round: state }: AskSubject,
  place: Parameters<typeof askText>[1],
  current: string | undefined,
): AskText & { readonly options: readonly AskOption[] } {
  if (ask.kind !== 'questions') {
    return { ...askText(ask, place, current === undefined ? {} : { current }), options: askOptions(ask) };
  }
  const round = QuestionRound.fromJSON(ask.questions, state);
  const question = round.next();
  if (question === undefined) throw new RangeError('there is nothing to ask');
  return { ...questionText(question, place, round.place), options: questionOptions(question) };
}

/** Whether a question is one that the agent of this session wants answered in words: no permission, and no plan. */
export function asksForWords(
  { kind, subject }: { readonly kind: string; readonly subject: unknown },
  sessionId: string,
) {
  if (kind !== ASK) return false;
  // Written by SessionAsks out of this type.
  const asked = subject as AskSubject;
  return asked.sessionId === sessionId && asked.ask.kind === 'questions';
}

/** Cut where a line ends, if one ends in the second half. */
function inParts(text: string, maxChars: number): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > maxChars) {
    const lineEnd = rest.lastIndexOf('\n', maxChars);
    const end = lineEnd > maxChars / 2 ? lineEnd + 1 : headOf(rest, maxChars).length;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...parts, rest];
}

function digestOf(ask: AgentAsk): string {
  const { kind, ...rest } = ask;
  const what = kind === 'permission' ? { tool: ask.tool, input: ask.input } : rest;
  return createHash('sha256').update(JSON.stringify({ kind, what })).digest('hex');
}
