import type { Mode } from './flags.ts';
import type { Json } from './json.ts';
import { VERSION } from './version.ts';

/** Comes at the start of every turn. */
export function initEvent({ mode, model }: { readonly mode: Mode; readonly model: string }): Json {
  return {
    type: 'system',
    subtype: 'init',
    cwd: process.cwd(),
    tools: ['Task', 'AskUserQuestion', 'Bash', 'Edit', 'ExitPlanMode', 'Read', 'Write'],
    mcp_servers: [],
    model,
    permissionMode: mode,
    slash_commands: ['clear', 'compact', 'context', 'cost'],
    apiKeySource: 'none',
    claude_code_version: VERSION,
    output_style: 'default',
    agents: [],
    skills: [],
    plugins: [],
  };
}

/** A turn's end. The key order is the real one's: `type` is not the first. */
export function resultEvent(
  fields: Json,
  { costUsd, index }: { readonly costUsd: number; readonly index: number },
): Json {
  return {
    duration_api_ms: 10,
    total_cost_usd: costUsd,
    usage: { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5 },
    modelUsage: {},
    ...fields,
    type: 'result',
    duration_ms: 10,
    queued_turn_count: 0,
    result_index: index,
  };
}
