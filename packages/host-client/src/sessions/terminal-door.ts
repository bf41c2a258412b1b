import { chmod, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Said } from '@phonework/shared/language';
import { AgentError } from './agent-runner.ts';
import { requireOpenable } from './openable.ts';
import type { SessionDrivers } from './session-drivers.ts';
import { findSession } from './session-name.ts';
import type { SessionPorts } from './session-ports.ts';
import type { Session } from './session-store.ts';
import type { AttachAnswer } from './terminal-messages.ts';
import { AttachRequest } from './terminal-messages.ts';
import { terminalTexts } from './terminal-texts.ts';
import { turnTexts } from './turn-texts.ts';

/** Longer lines are nobody's who may knock here. */
const MAX_LINE_CHARS = 10_000;

/**
 * Gives sessions to terminals on this machine. A session is the terminal's for as long as its connection stays open:
 * however that ends, the chat has it again. The socket lies in the data folder, which is its owner's alone.
 */
export class TerminalDoor {
  readonly #address: string;
  readonly #ports: SessionPorts;
  readonly #drivers: SessionDrivers;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(address: string, ports: SessionPorts, drivers: SessionDrivers) {
    this.#address = address;
    this.#ports = ports;
    this.#drivers = drivers;
  }

  /** A door that can't be opened costs nothing but itself: the log says so. */
  async open(): Promise<void> {
    // What a killed process has left. Nobody else can be behind it: the data folder is ours.
    if (process.platform !== 'win32') await rm(this.#address, { force: true });
    const server = createServer((socket) => void this.#receive(socket));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(this.#address, resolve);
      });
      server.on('error', (error) => this.#ports.logger.warn({ err: error }, 'the door for terminals failed'));
      if (process.platform !== 'win32') await chmod(this.#address, 0o600);
      this.#server = server;
    } catch (error) {
      this.#ports.logger.warn({ err: error }, 'sessions can not be opened in a terminal: their door could not be made');
    }
  }

  /** Closing twice is fine. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #receive(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    const gone = new AbortController();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    try {
      const request = AttachRequest.parse(JSON.parse(await readLine(socket)));
      await this.#attach(request, socket, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      if (!(error instanceof AgentError)) this.#ports.logger.warn({ err: error }, 'a terminal was not understood');
      answer(socket, { kind: 'error', message: error instanceof AgentError ? error.message : turnTexts.unexpected.en });
      socket.end();
    }
  }

  async #attach({ session: text }: AttachRequest, socket: Socket, gone: AbortSignal): Promise<void> {
    const { runner } = this.#ports;
    const session = this.#find(text);
    const driver = this.#drivers.get(session.id);
    if (driver.isLent) throw new AgentError('refused', terminalTexts.taken(session.name));
    if (driver.state !== 'idle') answer(socket, { kind: 'waiting', name: session.name });
    await driver.lend(gone);
    try {
      const current = this.#current(session);
      const cwd = await requireOpenable(this.#ports, current);
      const { command, args } = await runner.terminalCommand(current.conversationId);
      this.#say(session, turnTexts.inTerminal(session.name, this.#ports.nodeId));
      answer(socket, { kind: 'ready', name: session.name, command, args: [...args], cwd });
      await new Promise<void>((resolve) => {
        if (gone.aborted) resolve();
        gone.addEventListener('abort', () => resolve(), { once: true });
      });
      // At a shutdown the terminal goes on; the next start finds out by itself.
      if (this.#server !== undefined) this.#say(session, turnTexts.backFromTerminal(session.name));
    } finally {
      driver.takeBack();
    }
  }

  #find(text: string): Session {
    const all = this.#ports.sessions.list();
    const [last] = all;
    if (text === '') {
      if (last === undefined) throw new AgentError('refused', terminalTexts.noSession);
      return last;
    }
    const found = findSession(all, text, []);
    if (found.kind === 'found') return found.session;
    throw new AgentError(
      'refused',
      terminalTexts.unknown(
        text,
        all.map(({ name }) => name),
      ),
    );
  }

  /** Its conversation may have got another id meanwhile. */
  #current(session: Session): Session {
    return this.#ports.sessions.find(session.id) ?? session;
  }

  /** Of a session that was closed meanwhile there is nothing to say. */
  #say({ id, userId, chatId }: Session, text: Said): void {
    const { store, sessions, say, logger } = this.#ports;
    if (sessions.find(id) === undefined) return;
    store
      .write(() => say({ userId, chatId }, text))
      .catch((error: unknown) => logger.error({ err: error }, 'a notice could not be stored'));
  }
}

function answer(socket: Socket, message: AttachAnswer): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}

async function readLine(socket: Socket): Promise<string> {
  let read = 0;
  socket.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > MAX_LINE_CHARS) socket.destroy();
  });
  for await (const line of createInterface({ input: socket })) return line;
  throw new AgentError('aborted', turnTexts.unexpected);
}
