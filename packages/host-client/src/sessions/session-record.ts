import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';
import type { AgentEvent } from './agent-runner.ts';
import type { SessionPorts } from './session-ports.ts';
import type { Session, SessionChange } from './session-store.ts';

/** What is written down of one session while it works: its row, its audit, and the log. Nothing here rejects. */
export class SessionRecord {
  readonly #sessionId: string;
  readonly #ports: SessionPorts;

  constructor(sessionId: string, ports: SessionPorts) {
    this.#sessionId = sessionId;
    this.#ports = ports;
  }

  /** Undefined once it is closed. */
  find(): Session | undefined {
    return this.#ports.sessions.find(this.#sessionId);
  }

  change(change: SessionChange): void {
    const { store, sessions } = this.#ports;
    store
      .write(() => sessions.change(this.#sessionId, change))
      .catch((error: unknown) => this.complain(error, 'a session could not be stored'));
  }

  /** Sends its user a message. */
  say(chatId: string, text: Said): void {
    const { store, say } = this.#ports;
    const session = this.find();
    if (session === undefined) return;
    store
      .write(() => say({ userId: session.userId, chatId }, text))
      .catch((error: unknown) => this.complain(error, 'a message could not be stored'));
  }

  /** What the running turn does, for when a crash cuts it. */
  noteStep(turnId: string, step: Said | undefined): void {
    const { store, turns, languageOf } = this.#ports;
    const session = this.find();
    if (step === undefined || session === undefined) return;
    store.writeLater(() => turns.noteStep(turnId, inLanguage(step, languageOf(session.userId))));
  }

  audit(event: AgentEvent): void {
    const entry = toAuditEntry(event);
    if (entry !== undefined) this.#ports.audit.write(this.#sessionId, entry);
  }

  complain(error: unknown, what: string): void {
    this.#ports.logger.error({ err: error, session: this.#sessionId }, what);
  }
}

function toAuditEntry(event: AgentEvent): Parameters<SessionPorts['audit']['write']>[1] | undefined {
  switch (event.kind) {
    case 'tool-started':
      return { kind: 'tool', tool: event.name, input: event.input };
    case 'tool-ended':
      return { kind: 'tool-result', isError: event.isError, text: event.output };
    case 'asks':
      return { kind: 'asks', asked: event.ask.kind === 'permission' ? event.ask.tool : event.ask.kind };
    case 'turn-ended':
      return { kind: 'result', text: event.result.text, costUsd: event.result.costUsd };
    default:
      return undefined;
  }
}
