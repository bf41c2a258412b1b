import { toPlainText } from '@phonework/shared/terminal-text';
import * as z from 'zod';
import type { AgentAsk, AgentDecision, AgentQuestion } from '../agent-runner.ts';
import { AgentError } from '../agent-runner.ts';
import { claudeTexts } from './claude-texts.ts';
import type { PermissionRule, PermissionUpdate } from './permission-rules.ts';
import { describeRules, offerRules, PermissionSuggestion } from './permission-rules.ts';

/** Claude Code's question whether it may use a tool. Some of its tools are themselves a question to the user. */
export const CanUseTool = z.object({
  subtype: z.literal('can_use_tool'),
  tool_name: z.string(),
  input: z.record(z.string(), z.unknown()),
  permission_suggestions: z.array(PermissionSuggestion).optional(),
  blocked_path: z.string().optional(),
  decision_reason: z.string().optional(),
  decision_reason_type: z.string().optional(),
  classifier_approvable: z.boolean().optional(),
  suppress_always_allow_rule: z.boolean().optional(),
  requires_user_interaction: z.boolean().optional(),
  matched_ask_rule: z.unknown().optional(),
});
export type CanUseTool = z.infer<typeof CanUseTool>;

/** What Claude Code takes as the answer. */
export type PermissionResult =
  | {
      readonly behavior: 'allow';
      readonly updatedInput: Readonly<Record<string, unknown>>;
      readonly updatedPermissions?: readonly (PermissionUpdate | ModeUpdate)[];
    }
  | { readonly behavior: 'deny'; readonly message: string };

type ModeUpdate = { readonly type: 'setMode'; readonly mode: 'acceptEdits'; readonly destination: 'session' };

const Questions = z.object({
  questions: z
    .array(
      z.object({
        question: z.string(),
        header: z.string().default(''),
        options: z.array(z.object({ label: z.string(), description: z.string().default('') })),
        multiSelect: z.boolean().default(false),
      }),
    )
    .min(1),
});

/** `lastText` is what the model wrote before: the plan, where it stands nowhere else. */
export function toAsk(request: CanUseTool, lastText: string): AgentAsk {
  switch (request.tool_name) {
    case 'AskUserQuestion':
      return toQuestions(request) ?? toPermission(request);
    case 'ExitPlanMode':
      return { kind: 'plan', plan: planOf(request) ?? lastText };
    default:
      return toPermission(request);
  }
}

/** Throws AgentError `refused` for a decision that is no answer to this question. */
export function toPermissionResult(request: CanUseTool, decision: AgentDecision): PermissionResult {
  const { kind } = toAsk(request, '');
  switch (decision.kind) {
    case 'deny':
      return { behavior: 'deny', message: decision.message };
    case 'allow':
      if (kind !== 'permission') throw wrongAnswer();
      return allow(request, toUpdates(request, decision.scope));
    case 'answers':
      if (kind !== 'questions') throw wrongAnswer();
      return { behavior: 'allow', updatedInput: { ...request.input, answers: decision.answers } };
    case 'approve-plan':
      if (kind !== 'plan') throw wrongAnswer();
      // Without a mode it takes the default one.
      return allow(
        request,
        decision.acceptEdits ? [{ type: 'setMode', mode: 'acceptEdits', destination: 'session' }] : [],
      );
  }
}

function allow(request: CanUseTool, updates: readonly (PermissionUpdate | ModeUpdate)[]): PermissionResult {
  return {
    behavior: 'allow',
    updatedInput: request.input,
    ...(updates.length > 0 && { updatedPermissions: updates }),
  };
}

function toPermission(request: CanUseTool): AgentAsk {
  const { tool_name: tool, input, decision_reason } = request;
  const reason = toPlainText(decision_reason ?? '').trim();
  const { rules, canBeKept } = offerRules(request);
  const rule = describeRules(rules);
  return {
    kind: 'permission',
    tool,
    input,
    ...(reason !== '' && { reason }),
    ...(rule !== '' && { sessionRule: rule }),
    ...(rule !== '' && canBeKept && { alwaysRule: rule }),
  };
}

function toUpdates(request: CanUseTool, scope: 'once' | 'session' | 'always'): readonly PermissionUpdate[] {
  if (scope === 'once') return [];
  const { rules, canBeKept } = offerRules(request);
  if (rules.length === 0) return [];
  const update = (
    destination: PermissionUpdate['destination'],
    added: readonly PermissionRule[],
  ): PermissionUpdate => ({
    type: 'addRules',
    behavior: 'allow',
    destination,
    rules: added,
  });
  return [update(scope === 'always' && canBeKept ? 'localSettings' : 'session', rules)];
}

function toQuestions({ input }: CanUseTool): AgentAsk | undefined {
  const parsed = Questions.safeParse(input);
  if (!parsed.success) return undefined;
  const questions = parsed.data.questions.map(
    ({ question, header, options, multiSelect }): AgentQuestion => ({
      question,
      header,
      options,
      multiple: multiSelect,
    }),
  );
  return { kind: 'questions', questions };
}

/** Claude Code adds it to the input, once there is a file with the plan. */
function planOf({ input }: CanUseTool): string | undefined {
  return typeof input.plan === 'string' && input.plan.trim() !== '' ? input.plan : undefined;
}

function wrongAnswer(): AgentError {
  return new AgentError('refused', claudeTexts.wrongAnswer);
}
