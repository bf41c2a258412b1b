import type { RunShellOptions } from './run-shell.ts';
import { runShellTool } from './run-shell.ts';
import type { Tool } from './tool.ts';

/** All tools of the mailboy. */
export function createTools(parts: { readonly shell: RunShellOptions }): readonly Tool[] {
  return [runShellTool(parts.shell)];
}
