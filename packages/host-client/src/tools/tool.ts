import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { ToolSpec } from '@phonework/shared/llm';
import * as z from 'zod';
import type { TurnContext } from '../turn-context.ts';

/** What the model can call. */
export interface Tool {
  readonly spec: ToolSpec;
  /** What it returns was written by strangers: see Taint. */
  readonly isUntrusted?: boolean;
  /** `rawArguments` is the text that the model wrote. Fails by throwing; a ToolError's message is for the model. */
  call(rawArguments: string, context: TurnContext): Promise<string>;
  /** What an output of `call` says came of it, in a few words; undefined where it is no such output. */
  toOutcome?(output: string): string | undefined;
}

/** A tool that could not do what it was asked. The message is a sentence for the model, and may reach the user. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  /** The same, for a user. */
  readonly said: Said;
  constructor(said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.said = said;
  }
}

/** Makes a Tool out of a typed function: arguments are validated here and nowhere else. */
export function defineTool<Schema extends z.ZodObject>(definition: {
  readonly name: string;
  readonly description: string;
  readonly parameters: Schema;
  readonly isUntrusted?: boolean;
  toOutcome?(output: string): string | undefined;
  run(parameters: z.output<Schema>, context: TurnContext): Promise<string>;
}): Tool {
  const { name, description, parameters, isUntrusted = false, toOutcome } = definition;
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(parameters, { io: 'input' });
  return {
    spec: { name, description, parameters: jsonSchema },
    isUntrusted,
    ...(toOutcome !== undefined && { toOutcome }),
    async call(rawArguments, context) {
      return await definition.run(parseArguments(name, parameters, rawArguments), context);
    },
  };
}

function parseArguments<Schema extends z.ZodObject>(name: string, schema: Schema, raw: string): z.output<Schema> {
  let value: unknown;
  try {
    // Models of the GLM family leave out the arguments of a call that has none.
    value = raw.trim() === '' ? {} : JSON.parse(raw);
  } catch (cause) {
    throw new ToolError(`The arguments of ${name} are not valid JSON. Call it again with a JSON object.`, { cause });
  }
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  throw new ToolError(`The arguments of ${name} are wrong: ${faults.join('; ')}. Call it again with the right ones.`);
}
