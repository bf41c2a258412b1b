import type { HostConfig } from './config.ts';

/** What is on and what is off, and how to turn it on: lines of the start-up text. `file` is where the keys go. */
export function describeHost(config: Omit<HostConfig, 'routerUrl'>, file: string): string {
  const { model, workingDir, shellPolicy } = config;
  return [
    model === undefined
      ? `  Model    off: set OPENAI_API_KEY in ${file}; until then there are commands only (/help)`
      : `  Model    ${model.model} at ${new URL(model.baseUrl).host}`,
    `  Folder   ${workingDir}`,
    `  Shell    ${shellPolicy}${shellPolicy === 'auto' ? '' : ': commands that change something need SHELL_POLICY: auto'}`,
  ].join('\n');
}
