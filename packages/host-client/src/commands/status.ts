import { formatDuration } from '@phonework/shared/duration';
import type { ImmediateCommand } from './command.ts';

/** What does not change while the node runs. */
export type NodeFacts = {
  readonly nodeId: string;
  readonly workingDir: string;
  readonly model: string | undefined;
  readonly shellPolicy: string;
};

/** `/status`: what this node is, and what it is doing for the user. */
export function statusCommand(
  facts: NodeFacts,
  turns: {
    readonly elapsedMs: (userId: string) => number | undefined;
    readonly waiting: (userId: string) => number;
  },
): ImmediateCommand {
  return {
    kind: 'immediate',
    name: '/status',
    run({ userId }) {
      const elapsedMs = turns.elapsedMs(userId);
      const waiting = turns.waiting(userId);
      return [
        `**${facts.nodeId}**`,
        `Folder: ${facts.workingDir}`,
        `Model: ${facts.model ?? 'none (commands only)'}`,
        `Shell: ${facts.shellPolicy}`,
        elapsedMs === undefined ? 'Nothing is running.' : `Running: one message, for ${formatDuration(elapsedMs)}`,
        ...(waiting > 0 ? [`Waiting: ${waiting}`] : []),
      ].join('\n');
    },
  };
}
