import type { RouterConfig } from './config.ts';

export { CONSOLE_USER_ID } from './bot/console/user.ts';

/** What is on and what is off, and how to turn it on: lines of the start-up text. */
export function describeRouter(config: RouterConfig, consoleUrl: string | undefined): string {
  const { feishu, allowedOpenIds } = config;
  const lines = [
    feishu === undefined
      ? '  Feishu   off: set FEISHU_APP_ID and FEISHU_APP_SECRET in keyring.yaml'
      : `  Feishu   ${feishu.appId}, ${feishu.eventMode.kind === 'webhook' ? 'webhook at /feishu/events' : 'long connection'}`,
  ];
  if (feishu !== undefined) {
    lines.push(
      allowedOpenIds.length === 0
        ? '  Users    none yet: write to the bot, it answers with your open_id; put that into ALLOWED_OPEN_IDS'
        : `  Users    ${allowedOpenIds.length} allowed`,
    );
  }
  lines.push(consoleUrl === undefined ? '  Console  off: set CONSOLE: on' : `  Console  ${consoleUrl}`);
  return lines.join('\n');
}

/** Who picks a machine where a message names none: a line of the start-up text. */
export function describeRouting({ model }: RouterConfig): string {
  return model === undefined
    ? '  Routing  by rules, and by asking: set ROUTER_LLM_API_KEY or OPENAI_API_KEY for a model that picks the machine'
    : `  Routing  ${model.model} at ${new URL(model.baseUrl).host}`;
}
