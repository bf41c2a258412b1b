import { expect, test } from 'vitest';
import { AgentError } from '../../../src/sessions/agent-runner.ts';
import { CanUseTool, toAsk, toPermissionResult } from '../../../src/sessions/claude/asks.ts';

const acceptEdits = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };

function request(fields: object): CanUseTool {
  return CanUseTool.parse({ subtype: 'can_use_tool', ...fields });
}

function suggestion(rules: readonly object[], destination = 'localSettings'): object {
  return { type: 'addRules', rules, behavior: 'allow', destination };
}

const npmTest = request({
  tool_name: 'Bash',
  input: { command: 'npm test', description: 'run it' },
  permission_suggestions: [suggestion([{ toolName: 'Bash', ruleContent: 'npm test *' }]), acceptEdits],
  decision_reason: '\u001b[33mThis command requires approval\u001b[0m',
});

const write = request({
  tool_name: 'Write',
  input: { file_path: '/home/ada/demo/a.txt', content: 'a' },
  permission_suggestions: [acceptEdits, { type: 'addDirectories', directories: ['/home'], destination: 'session' }],
});

const question = request({
  tool_name: 'AskUserQuestion',
  input: {
    questions: [
      {
        question: 'Which colour?',
        header: 'Colour',
        multiSelect: false,
        options: [{ label: 'Red', description: 'hot' }],
      },
      { question: 'Which sizes?', header: 'Size', multiSelect: true, options: [{ label: 'S' }, { label: 'L' }] },
    ],
  },
  requires_user_interaction: true,
});

const plan = request({ tool_name: 'ExitPlanMode', input: {}, requires_user_interaction: true });

const allow = (scope: 'once' | 'session' | 'always') => ({ kind: 'allow', scope }) as const;

function updatesOf(asked: CanUseTool, scope: 'once' | 'session' | 'always') {
  const result = toPermissionResult(asked, allow(scope));
  return result.behavior === 'allow' ? result.updatedPermissions : undefined;
}

test('a question for permission says what is asked, why, and which rules would spare it', () => {
  expect(toAsk(npmTest, '')).toEqual({
    kind: 'permission',
    tool: 'Bash',
    input: { command: 'npm test', description: 'run it' },
    reason: 'This command requires approval',
    sessionRule: 'Bash(npm test *)',
    alwaysRule: 'Bash(npm test *)',
  });
});

test('allowing once changes no rule', () => {
  expect(toPermissionResult(npmTest, allow('once'))).toEqual({ behavior: 'allow', updatedInput: npmTest.input });
});

test('allowing for longer adds the rule that was told, and never switches the mode', () => {
  const rules = [{ toolName: 'Bash', ruleContent: 'npm test *' }];
  expect(updatesOf(npmTest, 'session')).toEqual([{ ...suggestion(rules, 'session') }]);
  expect(updatesOf(npmTest, 'always')).toEqual([{ ...suggestion(rules, 'localSettings') }]);
});

test('for a file that is written there is a rule for exactly this file, where only a mode or a folder is suggested', () => {
  expect(toAsk(write, '')).toMatchObject({ sessionRule: 'Edit(//home/ada/demo/a.txt)' });
  expect(updatesOf(write, 'session')).toEqual([
    suggestion([{ toolName: 'Edit', ruleContent: '//home/ada/demo/a.txt' }], 'session'),
  ]);
});

test('a command that writes a file gets a rule for both', () => {
  const asked = request({
    tool_name: 'Bash',
    input: { command: 'node a.js > out.txt' },
    permission_suggestions: [suggestion([{ toolName: 'Bash', ruleContent: 'node a.js > out.txt' }])],
    blocked_path: '/home/ada/demo/out.txt',
  });
  expect(toAsk(asked, '')).toMatchObject({
    sessionRule: 'Bash(node a.js > out.txt), Edit(//home/ada/demo/out.txt)',
  });
});

test('for a command that reads elsewhere the rule is the one to read there, and holds no longer than suggested', () => {
  const asked = request({
    tool_name: 'Bash',
    input: { command: 'ls /etc/apt' },
    permission_suggestions: [
      suggestion([{ toolName: 'Bash', ruleContent: 'ls /etc/apt' }]),
      suggestion([{ toolName: 'Read', ruleContent: '//etc/apt/**' }], 'session'),
    ],
    blocked_path: '/etc/apt',
  });
  expect(toAsk(asked, '')).toEqual({
    kind: 'permission',
    tool: 'Bash',
    input: { command: 'ls /etc/apt' },
    sessionRule: 'Read(//etc/apt/**)',
  });
  expect(updatesOf(asked, 'always')).toEqual([
    suggestion([{ toolName: 'Read', ruleContent: '//etc/apt/**' }], 'session'),
  ]);
});

