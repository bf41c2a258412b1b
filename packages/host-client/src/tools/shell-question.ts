import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage, join } from '@phonework/shared/language';
import type { EffectRequest } from '../approvals/effect-approvals.ts';
import type { NewShellRules } from '../approvals/shell-rules.ts';
import { pathFrom } from '../sessions/tool-label.ts';
import type { Taint } from '../taint.ts';
import { codeBlock, codeSpan } from '../texts/markdown.ts';
import { visibleLine } from '../texts/visible.ts';
import { consentTexts as texts } from './consent-texts.ts';

/** A command that a user is asked about. */
export type AskedCommand = {
  readonly command: string;
  /** A real path. */
  readonly folder: string;
  /** The folder is within the working folder. */
  readonly isInside: boolean;
  readonly inBackground: boolean;
  /** Completes "It …"; absent for a command that only reads. */
  readonly reason?: Said | undefined;
  readonly rules?: NewShellRules | undefined;
};

const maxTitle = 80;

/** What the user reads: the command whole, in a block that nothing in it can end, and all that cannot be seen marked. */
export function shellQuestion(
  { command, folder, isInside, inBackground, reason, rules }: AskedCommand,
  nodeId: string,
  workingDir: string,
  taint: Pick<Taint, 'isTainted' | 'source'>,
): Pick<EffectRequest, 'title' | 'text'> {
  const facts = [
    texts.folder(codeSpan(folder)),
    isInside ? '' : texts.outside,
    reason === undefined ? '' : because(reason),
    taint.isTainted ? texts.tainted(taint.source) : '',
    rules === undefined ? '' : texts.always(rules.calls.map(toSpan), placeName(workingDir, folder)),
  ];
  return {
    title: bilingual((language) => visibleLine(texts.runTitle(command)[language], maxTitle)),
    text: join(
      [
        inBackground ? texts.runsInBackground(nodeId) : texts.runs(nodeId),
        codeBlock(command, 'bash'),
        join(facts, '\n'),
      ],
      '\n\n',
    ),
  };
}

function because(reason: Said): Text {
  return bilingual((language) => texts.because(codeSpan(inLanguage(reason, language)))[language]);
}

function toSpan({ program, subcommand }: NewShellRules['calls'][number]): string {
  return codeSpan(`${program} ${subcommand}`.trim());
}

function placeName(workingDir: string, folder: string): Said {
  const way = pathFrom(workingDir, folder);
  return way === '.' ? texts.workingFolder : codeSpan(way);
}
