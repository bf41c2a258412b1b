import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage, join } from '@phonework/shared/language';
import { visibleLine } from '../texts/visible.ts';
import type { ContextUsage, PermissionMode } from './agent-runner.ts';
import { sessionTexts as texts } from './session-texts.ts';
import { pathFrom } from './tool-label.ts';

export type ListedState =
  | { readonly kind: 'idle' | 'waiting' | 'interrupted' | 'terminal' }
  | { readonly kind: 'working'; readonly elapsedMs: number; readonly step?: Said };

/** A session as lists show it. */
export type ListedSession = {
  readonly name: string;
  readonly isActive: boolean;
  readonly folder: string;
  readonly mode: PermissionMode;
  /** Absent: the agent's default. */
  readonly model?: string;
  readonly state: ListedState;
  /** ms since the epoch. */
  readonly lastUsedAt: number;
  readonly costUsd?: number;
};

/** A conversation that is no session yet. */
export type ListedConversation = { readonly folder: string; readonly firstLine: string; readonly lastUsedAt: number };

/** Where things are told from. */
export type Surroundings = {
  readonly workingDir: string;
  readonly home: string;
  /** ms since the epoch. */
  readonly now: number;
};

export type ListedTask = { readonly id: string; readonly description: string; readonly elapsedMs: number };

export type StatusFacts = {
  /** The one that the user works with. */
  readonly active?: ListedSession & { readonly context?: ContextUsage };
  /** What is asked, oldest first; `number` is what it is answered by. */
  readonly questions: readonly { readonly number: number; readonly title: string }[];
  /** The messages that wait, in order. */
  readonly queue: readonly string[];
  /** Other sessions; those that do nothing are left out. */
  readonly others: readonly ListedSession[];
  readonly tasks: readonly ListedTask[];
};

const maxLine = 60;

/** `/sessions`: numbered through both lists, in their order. */
export function sessionList(
  sessions: readonly ListedSession[],
  conversations: readonly ListedConversation[],
  around: Surroundings,
): Text {
  const blocks = [
    sessions.length === 0
      ? [texts.none]
      : [texts.sessions, ...sessions.flatMap((session, index) => sessionLines(session, index + 1, around))],
    sessions.length < 2 ? [] : [texts.switchHint],
    conversationLines(conversations, sessions.length, around),
  ];
  return joinBlocks(blocks);
}

/** What `/status` says of sessions and tasks. */
export function sessionStatus({ active, questions, queue, others, tasks }: StatusFacts, around: Surroundings): Text {
  const busy = others.filter(({ state }) => state.kind !== 'idle');
  return joinBlocks([
    active === undefined ? [texts.noActiveSession] : activeLines(active, around),
    titled(texts.openQuestions, [
      ...questions.map(({ number, title }) => `#${number} ${visibleLine(title, 80)}`),
      ...(questions.length === 0 ? [] : [questions.length === 1 ? texts.answerOnly : texts.answerOneOf]),
    ]),
    titled(
      texts.queue(queue.length),
      queue.map((text, index) => `${index + 1}. ${visibleLine(text, maxLine)}`),
    ),
    titled(
      texts.otherSessions,
      busy.map(({ name, state }) => factLine([name, stateText(state)])),
    ),
    titled(
      texts.tasks,
      tasks.map(({ id, description, elapsedMs }) => taskLine(id, description, elapsedMs)),
    ),
  ]);
}

/** `folder` as its owner would say it: from the projects' folder, or from home. */
export function shortFolder(folder: string, { workingDir, home }: Pick<Surroundings, 'workingDir' | 'home'>): string {
  const way = pathFrom(workingDir, folder);
  if (way !== folder) return way;
  const homeWay = pathFrom(home, folder);
  if (homeWay === folder) return folder;
  return homeWay === '.' ? '~' : `~/${homeWay}`;
}

function sessionLines(session: ListedSession, number: number, around: Surroundings): Said[] {
  const { name, isActive, mode, model, state, costUsd } = session;
  const more = [
    visibleLine(shortFolder(session.folder, around), maxLine),
    mode,
    ...(model === undefined ? [] : [model]),
    agoText(session.lastUsedAt, around.now),
    ...(costUsd === undefined ? [] : [costText(costUsd)]),
  ];
  return [factLine([`${isActive ? '→ ' : ''}${number}. ${name}`, stateText(state)]), indented(factLine(more))];
}

function conversationLines(
  conversations: readonly ListedConversation[],
  listed: number,
  around: Surroundings,
): readonly Said[] {
  if (conversations.length === 0) return [];
  const lines = conversations.map(({ folder, firstLine, lastUsedAt }, index) => {
    const words = visibleLine(firstLine, maxLine) || texts.noFirstLine;
    const place = visibleLine(shortFolder(folder, around), maxLine);
    return factLine([`${listed + index + 1}. ${place}`, words, agoText(lastUsedAt, around.now)]);
  });
  return [texts.conversations, ...lines, texts.takeOver(listed + 1)];
}

function activeLines(session: ListedSession & { readonly context?: ContextUsage }, around: Surroundings): Said[] {
  const { name, state, mode, model, costUsd, context } = session;
  return [
    factLine([`→ **${name}**`, stateText(state)]),
    texts.folder(visibleLine(shortFolder(session.folder, around), 200)),
    texts.mode(mode),
    texts.model(model),
    ...(context === undefined ? [] : [contextText(context)]),
    ...(costUsd === undefined ? [] : [texts.cost(costText(costUsd))]),
  ];
}

function stateText(state: ListedState): Text {
  switch (state.kind) {
    case 'idle':
      return texts.idle;
    case 'waiting':
      return texts.waiting;
    case 'interrupted':
      return texts.interrupted;
    case 'terminal':
      return texts.inTerminal;
    case 'working':
      return texts.working(
        formatDuration(state.elapsedMs),
        state.step === undefined ? undefined : lineOf(state.step, maxLine),
      );
  }
}

function contextText({ usedTokens, maxTokens }: ContextUsage): Text {
  const percent = maxTokens > 0 ? Math.round((usedTokens / maxTokens) * 100) : 0;
  return texts.context(countText(usedTokens), countText(maxTokens), percent);
}

/** 950, 42k, 1M. */
function countText(count: number): string {
  if (count < 1000) return String(count);
  const thousands = Math.round(count / 1000);
  return thousands < 1000 ? `${thousands}k` : `${Math.round(thousands / 100) / 10}M`;
}

function costText(usd: number): string {
  return `$${usd.toFixed(2)}`;
}

function agoText(at: number, now: number): Text {
  return texts.ago(formatDuration(now - at));
}

function taskLine(id: string, description: string, elapsedMs: number): string {
  return `#${id} · ${visibleLine(description, maxLine)} · ${formatDuration(elapsedMs)}`;
}

function titled(title: Said, lines: readonly Said[]): readonly Said[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

/** What is told of one thing, in one line. */
function factLine(parts: readonly Said[]): Text {
  return join(parts, ' · ');
}

function indented(line: Text): Text {
  return bilingual((language) => `    ${line[language]}`);
}

function lineOf(said: Said, maxChars: number): Text {
  return bilingual((language) => visibleLine(inLanguage(said, language), maxChars));
}

function joinBlocks(blocks: readonly (readonly Said[])[]): Text {
  return join(
    blocks.map((lines) => join(lines, '\n')),
    '\n\n',
  );
}