test('a command without a suggestion gets a rule for exactly this command', () => {
  const asked = request({ tool_name: 'Bash', input: { command: 'cd /tmp && touch a' }, permission_suggestions: [] });
  expect(toAsk(asked, '')).toMatchObject({ alwaysRule: 'Bash(cd /tmp && touch a)' });
});

test.each([
  ['a command with a wildcard', { tool_name: 'Bash', input: { command: 'rm -f *.bak' } }],
  ['a command of several lines', { tool_name: 'Bash', input: { command: 'a\nb' } }],
  ['a command too long to be read', { tool_name: 'Bash', input: { command: 'x'.repeat(500) } }],
  ['a file whose name is a pattern', { tool_name: 'Write', input: { file_path: '/home/ada/[a].txt' } }],
  ['a relative path', { tool_name: 'Edit', input: { file_path: 'a.txt' } }],
  ['a tool of which we know nothing', { tool_name: 'mcp__mail__send', input: { to: 'ada' } }],
])('%s gets no rule where none is suggested', (_, fields) => {
  const asked = request(fields);
  expect(toAsk(asked, '')).not.toHaveProperty('sessionRule');
  expect(toPermissionResult(asked, allow('session'))).toEqual({ behavior: 'allow', updatedInput: asked.input });
});

test.each([
  ['safety', { decision_reason_type: 'safetyCheck', classifier_approvable: true }],
  ['safety of a part of the command', { decision_reason_type: 'subcommandResults', classifier_approvable: false }],
  ['the wish of Claude Code', { suppress_always_allow_rule: true }],
  ["the user's own rule", { matched_ask_rule: { source: 'userSettings', tool_name: 'Bash' } }],
  ["the user's own hook", { decision_reason_type: 'hook' }],
])('what is asked for %s is asked each time', (_, fields) => {
  const asked = request({ ...npmTest, ...fields });
  expect(toAsk(asked, '')).not.toHaveProperty('sessionRule');
  expect(toPermissionResult(asked, allow('always'))).toEqual({ behavior: 'allow', updatedInput: asked.input });
});

test('a denial reaches the model with its reason', () => {
  const deny = { kind: 'deny', message: 'Use pnpm.' } as const;
  for (const asked of [npmTest, question, plan]) {
    expect(toPermissionResult(asked, deny)).toEqual({ behavior: 'deny', message: 'Use pnpm.' });
  }
});

test('questions to the user come as questions, and their answers go back with them', () => {
  expect(toAsk(question, '')).toEqual({
    kind: 'questions',
    questions: [
      {
        question: 'Which colour?',
        header: 'Colour',
        options: [{ label: 'Red', description: 'hot' }],
        multiple: false,
      },
      {
        question: 'Which sizes?',
        header: 'Size',
        options: [
          { label: 'S', description: '' },
          { label: 'L', description: '' },
        ],
        multiple: true,
      },
    ],
  });
  const answers = { 'Which colour?': 'Red', 'Which sizes?': 'S, L' };
  expect(toPermissionResult(question, { kind: 'answers', answers })).toEqual({
    behavior: 'allow',
    updatedInput: { ...question.input, answers },
  });
});

test('questions that can not be read are shown as they are', () => {
  const asked = request({ tool_name: 'AskUserQuestion', input: { questions: 'none' } });
  expect(toAsk(asked, '')).toEqual({ kind: 'permission', tool: 'AskUserQuestion', input: { questions: 'none' } });
});

test('the plan comes with the question, or else is what the model wrote last', () => {
  expect(toAsk(plan, 'First this, then that.')).toEqual({ kind: 'plan', plan: 'First this, then that.' });
  const withFile = request({ ...plan, input: { plan: '# Plan', planFilePath: '/home/ada/.claude/plans/a.md' } });
  expect(toAsk(withFile, 'Here it is:')).toEqual({ kind: 'plan', plan: '# Plan' });
});

test('a plan is approved with or without the right to edit', () => {
  expect(toPermissionResult(plan, { kind: 'approve-plan', acceptEdits: true })).toEqual({
    behavior: 'allow',
    updatedInput: {},
    updatedPermissions: [acceptEdits],
  });
  expect(toPermissionResult(plan, { kind: 'approve-plan', acceptEdits: false })).toEqual({
    behavior: 'allow',
    updatedInput: {},
  });
});

test('a decision that is no answer to the question is refused, and allows nothing', () => {
  expect(() => toPermissionResult(npmTest, { kind: 'answers', answers: {} })).toThrow(AgentError);
  expect(() => toPermissionResult(npmTest, { kind: 'approve-plan', acceptEdits: true })).toThrow(AgentError);
  expect(() => toPermissionResult(question, allow('once'))).toThrow(AgentError);
  expect(() => toPermissionResult(plan, allow('once'))).toThrow(AgentError);
});
