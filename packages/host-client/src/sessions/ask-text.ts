import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, join } from '@phonework/shared/language';
import { codeBlock, codeSpan, quote } from '../texts/markdown.ts';
import { visibleLine, visibleProse } from '../texts/visible.ts';
import type { AgentAsk, AgentQuestion } from './agent-runner.ts';
import { askTexts as texts } from './ask-texts.ts';
import { InputFields } from './input-fields.ts';
import { readableJson } from './readable-json.ts';
import { diffDeadline, textDiff, wholeReplaced } from './text-diff.ts';
import { toolTitle } from './tool-label.ts';

export type PermissionAsk = Extract<AgentAsk, { kind: 'permission' }>;
export type PlanAsk = Extract<AgentAsk, { kind: 'plan' }>;

export type AskPlace = { readonly sessionName: string; readonly folder: string; readonly nodeId: string };

/** `title` is one line of at most 80 characters, for lists; `text` is Markdown of any length, and leaves nothing out. */
export type AskText = { readonly title: Said; readonly text: Text };

const maxTitle = 80;

/** Lines around each change of a file. */
const contextLines = 3;

/** What the user is asked. `current` is what the file holds that a Write would replace, where that is known. */
export function askText(
  ask: PermissionAsk | PlanAsk,
  place: AskPlace,
  { current }: { readonly current?: string } = {},
): AskText {
  return ask.kind === 'plan' ? planText(ask, place) : permissionText(ask, place, current);
}

/** One of the questions that Claude asks; `number` of `total`, from 1. */
export function questionText(
  { question, options, multiple }: AgentQuestion,
  place: Pick<AskPlace, 'sessionName'>,
  { number, total }: { readonly number: number; readonly total: number } = { number: 1, total: 1 },
): AskText {
  const heading = texts.questionHeading(place.sessionName, total > 1 ? texts.questionPlace(number, total) : '');
  const choices = options.map(({ label, description }, index) =>
    visibleProse(`${index + 1}. **${label}**${description === '' ? '' : `\n   ${description}`}`),
  );
  const hint = options.length === 0 ? texts.noOptions : multiple ? texts.pickSeveral : texts.ownWords;
  return {
    title: visibleLine(`${place.sessionName}: ${question}`, maxTitle),
    text: join([heading, visibleProse(question), choices.join('\n'), hint], '\n\n'),
  };
}

function planText({ plan }: PlanAsk, place: AskPlace): AskText {
  // The place stands first: a plan may open a code block and never close it.
  const whole = plan.trim() === '' ? texts.noPlan : visibleProse(plan);
  return {
    title: bilingual((language) => visibleLine(texts.planTitle(place.sessionName)[language], maxTitle)),
    text: join([texts.planHeading(place.sessionName), placeText(place), whole], '\n\n'),
  };
}

function permissionText(ask: PermissionAsk, place: AskPlace, current: string | undefined): AskText {
  const { tool, input, reason, sessionRule, alwaysRule } = ask;
  const fields = new InputFields(input);
  const { what, details } = describe(tool, fields, current);
  const rules = [
    sessionRule === undefined ? '' : texts.sessionAllows(codeSpan(sessionRule)),
    alwaysRule === undefined ? '' : texts.alwaysAllows(codeSpan(alwaysRule)),
  ];
  return {
    title: visibleLine(`${place.sessionName}: ${toolTitle({ name: tool, input }, place.folder, maxTitle)}`, maxTitle),
    text: join(
      [
        texts.asksTo(place.sessionName, what),
        ...details,
        restText(fields.rest, details.length > 0),
        reason === undefined ? '' : join([texts.reason, quote(visibleProse(reason))], '\n'),
        placeText(place),
        join(rules, '\n'),
      ],
      '\n\n',
    ),
  };
}

/** `what` ends "Claude asks to …"; the details are Markdown. Fields that it does not take from `fields` are shown as they are. */
type Description = { readonly what: Text; readonly details: readonly Said[] };

