import type { Tool } from './tool.ts';

/**
 * The tool, with this machine's secrets taken out of what it gives: a file or a process that a command may look into can
 * hold them, and what the model has read it may repeat anywhere.
 */
export function withoutSecrets(tool: Tool, redact: (text: string) => string): Tool {
  return { ...tool, call: async (rawArguments, context) => redact(await tool.call(rawArguments, context)) };
}
