import type { Language } from '@phonework/shared/language';
import type { ChatModel } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import type { HostConfig } from '../config.ts';
import { MailboyAgent } from '../mailboy/agent.ts';
import type { PromptSession } from '../mailboy/prompt.ts';
import { systemPrompt } from '../mailboy/prompt.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import type { Tool } from '../tools/tool.ts';

export type MailboyParts = {
  readonly model: ChatModel;
  readonly tools: readonly Tool[];
  readonly sessions: SessionManager;
  readonly languageOf: (userId: string) => Language;
  readonly logger: Logger;
};

/** The mailboy of this node, told where it is. */
export function createMailboy(
  config: HostConfig,
  { model, tools, sessions, languageOf, logger }: MailboyParts,
): MailboyAgent {
  const { nodeId, workingDir, shellPolicy, language } = config;
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return new MailboyAgent({
    model,
    tools,
    languageOf,
    logger,
    systemPrompt: (userId) =>
      systemPrompt({
        nodeName: nodeId,
        workingDir,
        shellPolicy,
        tools,
        now: new Date(),
        timeZone,
        platform: process.platform,
        sessions: sessionsOf(sessions, userId),
        ...(language !== 'auto' && { language }),
      }),
  });
}

function sessionsOf(manager: SessionManager, userId: string): readonly PromptSession[] {
  const activeId = manager.active(userId)?.id;
  return manager.list(userId).map((session) => {
    const { id, name, cwd: folder } = session;
    return { id, name, folder, state: manager.state(session), isActive: id === activeId };
  });
}
