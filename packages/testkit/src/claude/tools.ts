import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { text as readText } from 'node:stream/consumers';
import { Interruption } from './interruption.ts';
import type { Json } from './json.ts';
import { isJson, textOf } from './json.ts';

/** `content` is for the model, `detail` goes out as `tool_use_result`. */
export type ToolOutcome = { readonly content: string; readonly isError: boolean; readonly detail: unknown };

/** The tools, really at work; commands in sessions of their own, as the real program starts them. */
export class Tools {
  readonly #running = new Set<ChildProcess>();

  /** Rejects with Interruption when `signal` fires; the command is killed then. */
  async run(name: string, input: Json, signal: AbortSignal): Promise<ToolOutcome> {
    switch (name) {
      case 'Bash':
        return await this.#bash(textOf(input.command), signal);
      case 'Write':
        return write(textOf(input.file_path), textOf(input.content));
      case 'Edit':
        return edit(input);
      case 'AskUserQuestion':
        return answered(input);
      default:
        return done('User has approved exiting plan mode. You can now proceed.', { plan: null, isAgent: false });
    }
  }

  /** A SIGKILL of this process does not come here: what runs then is left behind. */
  kill(): void {
    for (const child of this.#running) killGroup(child);
  }

  async #bash(command: string, signal: AbortSignal): Promise<ToolOutcome> {
    if (signal.aborted) throw new Interruption();
    const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    const stop = () => killGroup(child);
    signal.addEventListener('abort', stop, { once: true });
    const closed = once(child, 'close');
    const [stdout, stderr] = await Promise.all([readText(child.stdout), readText(child.stderr)]);
    const [code] = await closed;
    signal.removeEventListener('abort', stop);
    this.#running.delete(child);
    if (signal.aborted) throw new Interruption();
    const output = [stdout, stderr].map((part) => part.replace(/\n$/, '')).filter((part) => part !== '');
    if (code !== 0) return failed([`Exit code ${code ?? 137}`, ...output].join('\n'));
    const detail = { stdout: output.join('\n'), stderr: '', interrupted: false, isImage: false };
    return done(output.join('\n') || '(Bash completed with no output)', detail);
  }
}

function done(content: string, detail: unknown): ToolOutcome {
  return { content, isError: false, detail };
}

export function failed(content: string): ToolOutcome {
  return { content, isError: true, detail: `Error: ${content}` };
}

const UNREAD = '(file state is current in your context — no need to Read it back)';

function write(filePath: string, content: string): ToolOutcome {
  const type = existsSync(filePath) ? 'update' : 'create';
  writeFileSync(filePath, content);
  return done(`File ${type}d successfully at: ${filePath} ${UNREAD}`, { type, filePath, content });
}

function edit(input: Json): ToolOutcome {
  const filePath = textOf(input.file_path);
  const oldString = textOf(input.old_string);
  const newString = textOf(input.new_string);
  const before = existsSync(filePath) ? readFileSync(filePath, 'utf8') : undefined;
  if (before?.includes(oldString) !== true) {
    return failed('<tool_use_error>String to replace not found in file.</tool_use_error>');
  }
  writeFileSync(
    filePath,
    before.replace(oldString, () => newString),
  );
  return done(`The file ${filePath} has been updated successfully. ${UNREAD}`, { filePath, oldString, newString });
}

function answered(input: Json): ToolOutcome {
  const answers = isJson(input.answers) ? Object.entries(input.answers) : [];
  const list = answers.map(([question, answer]) => `"${question}"="${textOf(answer)}"`).join(', ');
  if (list === '') return done('The user did not answer the questions.', { ...input, answers: {} });
  return done(`Your questions have been answered: ${list}. You can now continue with these answers in mind.`, input);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended just now.
  }
}
