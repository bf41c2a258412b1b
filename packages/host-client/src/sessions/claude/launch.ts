import { childEnvironment } from '../../shell/environment.ts';
import type { AgentStart } from '../agent-runner.ts';

export type ClaudeLaunch = Pick<AgentStart, 'conversationId' | 'continuesCutTurn' | 'mode' | 'model'> & {
  /** Whether Claude Code has the conversation already. */
  readonly resumes: boolean;
};

/** A conversation in JSON lines both ways, in which we are asked before a tool is used. */
const streaming = [
  '-p',
  ...['--input-format', 'stream-json'],
  ...['--output-format', 'stream-json'],
  '--verbose',
  '--include-partial-messages',
  ...['--permission-prompt-tool', 'stdio'],
] as const;

export function claudeArguments({ conversationId, resumes, mode, model }: ClaudeLaunch): readonly string[] {
  return [
    ...streaming,
    ...[resumes ? '--resume' : '--session-id', conversationId],
    // From the start: a turn that is continued runs before we could set it.
    ...['--permission-mode', mode],
    ...(model === undefined ? [] : ['--model', model]),
  ];
}

/**
 * What Claude Code itself reads, besides what every program needs. Its own variables are not among it: with those of a
 * Claude that we may run in, it would take itself for a part of that one.
 */
const passedOn =
  /^(ANTHROPIC_[A-Z0-9_]+|CLAUDE_CONFIG_DIR|DISABLE_[A-Z0-9_]+|IS_SANDBOX|NODE_EXTRA_CA_CERTS|(HTTPS?|ALL|NO)_PROXY)$/;

const passedOnInAnyCase = /^(https?|all|no)_proxy$/;

/** All that Claude Code gets, out of `parent`, which is ours and holds secrets. */
export function claudeEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  { continuesCutTurn, resumes }: Pick<ClaudeLaunch, 'continuesCutTurn' | 'resumes'>,
): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && (passedOn.test(name) || passedOnInAnyCase.test(name))) own[name] = value;
  }
  return {
    ...childEnvironment(parent),
    ...own,
    // Under this name its conversations stay in its own lists, for the user at the desk.
    CLAUDE_CODE_ENTRYPOINT: 'phonework',
    CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
    CLAUDE_CODE_STARTUP_FAILURE_RESULTS: '1',
    ...(continuesCutTurn && resumes && { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' }),
  };
}
