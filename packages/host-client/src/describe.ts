import type { HostConfig } from './config.ts';

const shellRules = {
  'read-only': 'runs only commands that change nothing',
  ask: 'asks you before a command changes something',
  auto: 'runs every command but destructive ones',
} as const;

/** What is on and what is off, and how to turn it on: lines of the start-up text. `file` is where the keys go. */
export function describeHost(config: Omit<HostConfig, 'routerUrl'>, file: string): string {
  const { model, workingDir, shellPolicy, web, claude } = config;
  return [
    model === undefined
      ? `  Model    off: set OPENAI_API_KEY in ${file}; until then your messages go to Claude Code, and there are commands (/help)`
      : `  Model    ${model.model} at ${new URL(model.baseUrl).host}`,
    `  Folder   ${workingDir}`,
    `  Claude   ${claude.command}, in mode ${claude.permissionMode}`,
    web === undefined ? `  Web      off: set METASO_API_KEY in ${file}` : `  Web      ${new URL(web.url).host}`,
    `  Shell    ${shellPolicy}: ${shellRules[shellPolicy]}`,
  ].join('\n');
}
