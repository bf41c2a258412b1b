import { basename } from 'node:path';
import type { Text } from '@phonework/shared/language';
import type { AgentConversation, PermissionMode } from './agent-runner.ts';
import type { DriverState } from './session-driver.ts';
import type { SessionDrivers } from './session-drivers.ts';
import { sessionName } from './session-name.ts';
import type { Recipient, SessionPorts } from './session-ports.ts';
import type { Listed, NewSession, Session, TalksTo } from './session-store.ts';

/** A session as it is now. */
export type SessionView = {
  readonly session: Session;
  readonly state: DriverState | 'cut' | 'held';
  /** What its running turn does. */
  readonly activity: { readonly step: Text | undefined; readonly elapsedMs: number } | undefined;
  /** The messages that wait, in order. */
  readonly waiting: readonly string[];
};

/** The sessions of all users: which there are, and what each user has chosen. Nothing here is about what they are told. */
export class SessionManager {
  readonly #ports: SessionPorts;
  readonly #drivers: SessionDrivers;

  constructor(ports: SessionPorts, drivers: SessionDrivers) {
    this.#ports = ports;
    this.#drivers = drivers;
  }

  /** A user's, last used first. */
  list(userId: string): Session[] {
    return this.#ports.sessions.list(userId);
  }

  /** Of all users. */
  all(): Session[] {
    return this.#ports.sessions.list();
  }

  active(userId: string): Session | undefined {
    return this.#ports.sessions.active(userId);
  }

  talksTo(userId: string): TalksTo | undefined {
    return this.#ports.sessions.talksTo(userId);
  }

  /** For lists of many: costs no look at what waits. */
  state({ id, hold }: Session): SessionView['state'] {
    const state = this.#drivers.find(id)?.state ?? 'idle';
    if (state !== 'idle' || hold === undefined) return state;
    return hold === 'cut' ? 'cut' : 'held';
  }

  view(session: Session): SessionView {
    return {
      session,
      state: this.state(session),
      activity: this.#drivers.find(session.id)?.activity,
      waiting: this.#ports.turns.list(session.id, 'waiting').map(({ text }) => text),
    };
  }

  /** What the numbers of the list that the user saw last stand for, the first is 1. */
  listed(userId: string): readonly Listed[] {
    return this.#ports.sessions.listed(userId);
  }

  /** For use inside `store.write`. */
  setListed(userId: string, listed: readonly Listed[]): void {
    this.#ports.sessions.setListed(userId, listed);
  }

  /** For use inside `store.write`. */
  setTalksTo(userId: string, talksTo: TalksTo): void {
    this.#ports.sessions.setTalksTo(userId, talksTo);
  }

  /** Makes it the one that its user works with. For use inside `store.write`. */
  activate(session: Session): void {
    this.#ports.sessions.setActive(session.userId, session.id);
  }

  /** A new session in a folder that exists, and the one that its user works with now. For use inside `store.write`. */
  create(
    to: Recipient,
    {
      cwd,
      name = basename(cwd),
      timeoutS,
    }: { readonly cwd: string; readonly name?: string; readonly timeoutS?: number },
  ): Session {
    return this.#add({ ...to, cwd, name, ...(timeoutS !== undefined && { timeoutS }) });
  }

  /**
   * A conversation that a person had at the machine goes on here: undefined where it is a session of another user's.
   * For use inside `store.write`.
   */
  takeOver(
    to: Recipient,
    { conversationId, cwd }: Pick<AgentConversation, 'conversationId' | 'cwd'>,
  ): Session | undefined {
    const taken = this.all().find((session) => session.conversationId === conversationId);
    if (taken === undefined) return this.#add({ ...to, cwd, conversationId, name: basename(cwd) });
    if (taken.userId !== to.userId) return undefined;
    this.activate(taken);
    return taken;
  }

  /** The conversations of this machine that are no session of anybody's, newest first. */
  async otherConversations(limit: number): Promise<readonly AgentConversation[]> {
    const { runner, sessions, workingDir } = this.#ports;
    const ours = new Set(sessions.list().map(({ conversationId }) => conversationId));
    const found = await runner.listConversations(workingDir, limit + ours.size);
    return found.filter(({ conversationId }) => !ours.has(conversationId)).slice(0, limit);
  }

  /** Ends what a session does now. False when it does nothing. */
  interrupt(session: Session): boolean {
    return this.#drivers.find(session.id)?.stop('user') ?? false;
  }

  /** From now on; resolves when a running process has it too. */
  async setMode(session: Session, mode: PermissionMode): Promise<void> {
    await this.#ports.store.write(() => this.#ports.sessions.change(session.id, { mode }));
    await this.#drivers.find(session.id)?.applySettings();
  }

  /** `undefined` is the agent's default. */
  async setModel(session: Session, model: string | undefined): Promise<void> {
    await this.#ports.store.write(() => this.#ports.sessions.change(session.id, { model: model ?? null }));
    await this.#drivers.find(session.id)?.applySettings();
  }

  #add(session: Omit<NewSession, 'mode'>): Session {
    const { sessions, defaultMode, onChange, store } = this.#ports;
    const taken = sessions.list(session.userId).map(({ name }) => name);
    const added = sessions.add({ ...session, name: sessionName(session.name, taken), mode: defaultMode });
    sessions.setActive(session.userId, added.id);
    store.afterCommit(onChange);
    return added;
  }
}
