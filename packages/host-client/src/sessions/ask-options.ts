import type { Said } from '@phonework/shared/language';
import { inLanguage, languages } from '@phonework/shared/language';
import { visibleLine } from '../texts/visible.ts';
import type { AgentDecision, AgentQuestion } from './agent-runner.ts';
import type { PermissionAsk, PlanAsk } from './ask-text.ts';
import { askTexts as texts } from './ask-texts.ts';

/** A button under an ask. */
export type AskOption = {
  readonly id: string;
  readonly label: Said;
  readonly style: 'default' | 'primary' | 'danger';
};

/** A button that was pressed, or words where the user wrote some. */
export type AskAnswer = { readonly optionId: string } | { readonly words: string };

const maxLabel = 60;

/** More buttons than these don't fit under a message. */
const maxOptions = 20;

const yes: ReadonlySet<string> = new Set(['y', 'yes', 'ok', '允许', '同意', '是', '好', '可以']);
const no: ReadonlySet<string> = new Set(['n', 'no', '拒绝', '不允许', '否', '不']);

export function askOptions(ask: PermissionAsk | PlanAsk): readonly AskOption[] {
  if (ask.kind === 'plan') return planOptions();
  const { sessionRule, alwaysRule } = ask;
  return [
    { id: 'allow_once', label: texts.allowOnce, style: 'primary' },
    ...(sessionRule === undefined ? [] : [plain('allow_session', texts.allowSession)]),
    ...(alwaysRule === undefined ? [] : [plain('allow_always', texts.allowAlways)]),
    { id: 'deny', label: texts.deny, style: 'danger' },
  ];
}

/** `o1` and so on, in the order of the question. */
export function questionOptions({ options }: AgentQuestion): readonly AskOption[] {
  return options
    .slice(0, maxOptions)
    .map(({ label }, index) => plain(`o${index + 1}`, visibleLine(label, maxLabel) || texts.option(index + 1)));
}

/**
 * What the answer means for the agent. Words that are neither a yes nor a no are a no, with the words as its reason; so
 * is a button that the ask did not offer.
 */
export function toDecision(ask: PermissionAsk | PlanAsk, answer: AskAnswer): AgentDecision {
  const options = askOptions(ask);
  const id = 'words' in answer ? meantBy(answer.words, options) : answer.optionId;
  const option = options.find((offered) => offered.id === id);
  if (option === undefined) return denial(ask, 'words' in answer ? answer.words.trim() : '');
  return decisionOf(option.id) ?? denial(ask, '');
}

/** The answer to `question` in the agent's form: labels joined by ", ", or the user's own words. */
export function toQuestionAnswer(question: AgentQuestion, answer: AskAnswer): string {
  const labels = question.options.map(({ label }) => label);
  if ('optionId' in answer) return labels[Number(/^o(\d+)$/.exec(answer.optionId)?.[1]) - 1] ?? answer.optionId;
  return picked(answer.words, labels, question.multiple)?.join(', ') ?? answer.words.trim();
}

function planOptions(): readonly AskOption[] {
  return [
    { id: 'go', label: texts.go, style: 'primary' },
    plain('go_accept_edits', texts.goAcceptEdits),
    { id: 'keep_planning', label: texts.keepPlanning, style: 'danger' },
  ];
}

function plain(id: string, label: Said): AskOption {
  return { id, label, style: 'default' };
}

function decisionOf(optionId: string): AgentDecision | undefined {
  switch (optionId) {
    case 'allow_once':
      return { kind: 'allow', scope: 'once' };
    case 'allow_session':
      return { kind: 'allow', scope: 'session' };
    case 'allow_always':
      return { kind: 'allow', scope: 'always' };
    case 'go':
      return { kind: 'approve-plan', acceptEdits: false };
    case 'go_accept_edits':
      return { kind: 'approve-plan', acceptEdits: true };
    default:
      return undefined;
  }
}

function denial({ kind }: PermissionAsk | PlanAsk, words: string): AgentDecision {
  const bare = kind === 'plan' ? texts.planDenied : texts.denied;
  const because = kind === 'plan' ? texts.planDeniedBecause : texts.deniedBecause;
  return { kind: 'deny', message: words === '' ? bare : because(words) };
}

/** The button that `words` stand for: also by its label in a language that it was not shown in. */
function meantBy(words: string, options: readonly AskOption[]): string | undefined {
  const word = fold(words);
  if (yes.has(word)) return options.find(({ style }) => style === 'primary')?.id;
  if (no.has(word)) return options.find(({ style }) => style === 'danger')?.id;
  return options.find(({ label }) => languages.some((language) => fold(inLanguage(label, language)) === word))?.id;
}

function fold(words: string): string {
  return words
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '');
}

/** The labels that `words` name by their numbers: undefined unless every word is one of these. */
function picked(words: string, labels: readonly string[], multiple: boolean): readonly string[] | undefined {
  const numbers = words
    .normalize('NFKC')
    .split(/[\s,;、。.]+/)
    .filter((word) => word !== '');
  if (numbers.length === 0 || (numbers.length > 1 && !multiple)) return undefined;
  const chosen = [...new Set(numbers)].map((word) => (/^\d{1,3}$/.test(word) ? labels[Number(word) - 1] : undefined));
  return chosen.every((label) => label !== undefined) ? chosen : undefined;
}
