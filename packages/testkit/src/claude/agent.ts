import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ApiFailure } from './api-failures.ts';
import { ControlDesk } from './control-desk.ts';
import type { Conversation } from './conversation.ts';
import type { Flags } from './flags.ts';
import type { Message } from './input-line.ts';
import { parseInputLine } from './input-line.ts';
import { Interruption } from './interruption.ts';
import type { Json } from './json.ts';
import { LiveProcess } from './live-process.ts';
import { Output, writeAll } from './output.ts';
import { PermissionRules } from './permission-rules.ts';
import { Permissions } from './permissions.ts';
import { runScript } from './scripts.ts';
import { isSlashCommand, runSlashCommand } from './slash-commands.ts';
import { Tools } from './tools.ts';
import { Turn } from './turn.ts';
import { completeTurn, failTurn, stopTurn } from './turn-ends.ts';
import { initEvent, resultEvent } from './turn-events.ts';

type Work = { readonly messages: readonly Message[]; readonly isResumed?: boolean; readonly isUnsolicited?: boolean };

export type AgentOptions = {
  readonly flags: Flags;
  readonly configFolder: string;
  readonly conversation: Conversation;
  /** Ends the process. */
  readonly exit: (code: number) => void;
};

const PRICE_USD = 0.00014;

/** The stand-in's mind: takes lines, runs one turn at a time, and ends when stdin does. */
export class Agent {
  conversation: Conversation;
  readonly configFolder: string;
  readonly output: Output;
  readonly permissions: Permissions;
  costUsd: number;
  readonly #tools = new Tools();
  readonly #control: ControlDesk;
  readonly #live: LiveProcess;
  readonly #exit: (code: number) => void;
  #queue: Message[] = [];
  #turn: Turn | undefined;
  #isBusy = false;
  #isClosing = false;
  #isGivenUp = false;
  #results = 0;
  #hasFailed = false;