function describe(tool: string, fields: InputFields, current: string | undefined): Description {
  switch (tool) {
    case 'Bash':
      return describeCommand(fields);
    case 'Edit':
    case 'MultiEdit':
      return describeEdit(fields);
    case 'NotebookEdit':
      return describeNotebookEdit(fields);
    case 'Write':
      return describeWrite(fields, current);
    case 'WebFetch':
      return describeFetch(fields);
    default:
      return { what: texts.toUse(codeSpan(tool)), details: [] };
  }
}

function describeCommand(fields: InputFields): Description {
  const command = fields.text('command');
  const description = fields.text('description');
  const timeoutMs = fields.number('timeout');
  return {
    what: texts.toRun,
    details: [
      command === undefined ? '' : codeBlock(command, 'bash'),
      description === undefined ? '' : quote(visibleProse(description)),
      fields.flag('run_in_background') ? texts.inBackground : '',
      timeoutMs === undefined ? '' : texts.endsAfter(formatDuration(timeoutMs)),
    ],
  };
}

/** Edit and MultiEdit: the latter has a list of what the former has by itself. */
function describeEdit(fields: InputFields): Description {
  const path = fields.text('file_path');
  const edits = fields.list('edits') ?? [];
  const deadline = diffDeadline();
  return {
    what: texts.toEdit(codeSpan(path ?? '?')),
    details: [
      ...editDetails(fields, deadline),
      ...edits.flatMap((edit) => [...editDetails(edit, deadline), restText(edit.rest, true)]),
    ],
  };
}

function editDetails(fields: InputFields, deadline: number): Said[] {
  const before = fields.text('old_string');
  const after = fields.text('new_string');
  if (before === undefined && after === undefined) return [];
  const diff = textDiff(before ?? '', after ?? '', { deadline }) ?? wholeReplaced(before ?? '', after ?? '');
  return [
    diff === '' ? texts.nothingChanges : codeBlock(diff, 'diff'),
    fields.flag('replace_all') ? texts.everyPlace : '',
  ];
}

function describeNotebookEdit(fields: InputFields): Description {
  const path = fields.text('notebook_path');
  const cell = fields.text('cell_id');
  const kind = fields.text('cell_type');
  const mode = fields.text('edit_mode');
  const source = fields.text('new_source');
  return {
    what: texts.toEdit(codeSpan(path ?? '?')),
    details: [
      cell === undefined ? '' : texts.cell(codeSpan(cell)),
      kind === undefined ? '' : texts.cellKind(codeSpan(kind)),
      mode === undefined ? '' : texts.cellEdit(codeSpan(mode)),
      source === undefined ? '' : contentBlock(wholeReplaced('', source), 'diff'),
    ],
  };
}

function describeWrite(fields: InputFields, current: string | undefined): Description {
  const path = fields.text('file_path');
  const content = fields.text('content');
  const what = texts.toWrite(codeSpan(path ?? '?'));
  if (content === undefined) return { what, details: [] };
  const diff = current === undefined ? undefined : textDiff(current, content, { contextLines });
  if (diff === undefined) return { what, details: [texts.whole, contentBlock(content, '')] };
  return { what, details: diff === '' ? [texts.nothingChanges] : [texts.changes, codeBlock(diff, 'diff')] };
}

function describeFetch(fields: InputFields): Description {
  const url = fields.text('url');
  const prompt = fields.text('prompt');
  return {
    what: texts.toFetch,
    details: [
      url === undefined ? '' : codeBlock(url),
      prompt === undefined ? '' : join([texts.fetchPrompt, quote(visibleProse(prompt))], '\n'),
    ],
  };
}

function contentBlock(content: string, language: string): Said {
  return content === '' ? texts.emptyText : codeBlock(content, language);
}

function restText(rest: Readonly<Record<string, unknown>>, isMore: boolean): Said {
  if (Object.keys(rest).length === 0) return '';
  const json = readableJson(rest);
  const block = json === undefined ? bilingual((language) => codeBlock(texts.tooDeep[language])) : codeBlock(json);
  return isMore ? join([texts.furtherInput, block], '\n') : block;
}

function placeText({ folder, sessionName, nodeId }: AskPlace): Text {
  return texts.place(codeSpan(folder), sessionName, nodeId);
}
