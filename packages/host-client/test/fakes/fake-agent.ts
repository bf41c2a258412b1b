import { waitFor } from '@phonework/testkit/wait';
import type {
  AgentAsk,
  AgentDecision,
  AgentEnd,
  AgentEvent,
  AgentProcess,
  AgentResult,
  AgentStart,
  ContextUsage,
  PermissionMode,
} from '../../src/sessions/agent-runner.ts';
import { AgentError } from '../../src/sessions/agent-runner.ts';

type Message = { readonly id: string; readonly text: string };

/** One process of the fake agent: it keeps what it is told, and says what the test makes it say. */
export class FakeAgent implements AgentProcess {
  readonly begun: AgentStart;
  readonly ended: Promise<AgentEnd>;
  readonly sent: Message[] = [];
  readonly answered: { readonly requestId: string; readonly decision: AgentDecision }[] = [];
  readonly modes: PermissionMode[] = [];
  readonly models: (string | undefined)[] = [];
  /** How it was asked to end. */
  readonly endings: { readonly resumable: boolean }[] = [];
  interrupts = 0;
  isGone = false;
  usage: ContextUsage | undefined;
  /** When set, settings are refused with it. */
  refusal: AgentError | undefined;
  /** When set, a model is refused with it. */
  modelRefusal: AgentError | undefined;
  /** What happens while it is given a message. */
  whenSent: () => Promise<void> | void = () => {};
  /** What it does when it is interrupted. */
  whenInterrupted: () => Promise<void> | void = () => this.finish('', { isInterrupted: true });
  /** When set, it takes until this resolves to be gone. */
  endsAfter: Promise<void> | undefined;
  readonly #end: (end: AgentEnd) => void;

  constructor(start: AgentStart) {
    this.begun = start;
    const { promise, resolve } = Promise.withResolvers<AgentEnd>();
    this.ended = promise;
    this.#end = resolve;
  }

  async send(message: Message): Promise<void> {
    await this.whenSent();
    if (this.isGone) throw new AgentError('ended', 'It has ended.');
    this.sent.push(message);
  }

  async interrupt(): Promise<void> {
    this.interrupts += 1;
    await this.whenInterrupted();
  }

  answer(requestId: string, decision: AgentDecision): Promise<void> {
    this.answered.push({ requestId, decision });
    return Promise.resolve();
  }

  setMode(mode: PermissionMode): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    this.modes.push(mode);
    return Promise.resolve();
  }

  setModel(model: string | undefined): Promise<void> {
    const refusal = this.refusal ?? this.modelRefusal;
    if (refusal !== undefined) return Promise.reject(refusal);
    this.models.push(model);
    return Promise.resolve();
  }

  contextUsage(): Promise<ContextUsage | undefined> {
    return Promise.resolve(this.usage);
  }

  async end(how: { readonly resumable: boolean }): Promise<void> {
    this.endings.push(how);
    await this.endsAfter;
    this.#leave({ code: 0 });
  }

  /** The `nth` message that it got, counted from 1, once it has come. */
  async got(nth = 1): Promise<Message> {
    return await waitFor(() => this.sent[nth - 1], { what: `message ${nth} to the agent` });
  }

  /** The message of this text, once it has come. */
  async told(text: string): Promise<Message> {
    return await waitFor(() => this.sent.find((message) => message.text === text), { what: `"${text}" to the agent` });
  }

  emit(event: AgentEvent): void {
    if (!this.isGone) this.begun.onEvent(event);
  }

  /** A turn begins. */
  begin({ conversationId = this.begun.conversationId, model = 'claude-test' } = {}): void {
    this.emit({ kind: 'turn-started', conversationId, model, mode: this.begun.mode });
  }

  say(text: string): void {
    this.emit({ kind: 'message', text });
  }

  ask(requestId: string, ask: AgentAsk): void {
    this.emit({ kind: 'asks', requestId, ask });
  }

  /** The turn of the message that came last ends. */
  finish(text: string, result: Partial<AgentResult> = {}): void {
    const messageIds = this.sent.slice(-1).map(({ id }) => id);
    this.emit({
      kind: 'turn-ended',
      result: { messageIds, text, isInterrupted: false, costUsd: undefined, ...result },
    });
  }

  /** Gets a message, and answers it. */
  async serve(text: string, nth = 1): Promise<Message> {
    const message = await this.got(nth);
    this.begin();
    this.finish(text);
    return message;
  }

  /** It is gone without having been asked to. */
  die(reason?: AgentEnd['reason']): void {
    this.#leave({ code: 1, ...(reason !== undefined && { reason }) });
  }

  #leave(end: AgentEnd): void {
    this.isGone = true;
    this.#end(end);
  }
}

/** May it run this? */
export function mayRun(command = 'npm test'): AgentAsk {
  return { kind: 'permission', tool: 'Bash', input: { command }, sessionRule: 'Bash(npm test *)' };
}
