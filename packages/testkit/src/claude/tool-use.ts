import { randomUUID } from 'node:crypto';
import type { Json } from './json.ts';

/** A tool that the model wants to use. */
export type ToolUse = {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  readonly description?: string;
  readonly suggestions?: readonly Json[];
  /** The tool is a question to the user: it asks in every mode. */
  readonly interacts?: boolean;
  /** Never asks. */
  readonly isHarmless?: boolean;
};

const acceptEdits = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };

export function bashUse(command: string): ToolUse {
  const rule = { toolName: 'Bash', ruleContent: command };
  const suggestions = [
    { type: 'addRules', rules: [rule], behavior: 'allow', destination: 'localSettings' },
    { type: 'addDirectories', directories: [process.cwd()], destination: 'session' },
    acceptEdits,
  ];
  return { ...toolUse('Bash', { command, description: 'Run a command' }), description: 'Run a command', suggestions };
}

/** Write and Edit. */
export function fileUse(name: string, input: Json, description: string): ToolUse {
  return { ...toolUse(name, input), description, suggestions: [acceptEdits] };
}

/** AskUserQuestion and ExitPlanMode. */
export function questionUse(name: string, input: Json): ToolUse {
  return { ...toolUse(name, input), interacts: true };
}

/** A command that only looks. */
export function harmlessUse(command: string): ToolUse {
  return { ...toolUse('Bash', { command }), isHarmless: true };
}

function toolUse(name: string, input: Json) {
  return { id: `toolu_${randomUUID().replaceAll('-', '').slice(0, 24)}`, name, input };
}
