import { randomUUID } from 'node:crypto';
import { Conversation } from './conversation.ts';
import type { Message } from './input-line.ts';
import type { Json } from './json.ts';
import type { Output } from './output.ts';

/** What a command of the program itself needs of it. */
type CommandHost = {
  readonly configFolder: string;
  readonly conversation: Conversation;
  readonly output: Output;
  readonly costUsd: number;
  init(): void;
  result(fields: Json): void;
  switchTo(conversation: Conversation): void;
};

export function isSlashCommand(text: string): boolean {
  return /^\/(clear|compact|context|cost)(\s|$)/.test(text);
}

/** Runs one without asking the model; anything else that begins with a slash is text. */
export function runSlashCommand(host: CommandHost, message: Message): void {
  const command = message.text.slice(1).split(/\s/, 1)[0] ?? '';
  const text = perform(host, command, message);
  host.result({
    is_error: false,
    num_turns: 0,
    stop_reason: null,
    permission_denials: [],
    subtype: 'success',
    result: text,
    user_message_uuid: message.uuid,
    user_message_uuids: [message.uuid],
    local_command: command,
  });
}

function perform(host: CommandHost, command: string, message: Message): string {
  switch (command) {
    case 'clear':
      return clear(host, message);
    case 'compact':
      return compact(host);
    case 'cost':
      return tell(host, `Estimated cost:        $${host.costUsd.toFixed(4)}`);
    default:
      return tell(host, '## Context Usage\n\n**Tokens:** 2.4k / 1m (0%)');
  }
}

function clear(host: CommandHost, { uuid }: Message): string {
  // The real program names an id here that is not the one under which it goes on.
  const reset = { type: 'conversation_reset', new_conversation_id: randomUUID(), trigger: 'clear' };
  host.output.event({ ...reset, user_message_uuid: uuid });
  host.switchTo(Conversation.begin(host.configFolder, randomUUID()));
  host.conversation.addClearing(uuid);
  host.init();
  return '';
}

function compact(host: CommandHost): string {
  const { conversation, output } = host;
  output.system('status', { status: 'compacting' });
  const summary = `This session is being continued from a previous conversation. Summary: ${conversation.prompts.length} prompts.`;
  conversation.addCompaction(summary);
  output.system('status', { status: null, compact_result: 'success' });
  host.init();
  output.system('compact_boundary', { compact_metadata: { trigger: 'manual', pre_tokens: 100, post_tokens: 10 } });
  replay(output, summary, { isReplay: false, isSynthetic: true });
  replay(output, '<local-command-stdout>Compacted </local-command-stdout>', { isReplay: true });
  return '';
}

function replay(output: Output, content: string, fields: Json): void {
  output.event({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: null, ...fields });
}

function tell(host: CommandHost, text: string): string {
  host.init();
  const message = { id: randomUUID(), type: 'message', role: 'assistant', model: '<synthetic>' };
  const content = [{ type: 'text', text }];
  host.output.event({ type: 'assistant', message: { ...message, content }, parent_tool_use_id: null });
  return text;
}