  constructor({ flags, configFolder, conversation, exit }: AgentOptions) {
    this.conversation = conversation;
    this.configFolder = configFolder;
    this.costUsd = conversation.costUsd;
    this.#exit = exit;
    this.#live = new LiveProcess(configFolder, conversation.id);
    this.output = new Output({
      sessionId: conversation.id,
      hasPartials: flags.hasPartials,
      hasStates: process.env.CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS === '1',
    });
    this.permissions = new Permissions({
      mode: flags.mode,
      output: this.output,
      rules: new PermissionRules(join(process.cwd(), '.claude', 'settings.local.json')),
      hasHost: flags.hasPermissionHost,
      onWaiting: (isWaiting) => this.#live.show(isWaiting ? 'waiting' : 'busy'),
    });
    this.#control = new ControlDesk({
      output: this.output,
      permissions: this.permissions,
      mayBypass: flags.mayBypass,
      model: flags.model ?? conversation.model,
      interrupt: () => this.#interrupt(),
    });
  }

  /** Runs the cut turn again, if it is to. */
  start(): void {
    const { cut } = this.conversation;
    if (cut === undefined || process.env.CLAUDE_CODE_RESUME_INTERRUPTED_TURN !== '1') return;
    this.#launch({ messages: [cut], isResumed: true });
  }

  /** Returns false for a line that the real program does not survive. */
  receive(line: string): boolean {
    const input = parseInputLine(line);
    if (input === undefined) return false;
    if (input.kind === 'control') this.#control.serve(input.requestId, input.request);
    if (input.kind === 'answer') this.permissions.answer(input.requestId, input.answer);
    if (input.kind === 'message') this.#take(input.message);
    return true;
  }

  /** Stdin has ended: what runs is finished first. */
  close(): void {
    this.#isClosing = true;
    this.permissions.close();
    if (!this.#isBusy) this.end(this.#hasFailed ? 1 : 0);
  }

  /** SIGINT: the turn is given up, and the process ends in order. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#queue = [];
    this.permissions.withdraw();
    if (this.#turn === undefined) this.end(0);
    else this.#turn.interrupt();
  }

  /** Ends at once, with all tools; a turn that runs stays cut. */
  end(code: number): void {
    this.#tools.kill();
    this.#live.remove();
    this.#exit(code);
  }

  /** The conversation goes on as another one. */
  switchTo(conversation: Conversation): void {
    this.conversation = conversation;
    this.costUsd = 0;
    this.output.sessionId = conversation.id;
    this.#live.hold(conversation.id);
  }

  init(): void {
    this.output.event(initEvent({ mode: this.permissions.mode, model: this.#control.model }));
  }

  result(fields: Json): void {
    this.#hasFailed = fields.is_error === true;
    this.output.event(resultEvent(fields, { costUsd: this.costUsd, index: this.#results }));
    this.#results += 1;
  }

  #take(message: Message): void {
    if (!this.#isBusy) this.output.state('running');
    this.output.lifecycle(message.uuid, 'queued');
    this.#queue.push(message);
    if (!this.#isBusy) this.#launch({ messages: this.#takeQueued() });
  }

  #takeQueued(): Message[] {
    const messages = this.#queue;
    this.#queue = [];
    return messages;
  }

  #interrupt(): readonly string[] {
    this.permissions.withdraw();
    const turn = this.#turn;
    // After the answer to whoever interrupts.
    setImmediate(() => turn?.interrupt());
    return this.#queue.map(({ uuid }) => uuid);
  }

  #launch(work: Work): void {
    this.#isBusy = true;
    this.#work(work).catch((error: unknown) => {
      writeAll(2, `the stand-in broke: ${error instanceof Error ? error.stack : String(error)}\n`);
      this.end(70);
    });
  }

  async #work(first: Work): Promise<void> {
    this.#live.show('busy');
    let next: Work | undefined = first;
    while (next !== undefined) {
      const wantsAnother = await this.#perform(next);
      next = this.#queue.length > 0 ? { messages: this.#takeQueued() } : undefined;
      if (next === undefined && wantsAnother) next = this.#announce();
    }
    this.#isBusy = false;
    this.#live.show('idle');
    if (this.#isGivenUp) return this.end(0);
    this.output.state('idle');
    if (this.#isClosing) this.end(this.#hasFailed ? 1 : 0);
  }

  #announce(): Work {
    this.output.state('idle');
    this.output.system('task_notification', { task_id: 'b0000001', status: 'completed', summary: 'It is done.' });
    this.output.state('running');
    return { messages: [], isUnsolicited: true };
  }

  async #perform({ messages, isResumed = false, isUnsolicited = false }: Work): Promise<boolean> {
    if (isResumed) this.output.state('running');
    // The real program gives a turn that it runs again another id.
    const lifecycleIds = isResumed ? [randomUUID()] : messages.map(({ uuid }) => uuid);
    for (const id of lifecycleIds) this.output.lifecycle(id, 'started');
    const [message] = messages;
    if (message !== undefined && messages.length === 1 && isSlashCommand(message.text)) {
      runSlashCommand(this, message);
      this.output.lifecycle(message.uuid, 'completed');
      return false;
    }
    const turn = this.#begin(messages, { isResumed, isUnsolicited });
    this.#turn = turn;
    const isDone = await this.#run(turn);
    this.#turn = undefined;
    for (const id of lifecycleIds) this.output.lifecycle(id, isDone ? 'completed' : 'cancelled');
    return turn.wantsAnother;
  }

  #begin(
    messages: readonly Message[],
    { isResumed, isUnsolicited }: { readonly isResumed: boolean; readonly isUnsolicited: boolean },
  ): Turn {
    this.init();
    const { mode } = this.permissions;
    for (const message of isResumed ? [] : messages) this.conversation.addPrompt(message, mode);
    const parts = {
      output: this.output,
      conversation: this.conversation,
      permissions: this.permissions,
      tools: this.#tools,
      model: this.#control.model,
    };
    return new Turn(parts, {
      prompt: isUnsolicited ? 'say It has ended.' : messages.map(({ text }) => text).join('\n'),
      messageIds: messages.map(({ uuid }) => uuid),
      origin: originOf({ isResumed, isUnsolicited }),
      takeQueued: () => this.#takeQueued(),
    });
  }

  /** Resolves to whether the turn came to its own end. */
  async #run(turn: Turn): Promise<boolean> {
    try {
      await runScript(turn);
    } catch (error) {
      if (!(error instanceof ApiFailure || error instanceof Interruption)) throw error;
      this.#end(turn, error instanceof ApiFailure ? failTurn(turn, error) : stopTurn(turn));
      return false;
    }
    this.#end(turn, completeTurn(turn));
    return true;
  }

  #end(turn: Turn, result: Json): void {
    this.costUsd += turn.apiCalls * PRICE_USD;
    this.conversation.endTurn(this.costUsd);
    for (const id of turn.foldedIds) this.output.lifecycle(id, 'completed');
    this.result(result);
  }
}

function originOf(work: { readonly isResumed: boolean; readonly isUnsolicited: boolean }): Json {
  if (work.isUnsolicited) return { origin: { kind: 'task-notification', producer: 'session-task' } };
  return work.isResumed ? { resume_reason: 'interrupted_turn' } : {};
}
