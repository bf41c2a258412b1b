import { expect, test } from 'vitest';
import type { AgentQuestion } from '../../src/sessions/agent-runner.ts';
import { askOptions, questionOptions, toDecision } from '../../src/sessions/ask-options.ts';
import type { PermissionAsk, PlanAsk } from '../../src/sessions/ask-text.ts';
import type { QuestionRoundState } from '../../src/sessions/question-round.ts';
import { QuestionRound } from '../../src/sessions/question-round.ts';

const bare: PermissionAsk = { kind: 'permission', tool: 'Bash', input: { command: 'ls' } };
const offering: PermissionAsk = { ...bare, sessionRule: 'Bash(ls *)', alwaysRule: 'Bash(ls *)' };
const plan: PlanAsk = { kind: 'plan', plan: 'Do it' };

const colours: AgentQuestion = {
  question: 'Which colours?',
  header: 'Colours',
  options: [
    { label: 'Red', description: '' },
    { label: 'Green', description: '' },
    { label: 'Blue', description: '' },
  ],
  multiple: true,
};
const size: AgentQuestion = { ...colours, question: 'How large?', multiple: false };

test('a permission offers only what the agent offers', () => {
  expect(askOptions(bare).map(({ id, style }) => [id, style])).toEqual([
    ['allow_once', 'primary'],
    ['deny', 'danger'],
  ]);
  expect(askOptions(offering).map(({ label }) => label)).toEqual([
    { en: 'Allow once', zh: '允许一次' },
    { en: 'Allow for this session', zh: '本会话内允许' },
    { en: 'Always', zh: '始终允许' },
    { en: 'Deny', zh: '拒绝' },
  ]);
});

test('each button leads to its decision', () => {
  expect(toDecision(bare, { optionId: 'allow_once' })).toEqual({ kind: 'allow', scope: 'once' });
  expect(toDecision(offering, { optionId: 'allow_session' })).toEqual({ kind: 'allow', scope: 'session' });
  expect(toDecision(offering, { optionId: 'allow_always' })).toEqual({ kind: 'allow', scope: 'always' });
  expect(toDecision(bare, { optionId: 'deny' }).kind).toBe('deny');
  expect(askOptions(plan).map(({ id }) => id)).toEqual(['go', 'go_accept_edits', 'keep_planning']);
  expect(toDecision(plan, { optionId: 'go' })).toEqual({ kind: 'approve-plan', acceptEdits: false });
  expect(toDecision(plan, { optionId: 'go_accept_edits' })).toEqual({ kind: 'approve-plan', acceptEdits: true });
  expect(toDecision(plan, { optionId: 'keep_planning' }).kind).toBe('deny');
});

test('a button that was not offered allows nothing', () => {
  for (const optionId of ['allow_always', 'allow_session', 'go', '', 'constructor']) {
    expect(toDecision(bare, { optionId }).kind).toBe('deny');
  }
  expect(toDecision(plan, { optionId: 'allow_once' }).kind).toBe('deny');
});

test.each(['y', 'Yes', ' OK! ', '允许', '同意。', 'Ｙ'])('%s is a yes, and allows once', (words) => {
  expect(toDecision(offering, { words })).toEqual({ kind: 'allow', scope: 'once' });
  expect(toDecision(plan, { words })).toEqual({ kind: 'approve-plan', acceptEdits: false });
});

test.each(['n', 'No.', '拒绝', '不'])('%s is a no', (words) => {
  expect(toDecision(offering, { words })).toEqual(toDecision(offering, { optionId: 'deny' }));
  expect(toDecision(plan, { words })).toEqual(toDecision(plan, { optionId: 'keep_planning' }));
});

test.each([
  ['本会话内允许。', { kind: 'allow', scope: 'session' }],
  ['始终允许', { kind: 'allow', scope: 'always' }],
  ['allow for this session', { kind: 'allow', scope: 'session' }],
] as const)('"%s" is its button, in whatever language that was shown', (words, decision) => {
  expect(toDecision(offering, { words })).toEqual(decision);
});

test.each([
  ['开始', { kind: 'approve-plan', acceptEdits: false }],
  ['开始，并接受修改', { kind: 'approve-plan', acceptEdits: true }],
] as const)('"%s" is that button of a plan', (words, decision) => {
  expect(toDecision(plan, { words })).toEqual(decision);
});

test('a label of a button that is not there allows nothing', () => {
  expect(toDecision(bare, { words: '始终允许' }).kind).toBe('deny');
});

test('other words are a no, and Claude reads them', () => {
  expect(toDecision(bare, { words: ' yes, but use pnpm ' })).toEqual({
    kind: 'deny',
    message: expect.stringContaining('yes, but use pnpm'),
  });
  expect(toDecision(plan, { words: 'test first' })).toEqual({
    kind: 'deny',
    message: expect.stringContaining('test first'),
  });
  expect(toDecision(bare, { words: '' }).kind).toBe('deny');
});

test('each option of a question has a button with a label that fits', () => {
  const options = [
    { label: `${'long '.repeat(30)}`, description: '' },
    { label: ' ', description: 'nameless' },
  ];
  const [first, second] = questionOptions({ ...size, options });
  expect(first?.id).toBe('o1');
  expect(first?.label).toMatch(/^(?=.{50,60}$)long long/);
  expect(second).toEqual({ id: 'o2', label: { en: 'Option 2', zh: '选项 2' }, style: 'default' });
});

test('questions are asked one after the other, and answered together', () => {
  const round = new QuestionRound([colours, size]);
  expect(round.next()).toBe(colours);
  round.take({ words: '1，3' });
  expect(round.next()).toBe(size);
  expect(round.place).toEqual({ number: 2, total: 2 });
  round.take({ optionId: 'o2' });
  expect(round.next()).toBeUndefined();
  round.take({ words: 'too late' });
  expect(round.answers).toEqual({ 'Which colours?': 'Red, Blue', 'How large?': 'Green' });
});

test('a round goes on from what a database row keeps of it', () => {
  const round = new QuestionRound([colours, size]);
  round.take({ optionId: 'o1' });
  const state: QuestionRoundState = JSON.parse(JSON.stringify(round));
  const later = QuestionRound.fromJSON([colours, size], state);
  expect(later.next()).toBe(size);
  later.take({ words: 'as large as it gets' });
  expect(later.answers).toEqual({ 'Which colours?': 'Red', 'How large?': 'as large as it gets' });
  expect(QuestionRound.fromJSON([size]).next()).toBe(size);
});

test.each([
  ['2 3', colours, 'Green, Blue'],
  ['1、1', colours, 'Red'],
  ['1,9', colours, '1,9'],
  ['Red and 2', colours, 'Red and 2'],
  ['２', size, 'Green'],
  ['1,2', size, '1,2'],
  ['0', size, '0'],
] as const)('"%s" picks the options with these numbers where there are such', (words, question, answer) => {
  const round = new QuestionRound([question]);
  round.take({ words });
  expect(round.answers).toEqual({ [question.question]: answer });
});

test('a question with a strange text is answered like any other', () => {
  const round = new QuestionRound([{ ...size, question: '__proto__' }]);
  round.take({ optionId: 'o3' });
  expect(JSON.stringify(round.answers)).toBe('{"__proto__":"Blue"}');
});
