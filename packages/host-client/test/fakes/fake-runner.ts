import { waitFor } from '@phonework/testkit/wait';
import type {
  AgentConversation,
  AgentProcess,
  AgentRunner,
  AgentStart,
  TerminalCommand,
} from '../../src/sessions/agent-runner.ts';
import { AgentError } from '../../src/sessions/agent-runner.ts';
import { FakeAgent } from './fake-agent.ts';

/** A coding agent whose processes are the test's to play. */
export class FakeRunner implements AgentRunner {
  /** Every process that was started, in that order. */
  readonly started: FakeAgent[] = [];
  /** What the next starts are refused with, one each. */
  readonly refusals: AgentError[] = [];
  /** Every start that was asked for, also those that came to nothing. */
  readonly asked: AgentStart[] = [];
  /** Conversations that another program has open, and its pid. */
  readonly owners = new Map<string, number>();
  conversations: readonly AgentConversation[] = [];
  /** When set, processes take until it resolves to start. */
  startsAfter: Promise<void> | undefined;
  /** When set, processes run, and may ask, but are handed out only when it resolves. */
  handsOutAfter: Promise<void> | undefined;
  /** Called with each new process before it is handed out. */
  prepare: (agent: FakeAgent) => void = () => {};

  async start(start: AgentStart, signal: AbortSignal): Promise<AgentProcess> {
    this.asked.push(start);
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    await Promise.race([this.startsAfter, aborted.promise]);
    if (signal.aborted) throw new AgentError('aborted', 'It was stopped while it started.');
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    const agent = new FakeAgent(start);
    this.prepare(agent);
    this.started.push(agent);
    await this.handsOutAfter;
    return agent;
  }

  findOwner(conversationId: string): Promise<number | undefined> {
    return Promise.resolve(this.owners.get(conversationId));
  }

  listConversations(_folder: string, limit: number): Promise<readonly AgentConversation[]> {
    return Promise.resolve(this.conversations.slice(0, limit));
  }

  terminalCommand(conversationId: string): Promise<TerminalCommand> {
    return Promise.resolve({ command: '/bin/echo', args: [conversationId] });
  }

  /** The `nth` process, counted from 1, once it is there. */
  async agent(nth = 1): Promise<FakeAgent> {
    return await waitFor(() => this.started[nth - 1], { what: `process ${nth}` });
  }

  /** The process that works on a conversation now. */
  async of(conversationId: string): Promise<FakeAgent> {
    return await waitFor(
      () => this.started.findLast((agent) => agent.begun.conversationId === conversationId && !agent.isGone),
      { what: `a process of ${conversationId}` },
    );
  }
}
