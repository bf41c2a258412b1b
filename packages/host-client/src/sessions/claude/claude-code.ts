import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@phonework/shared/log';
import type { AgentConversation, AgentProcess, AgentRunner, AgentStart, TerminalCommand } from '../agent-runner.ts';
import { AgentError } from '../agent-runner.ts';
import type { StartLineProcess } from '../line-process.ts';
import type { ClaudeTimings } from './claude-process.ts';
import { ClaudeProcess } from './claude-process.ts';
import { claudeTexts } from './claude-texts.ts';
import { hasConversation, listConversations } from './conversations.ts';
import { findClaude } from './find-claude.ts';
import { claudeArguments, claudeEnvironment } from './launch.ts';
import { findLiveProcess } from './live-processes.ts';

export type ClaudeCodeOptions = {
  /** CLAUDE_COMMAND: a name, or a path. */
  readonly command: string;
  /** Ours: Claude Code gets chosen variables of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startLineProcess: StartLineProcess;
  /** What users call this machine. */
  readonly nodeName: string;
  readonly logger: Logger;
  readonly timings?: Partial<ClaudeTimings>;
  /** Whether we run as root, where Claude Code refuses to run without asking. */
  readonly isRoot?: boolean;
};

const defaultTimings: ClaudeTimings = { startMs: 30_000, answerMs: 10_000, killAfterMs: 3_000 };

/** The Claude Code that is installed on this machine. */
export class ClaudeCode implements AgentRunner {
  readonly #options: ClaudeCodeOptions;
  readonly #home: string;
  readonly #configDir: string;
  readonly #processes = new Set<ClaudeProcess>();

  constructor(options: ClaudeCodeOptions) {
    const { HOME, CLAUDE_CONFIG_DIR } = options.environment;
    this.#options = options;
    this.#home = HOME || homedir();
    this.#configDir = CLAUDE_CONFIG_DIR || join(this.#home, '.claude');
  }

  async start(start: AgentStart, signal: AbortSignal): Promise<AgentProcess> {
    const { environment, startLineProcess, nodeName, logger, timings } = this.#options;
    this.#requireAllowed(start);
    const command = await this.#find();
    const isKnown = await hasConversation(this.#configDir, start.conversationId);
    // A new one that it knows: we were cut off before we could note that it was begun.
    const launch = { ...start, resumes: !start.isNew || isKnown };
    const spec = {
      command,
      args: claudeArguments(launch),
      cwd: start.cwd,
      env: claudeEnvironment(environment, launch),
    };
    try {
      const process = await ClaudeProcess.start(
        {
          startLineProcess,
          spec,
          start,
          resumes: launch.resumes,
          nodeName,
          logger,
          timings: { ...defaultTimings, ...timings },
        },
        signal,
      );
      this.#processes.add(process);
      void process.ended.then(() => this.#processes.delete(process));
      return process;
    } catch (cause) {
      const isLost = cause instanceof AgentError && cause.code === 'not_started' && !start.isNew && !isKnown;
      if (!isLost) throw cause;
      throw new AgentError('no_conversation', claudeTexts.noConversation(nodeName), { cause });
    }
  }

  async terminalCommand(conversationId: string): Promise<TerminalCommand> {
    return { command: await this.#find(), args: ['--resume', conversationId] };
  }

  async findOwner(conversationId: string): Promise<number | undefined> {
    const own = new Set([...this.#processes].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
    return await findLiveProcess(this.#configDir, conversationId, own);
  }

  async listConversations(folder: string, limit: number): Promise<readonly AgentConversation[]> {
    return await listConversations(this.#configDir, folder, limit);
  }

  async #find(): Promise<string> {
    const { command, environment, nodeName } = this.#options;
    const found = await findClaude({ command, environment, home: this.#home });
    if (found === undefined) throw new AgentError('missing', claudeTexts.missing(nodeName));
    return found;
  }

  #requireAllowed({ mode }: AgentStart): void {
    const { isRoot = process.getuid?.() === 0, environment, nodeName } = this.#options;
    if (mode !== 'bypassPermissions' || !isRoot || environment.IS_SANDBOX === '1') return;
    throw new AgentError('refused', claudeTexts.rootBypass(nodeName));
  }
}
