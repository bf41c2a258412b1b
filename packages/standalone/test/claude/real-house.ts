import type { MessagesApi } from '@phonework/testkit/messages-api';
import { quietEnvironment, realClaude } from '@phonework/testkit/real-claude';
import type { ClaudeHouseOptions } from './claude-house.ts';
import { ClaudeHouse } from './claude-house.ts';

/** A house with the real Claude Code, whose model is `api`. */
export async function startRealHouse(
  api: MessagesApi,
  options: Pick<ClaudeHouseOptions, 'users' | 'keyring'> = {},
): Promise<ClaudeHouse> {
  const variables = Object.entries(quietEnvironment(api.url));
  const isClaudesOwn = ([name]: [string, string]) => name.startsWith('CLAUDE_CODE_');
  return await ClaudeHouse.start({
    ...options,
    command: await realClaude(),
    environment: Object.fromEntries(variables.filter((variable) => !isClaudesOwn(variable))),
    // Claude Code does not get these from us: a user has them here.
    settings: { env: Object.fromEntries(variables.filter(isClaudesOwn)) },
  });
}
