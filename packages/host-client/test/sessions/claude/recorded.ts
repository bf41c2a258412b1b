import { readFileSync } from 'node:fs';
import type { AgentEvent } from '../../../src/sessions/agent-runner.ts';
import { parseCliLine } from '../../../src/sessions/claude/cli-messages.ts';
import { StreamEvents } from '../../../src/sessions/claude/stream-events.ts';

/** Id of the message in every recording. */
export const sentId = '38fcb979-f78c-4917-b0bc-4343cb2a5c94';

/** What Claude Code 2.1.330 wrote, without the fields that we never look at. */
export function recordedLines(name: string): readonly string[] {
  const text = readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8');
  return text.trimEnd().split('\n');
}

export function eventsOf(lines: readonly string[], options: { readonly now?: () => number } = {}): AgentEvent[] {
  const events = new StreamEvents({ conversationId: recordedSession(lines), nodeName: 'home-pc', ...options });
  return lines.flatMap((line) => {
    const message = parseCliLine(line);
    return message === 'noise' || message === 'unknown' ? [] : [...events.read(message)];
  });
}

/** The conversation that the first line belongs to. */
export function recordedSession([line = '']: readonly string[]): string {
  return /"session_id":"([^"]+)"/.exec(line)?.[1] ?? '';
}
