import { isAbsolute } from 'node:path';
import * as z from 'zod';

const PermissionRule = z.object({ toolName: z.string(), ruleContent: z.string().optional() });
export type PermissionRule = z.infer<typeof PermissionRule>;

/** One change of its permissions that Claude Code suggests with a question. Only rules that allow are of use to us. */
export const PermissionSuggestion = z.object({
  type: z.string(),
  behavior: z.string().optional(),
  destination: z.string().optional(),
  rules: z.array(PermissionRule).optional(),
});
export type PermissionSuggestion = z.infer<typeof PermissionSuggestion>;

/** Of a question for permission: what says which rule would spare its repetition. */
export type RuleGrounds = {
  readonly tool_name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly permission_suggestions?: readonly PermissionSuggestion[] | undefined;
  readonly blocked_path?: string | undefined;
  readonly decision_reason_type?: string | undefined;
  /** Told only where a check of safety has a part in the question. */
  readonly classifier_approvable?: boolean | undefined;
  readonly suppress_always_allow_rule?: boolean | undefined;
  readonly requires_user_interaction?: boolean | undefined;
  readonly matched_ask_rule?: unknown;
};

/** What to tell Claude Code with an answer that shall hold for longer. */
export type PermissionUpdate = {
  readonly type: 'addRules';
  readonly behavior: 'allow';
  readonly destination: 'session' | 'localSettings';
  readonly rules: readonly PermissionRule[];
};

export type OfferedRules = {
  /** Empty where none would help. */
  readonly rules: readonly PermissionRule[];
  /** Whether they may also be kept in the project's own settings. */
  readonly canBeKept: boolean;
};

const none: OfferedRules = { rules: [], canBeKept: false };

/** Longer ones no person reads before agreeing to them for ever. */
const maxCommandLength = 300;

/**
 * The narrowest rules that would spare the next question of this kind: one of the suggestions, or a rule for exactly
 * this call. Never a change of mode, and never a folder: both allow more than was asked for.
 */
export function offerRules(grounds: RuleGrounds): OfferedRules {
  if (!mayHaveRule(grounds)) return none;
  const suggestions = (grounds.permission_suggestions ?? []).filter(
    ({ type, behavior, rules = [] }) => type === 'addRules' && behavior === 'allow' && rules.length > 0,
  );
  // A command that only reads, but outside of the folder: the rule for the command alone would not spare the question.
  const reading = suggestions.find(({ rules = [] }) => rules.every(({ toolName }) => toolName === 'Read'));
  const suggested = reading ?? suggestions[0];
  const rules = suggested?.rules ?? ruleForExactly(grounds);
  if (rules.length === 0) return none;
  const canBeKept = suggested === undefined || suggested.destination !== 'session';
  return { rules: reading === undefined ? [...rules, ...ruleForBlockedPath(grounds)] : rules, canBeKept };
}

/** As a person writes them in Claude Code's settings: `Bash(npm test *), WebSearch`. */
export function describeRules(rules: readonly PermissionRule[]): string {
  return rules
    .map(({ toolName, ruleContent }) => (ruleContent === undefined ? toolName : `${toolName}(${ruleContent})`))
    .join(', ');
}

/** Not for what is asked about in spite of rules: Claude Code would ask again. */
function mayHaveRule(grounds: RuleGrounds): boolean {
  const { decision_reason_type: type } = grounds;
  const asksInAnyCase =
    grounds.suppress_always_allow_rule === true ||
    grounds.requires_user_interaction === true ||
    grounds.classifier_approvable !== undefined ||
    grounds.matched_ask_rule !== undefined;
  return !asksInAnyCase && !['safetyCheck', 'rule', 'hook', 'classifier'].includes(type ?? '');
}

function ruleForExactly({ tool_name: tool, input }: RuleGrounds): readonly PermissionRule[] {
  switch (tool) {
    case 'Bash':
      return ruleForCommand(input.command);
    case 'Edit':
    case 'MultiEdit':
    case 'Write':
      return ruleForFile(input.file_path);
    case 'NotebookEdit':
      return ruleForFile(input.notebook_path);
    default:
      return [];
  }
}

function ruleForCommand(command: unknown): readonly PermissionRule[] {
  if (typeof command !== 'string' || command.length > maxCommandLength) return [];
  // In a rule, "*" stands for anything, ":*" at its end too, and "\" is an escape.
  return /[*\\\n\r]/.test(command) ? [] : [{ toolName: 'Bash', ruleContent: command }];
}

/** A command that writes a file asks for two things: for itself, and for the file. */
function ruleForBlockedPath({ tool_name: tool, blocked_path: path }: RuleGrounds): readonly PermissionRule[] {
  return tool === 'Bash' ? ruleForFile(path) : [];
}

/** Of all tools that write, `Edit` is the one whose rules hold; `//` is the root of the file system. */
function ruleForFile(path: unknown): readonly PermissionRule[] {
  // Rules for files are patterns like those of gitignore.
  if (typeof path !== 'string' || !isAbsolute(path) || /[*?[\]{}!\\\n\r]|\s$/.test(path)) return [];
  return [{ toolName: 'Edit', ruleContent: `/${path}` }];
}
