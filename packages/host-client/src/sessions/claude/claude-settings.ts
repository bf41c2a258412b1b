import type { Said } from '@phonework/shared/language';
import * as z from 'zod';
import type { ContextUsage, PermissionMode } from '../agent-runner.ts';
import { AgentError } from '../agent-runner.ts';
import { claudeTexts, toReason } from './claude-texts.ts';
import type { ControlAnswer, ControlChannel } from './control-channel.ts';

const Usage = z.object({ totalTokens: z.number(), maxTokens: z.number() });

const Settings = z.object({ effective: z.object({ model: z.string().optional() }) });

/** What can be set and asked of a running Claude Code, besides its conversation. */
export class ClaudeSettings {
  readonly #control: ControlChannel;
  readonly #nodeName: string;

  constructor(control: ControlChannel, nodeName: string) {
    this.#control = control;
    this.#nodeName = nodeName;
  }

  /** Rejects with AgentError `refused`. */
  async setMode(mode: PermissionMode): Promise<void> {
    const answer = await this.#control.request('set_permission_mode', { mode });
    if (answer.kind === 'refused' && answer.code === 'bypass_not_launched') {
      throw new AgentError('refused', claudeTexts.lateBypass(this.#nodeName));
    }
    requireDone(answer, mode);
  }

  /** Rejects with AgentError `refused`. */
  async setModel(model: string | undefined): Promise<void> {
    const name = model ?? (await this.#defaultModel());
    const answer = await this.#control.request('set_model', name === undefined ? {} : { model: name });
    requireDone(answer, model ?? claudeTexts.defaultModel);
  }

  async contextUsage(): Promise<ContextUsage | undefined> {
    const answer = await this.#control.request('get_context_usage');
    const usage = Usage.safeParse(answer.kind === 'done' ? answer.response : undefined).data;
    return usage && { usedTokens: usage.totalTokens, maxTokens: usage.maxTokens };
  }

  /** What its settings say, which `set_model` does not look at; where they say nothing, Claude Code chooses. */
  async #defaultModel(): Promise<string | undefined> {
    const answer = await this.#control.request('get_settings');
    return Settings.safeParse(answer.kind === 'done' ? answer.response : undefined).data?.effective.model;
  }
}

function requireDone(answer: ControlAnswer, what: Said): void {
  if (answer.kind === 'done') return;
  const why = answer.kind === 'refused' ? toReason(answer.reason) : claudeTexts.silent;
  throw new AgentError('refused', claudeTexts.refused(what, why));
}
