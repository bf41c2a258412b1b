import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Agent } from './agent.ts';
import { Conversation } from './conversation.ts';
import type { Flags } from './flags.ts';
import { isUuid, parseFlags, UsageError } from './flags.ts';
import { Journal } from './journal.ts';
import { Output, writeAll } from './output.ts';

/**
 * A stand-in for `claude -p --input-format stream-json --output-format stream-json …`: the same stream, the same files
 * under `$HOME/.claude` (or `$CLAUDE_CONFIG_DIR`), the same signals, and no model. The first words of the prompt say
 * what its model does; in capitals is what the test fills in.
 *
 * - `say WORDS`; `echo …` answers with the whole prompt, byte for byte; anything else is quoted: "You said: …"
 * - `remember …`, and later `what did I ask you before?`: lists the earlier prompts, each after "- "
 * - `ask bash COMMAND` asks for permission, then runs it; `run COMMAND` runs it unasked, as a command that only looks
 * - `write FILE TEXT`, `edit FILE OLD NEW`: tools with permission
 * - `question`: two questions, "Which colour?" and "Which sizes?", the second with several answers
 * - `plan` or `plan TEXT`: a plan, then ExitPlanMode; as with the real one only in plan mode
 * - `long MS` streams text for so long; `silent MS` sends no event for so long; `flood COUNT` sends so many at once
 * - `tool-output BYTES`: a tool with so large a result
 * - `bad line` writes a line that is no JSON; `unsolicited` lets a turn follow that nobody asked for
 * - `crash` dies as by SIGKILL; `exit CODE` exits; both without a result
 * - `not logged in` fails with 401 again and again, for minutes; `never logged in` fails at once
 * - `over limit`: the subscription is used up for an hour; `overloaded N`: 529 so many times, more than 10 is a failure
 *
 * After a tool the answer is "It worked: …" or "It failed: …" with the tool's result. `/clear`, `/compact`, `/cost` and
 * `/context` do what they do in the real program.
 */
function main(): void {
  const [journalFolder = '', ...args] = process.argv.slice(2);
  const journal = new Journal(journalFolder);
  journal.started(args);
  const configFolder = process.env.CLAUDE_CONFIG_DIR ?? join(process.env.HOME ?? homedir(), '.claude');
  const flags = parseFlags(args, process.env);
  if (process.stdin.isTTY) {
    throw new UsageError(
      'Error: Input must be provided either through stdin or as a prompt argument when using --print',
    );
  }
  const agent = new Agent({
    flags,
    configFolder,
    conversation: openConversation(flags, configFolder),
    exit: (code) => process.exit(code),
  });
  process.on('SIGINT', () => agent.giveUp());
  process.on('SIGTERM', () => agent.end(143));
  process.on('SIGHUP', () => agent.end(129));
  const receive = (line: string) => {
    journal.received(line);
    if (agent.receive(line)) return;
    const type = /"type"\s*:\s*"(\w+)"/.exec(line)?.[1] ?? 'unknown';
    complain(`Error parsing streaming input line (type=${type}, ${line.length} chars): SyntaxError`);
    agent.end(1);
  };
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    // Not by readline, which takes U+2028 for the end of a line.
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(line);
  });
  process.stdin.on('end', () => agent.close());
  agent.start();
}

function openConversation({ sessionId, resume }: Flags, configFolder: string): Conversation {
  if (resume !== undefined) {
    const found = Conversation.find(configFolder, resume);
    if (found !== undefined) return found;
    const error = `No conversation found with session ID: ${resume}`;
    sayNotFound(isUuid(resume) ? resume : randomUUID(), error);
    throw new UsageError(error);
  }
  if (sessionId !== undefined && Conversation.find(configFolder, sessionId) !== undefined) {
    throw new UsageError(`Error: Session ID ${sessionId} is already in use.`);
  }
  return Conversation.begin(configFolder, sessionId ?? randomUUID());
}

function sayNotFound(sessionId: string, error: string): void {
  new Output({ sessionId, hasPartials: false, hasStates: false }).event({
    type: 'result',
    subtype: 'error_during_execution',
    is_error: true,
    num_turns: 0,
    stop_reason: null,
    total_cost_usd: 0,
    permission_denials: [],
    usage: {},
    errors: [error],
    result_index: 0,
  });
}

function complain(text: string): void {
  writeAll(2, `${text}\n`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  complain(error.message);
  process.exitCode = 1;
}
