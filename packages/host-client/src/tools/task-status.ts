import { formatDuration } from '@phonework/shared/duration';
import * as z from 'zod';
import { excerpt } from '../tasks/excerpt.ts';
import type { Task, TaskOutput } from '../tasks/task.ts';
import { elapsedMs } from '../tasks/task.ts';
import { taskToolTexts } from './task-tool-texts.ts';
import type { Tool } from './tool.ts';
import { defineTool, ToolError } from './tool.ts';

const OUTPUT_CHARS = 8_000;

const parameters = z.object({ task_id: z.string().min(1).describe('Its id: 6 characters.') });

/** The `task_status` tool: how far a task of the user's is, and what it has said. */
export function taskStatusTool(tasks: {
  readonly find: (userId: string, id: string) => Task | undefined;
  readonly output: (userId: string, id: string) => TaskOutput | undefined;
}): Tool {
  return defineTool({
    name: 'task_status',
    description:
      'See the state of a background task and its output so far. Do not poll: the user is notified at its end.',
    parameters,
    async run({ task_id }, { userId }) {
      const id = task_id.replace(/^#/, '').toLowerCase();
      const task = tasks.find(userId, id);
      if (task === undefined) throw new ToolError(taskToolTexts.unknown(id));
      const output = tasks.output(userId, id) ?? { text: '', leftOut: 0 };
      return JSON.stringify({
        task_id: id,
        description: task.description,
        state: task.state,
        ...(task.reason !== undefined && { reason: task.reason }),
        time: formatDuration(elapsedMs(task, Date.now())),
        output: excerpt(output, OUTPUT_CHARS, taskToolTexts.leftOut),
      });
    },
  });
}
