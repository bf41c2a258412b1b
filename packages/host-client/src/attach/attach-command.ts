import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { commonKeys } from '@phonework/shared/common-keys';
import type { Environment, Values } from '@phonework/shared/config';
import type { CommandArguments, CommandDescription } from '@phonework/shared/program';
import { UsageError } from '@phonework/shared/program';
import { terminalAddress } from '../sessions/terminal-address.ts';
import type { AttachRequest } from '../sessions/terminal-messages.ts';
import { AttachAnswer } from '../sessions/terminal-messages.ts';

/** There is no node to ask, or it did not give the session. The message is for the person at the terminal. */
class AttachError extends Error {
  override readonly name = 'AttachError';
  readonly code = 'not_attached';
}

type Ready = Extract<AttachAnswer, { kind: 'ready' }>;

/** `attach [session]`: takes a session from the chat, goes on with it in this terminal, and gives it back. */
export const attachCommand: CommandDescription & {
  readonly needs: readonly string[];
  run(
    given: CommandArguments,
    configuration: { readonly values: Values<Pick<typeof commonKeys, 'DATA_DIR'>> },
    context: { readonly environment: Environment; print(text: string): void },
  ): Promise<void>;
} = {
  name: 'attach',
  parameters: '[session]',
  summary: 'go on with a session in this terminal; the chat has it again when you leave',
  flags: [],
  needs: ['DATA_DIR', 'LOG_LEVEL'],
  async run({ operands }, { values }, { environment, print }) {
    const [session = '', ...more] = operands;
    if (more.length > 0) throw new UsageError('attach takes one session, by name or id.');
    const socket = await knock(values.DATA_DIR);
    try {
      await openTerminal(await ask(socket, { session }, print), environment);
    } finally {
      socket.destroy();
    }
    print('The chat has the session again.');
  },
};

async function knock(dataDir: string): Promise<Socket> {
  const address = terminalAddress(dataDir);
  if (address === undefined)
    throw new AttachError(`The path of ${dataDir} is too long for this: use a shorter DATA_DIR.`);
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    socket.destroy();
    throw new AttachError(
      `No node runs here with the data folder ${dataDir}: start it, or name its folder with --data-dir.`,
      { cause },
    );
  }
}

async function ask(socket: Socket, request: AttachRequest, print: (text: string) => void): Promise<Ready> {
  socket.write(`${JSON.stringify(request)}\n`);
  for await (const line of createInterface({ input: socket })) {
    const answer = AttachAnswer.parse(JSON.parse(line));
    if (answer.kind === 'ready') return answer;
    if (answer.kind === 'error') throw new AttachError(answer.message);
    print(
      `${answer.name} is working: it opens here when that is done. Ctrl-C leaves it to the chat; /stop there ends it.`,
    );
  }
  throw new AttachError('The node has ended: start it, and try again.');
}

async function openTerminal({ command, args, cwd }: Ready, environment: Environment): Promise<void> {
  const child = spawn(command, args, { cwd, env: environment, stdio: 'inherit' });
  try {
    await once(child, 'exit');
  } catch (cause) {
    throw new AttachError(`${command} did not start: see whether it runs by itself.`, { cause });
  }
}
