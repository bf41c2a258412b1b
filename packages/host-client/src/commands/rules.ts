import type { Text } from '@phonework/shared/language';
import { join } from '@phonework/shared/language';
import type { ShellRule, ShellRules } from '../approvals/shell-rules.ts';
import { pathFrom } from '../sessions/tool-label.ts';
import { codeSpan } from '../texts/markdown.ts';
import type { ImmediateCommand } from './command.ts';
import { rulesTexts as texts } from './rules-texts.ts';

export type RulesParts = { readonly rules: Pick<ShellRules, 'list' | 'remove'>; readonly workingDir: string };

/** `/rules`: what the user always allows; `/rules remove <id>` takes it back. */
export function rulesCommand({ rules, workingDir }: RulesParts): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/rules',
    run({ userId, argument }) {
      const [verb = '', id = '', ...rest] = argument.toLowerCase().split(/\s+/);
      if (verb === '') return listed(rules.list(userId), workingDir);
      if (verb !== 'remove' || id === '' || rest.length > 0) return texts.usage;
      const removed = rules.remove(userId, id.replace(/^#/, ''));
      return removed === undefined ? texts.unknown(id.slice(0, 20)) : texts.removed(described(removed, workingDir));
    },
  };
}

function listed(rules: readonly ShellRule[], workingDir: string): Text {
  if (rules.length === 0) return texts.none;
  return join([texts.title, ...rules.map((rule) => line(rule, workingDir)), texts.hint], '\n');
}

function line(rule: ShellRule, workingDir: string): Text {
  return join([rule.id, described(rule, workingDir)], ' · ');
}

function described({ program, subcommand, folder }: ShellRule, workingDir: string): Text {
  const way = pathFrom(workingDir, folder);
  return texts.rule(codeSpan(`${program} ${subcommand}`.trim()), way === '.' ? texts.workingFolder : codeSpan(way));
}
