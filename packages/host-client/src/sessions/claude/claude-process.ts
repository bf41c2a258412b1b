import type { Logger } from '@phonework/shared/log';
import * as z from 'zod';
import type {
  AgentDecision,
  AgentEnd,
  AgentEvent,
  AgentProcess,
  AgentStart,
  ContextUsage,
  PermissionMode,
} from '../agent-runner.ts';
import { AgentError } from '../agent-runner.ts';
import type { LineProcess, LineProcessSpec, ProcessEnd, StartLineProcess } from '../line-process.ts';
import { LineProcessError } from '../line-process.ts';
import { CanUseTool } from './asks.ts';
import { ClaudeSettings } from './claude-settings.ts';
import { answersToClaude, claudeTexts, toReason } from './claude-texts.ts';
import type { CliMessage, ControlRequest, Result } from './cli-messages.ts';
import { parseCliLine } from './cli-messages.ts';
import type { ControlAnswer } from './control-channel.ts';
import { ControlChannel } from './control-channel.ts';
import { LastWords } from './last-words.ts';
import { OpenAsks } from './open-asks.ts';
import { SpacedLines } from './spaced-lines.ts';
import { StreamEvents } from './stream-events.ts';

export type ClaudeTimings = {
  /** Longest wait for the first sign that it takes messages. */
  readonly startMs: number;
  /** Longest wait for the answer to any other request. */
  readonly answerMs: number;
  /** Between asking it to end and killing it. */
  readonly killAfterMs: number;
};

export type ClaudeProcessOptions = {
  readonly startLineProcess: StartLineProcess;
  readonly spec: Omit<LineProcessSpec, 'onLine'>;
  readonly start: Pick<AgentStart, 'conversationId' | 'continuesCutTurn' | 'mode' | 'model' | 'onEvent'>;
  /** Whether it goes on with a conversation, which has brought its own mode and model. */
  readonly resumes: boolean;
  readonly nodeName: string;
  readonly logger: Logger;
  readonly timings: ClaudeTimings;
};

const Ready = z.object({
  pid: z.int().optional(),
  current_permission_mode: z.string().optional(),
  session_state: z.string().optional(),
});

/** One running Claude Code, talked to in lines of JSON. */
export class ClaudeProcess implements AgentProcess {
  readonly ended: Promise<AgentEnd>;
  readonly #options: ClaudeProcessOptions;
  readonly #events: StreamEvents;
  readonly #control: ControlChannel;
  readonly #settings: ClaudeSettings;
  readonly #asks = new OpenAsks();
  readonly #lastWords = new LastWords();
  readonly #lines = new SpacedLines((line) => this.#take(line));
  readonly #end = Promise.withResolvers<AgentEnd>();
  #line: LineProcess | undefined;
  #pid: number | undefined;
  #isReady = false;
  /** Why it can't begin, in its own words. */
  #startFailure: Result | undefined;
  #hasTurn = false;
  #isEnding = false;
  #exit: ProcessEnd | undefined;

  /** Resolves when it takes messages. Rejects with AgentError `not_started`, `refused` or `aborted`; nothing is left then. */
  static async start(options: ClaudeProcessOptions, signal: AbortSignal): Promise<ClaudeProcess> {
    const started = new ClaudeProcess(options);
    await started.#open(signal);
    return started;
  }

  private constructor(options: ClaudeProcessOptions) {
    const { nodeName, start } = options;
    this.#options = options;
    this.#events = new StreamEvents({ conversationId: start.conversationId, nodeName });
    this.#control = new ControlChannel({
      write: async (frame) => await this.#write(frame),
      answerMs: options.timings.answerMs,
    });
    this.#settings = new ClaudeSettings(this.#control, nodeName);
    this.ended = this.#end.promise;
  }

  /** Of Claude Code itself, where it tells. */
  get pid(): number | undefined {
    return this.#pid;
  }

  async send({ id, text }: { readonly id: string; readonly text: string }): Promise<void> {
    const message = { role: 'user', content: text };
    await this.#write({ type: 'user', message, parent_tool_use_id: null, session_id: '', uuid: id });
  }

  async interrupt(): Promise<void> {
    if (this.#isEnding || (await this.#control.request('interrupt')).kind !== 'silent' || this.#isEnding) return;
    // It may hang for ever; that the turn comes to an end is what the user was promised.
    this.#options.logger.warn({ pid: this.#pid }, 'Claude Code does not let itself be interrupted: it is ended');
    await this.end({ resumable: false });
  }

  async answer(requestId: string, decision: AgentDecision): Promise<void> {
    const result = this.#asks.settle(requestId, decision);
    if (result === undefined) return;
    await this.#reply(requestId, { subtype: 'success', response: result });
  }

  async setMode(mode: PermissionMode): Promise<void> {
    await this.#settings.setMode(mode);
  }

  async setModel(model: string | undefined): Promise<void> {
    await this.#settings.setModel(model);
  }

  async contextUsage(): Promise<ContextUsage | undefined> {
    return await this.#settings.contextUsage();
  }

  async end({ resumable }: { readonly resumable: boolean }): Promise<void> {
    this.#isEnding = true;
    // After SIGINT Claude Code takes a turn that runs for given up; after SIGTERM it can go on with it.
    const isGone = await this.#line?.end({
      signal: resumable ? 'SIGTERM' : 'SIGINT',
      killAfterMs: this.#options.timings.killAfterMs,
    });
    if (isGone === false) {
      this.#options.logger.warn({ pid: this.#pid }, 'something that Claude Code has started could not be ended');
      return;
    }
    await this.ended;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { startLineProcess, spec, nodeName, timings } = this.#options;
    if (signal.aborted) throw stoppedStart();
    try {
      this.#line = await startLineProcess({ ...spec, onLine: (line) => this.#lines.push(line) });
    } catch (cause) {
      if (!(cause instanceof LineProcessError)) throw cause;
      throw new AgentError('not_started', claudeTexts.notStarted(nodeName, toReason(cause.said)), { cause });
    }
    void this.#line.exited.then(async (end) => await this.#clearUp(end));
    // Whoever waits for an answer stops waiting.
    const onAbort = () => this.#control.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (signal.aborted) onAbort();
      await this.#begin(await this.#control.request('initialize', {}, timings.startMs));
      signal.throwIfAborted();
    } catch (error) {
      const startError = signal.aborted ? stoppedStart() : this.#toStartError(error);
      await this.end({ resumable: true });
      throw startError;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #begin(answer: ControlAnswer): Promise<void> {
    const { start, resumes, nodeName, timings } = this.#options;
    if (answer.kind !== 'done') {
      const why = answer.kind === 'refused' ? toReason(answer.reason) : claudeTexts.silentStart(timings.startMs);
      throw new AgentError('not_started', claudeTexts.notStarted(nodeName, why));
    }
    const ready = Ready.safeParse(answer.response).data;
    this.#pid = ready?.pid;
    if (start.continuesCutTurn && ready?.session_state === 'idle') {
      throw new AgentError('not_started', claudeTexts.notContinued(nodeName));
    }
    if (ready?.current_permission_mode !== start.mode) await this.setMode(start.mode);
    // A conversation keeps the model that it had, unless it is told another.
    if (resumes && start.model === undefined) await this.setModel(undefined);
    this.#isReady = true;
    this.#options.logger.info({ pid: this.#pid, conversation: start.conversationId }, 'Claude Code has started');
  }

  /** Where the process has died, that is the reason, whatever came of it here. */
  #toStartError(error: unknown): unknown {
    const { nodeName } = this.#options;
    if (this.#exit === undefined) return error;
    const { startup_failure_reason: code, errors: [said] = [] } = this.#startFailure ?? {};
    if (code === 'bypass_root') return new AgentError('refused', claudeTexts.rootBypass(nodeName), { cause: error });
    const why = said === undefined ? this.#lastWords.reason(this.#exit) : toReason(said);
    return new AgentError('not_started', claudeTexts.notStarted(nodeName, why), { cause: error });
  }

  #take(line: string): void {
    const message = parseCliLine(line);
    if (message === 'unknown') return;
    if (message === 'noise') {
      this.#takeNoise(line);
      return;
    }
    switch (message.type) {
      case 'control_request':
        this.#takeRequest(message);
        return;
      case 'control_response':
        this.#control.take(message);
        return;
      case 'control_cancel_request':
        this.#withdraw(message.request_id);
        return;
      default:
        this.#takeEvents(message);
    }
  }

  #takeNoise(line: string): void {
    const text = this.#lastWords.take(line);
    if (text !== undefined) this.#emit({ kind: 'noise', line: text });
  }

  #takeEvents(message: CliMessage): void {
    if (message.type === 'system' && message.subtype === 'init') this.#hasTurn = true;
    // With this it says that it can't start at all: there is no turn that could end.
    if (message.type === 'result' && !this.#isReady && !this.#hasTurn) {
      this.#startFailure = message;
      return;
    }
    for (const event of this.#events.read(message)) this.#emit(event);
  }

  #takeRequest({ request_id: requestId, request }: ControlRequest): void {
    const asked = CanUseTool.safeParse(request);
    if (asked.success) {
      const ask = this.#asks.open(requestId, asked.data, this.#events.lastText);
      this.#emit({ kind: 'asks', requestId, ask });
      return;
    }
    // Without an answer it would wait for ever.
    const { subtype } = request;
    const error = subtype === 'can_use_tool' ? answersToClaude.unreadable : answersToClaude.unsupported(subtype);
    this.#options.logger.warn({ subtype, pid: this.#pid }, 'Claude Code asked for something that is not supported');
    void this.#reply(requestId, { subtype: 'error', error });
  }

  #withdraw(requestId: string): void {
    if (this.#asks.withdraw(requestId)) this.#emit({ kind: 'ask-withdrawn', requestId });
  }

  #emit(event: AgentEvent): void {
    this.#options.start.onEvent(event);
  }

  async #clearUp(exit: ProcessEnd): Promise<void> {
    const { nodeName, logger, timings } = this.#options;
    const { code, signal } = exit;
    const wasAsked = this.#isEnding;
    this.#isEnding = true;
    this.#exit = exit;
    this.#lines.flush();
    this.#control.close();
    // Killed by somebody else, it could not end its tools itself.
    await this.#line?.end({ signal: 'SIGTERM', killAfterMs: timings.killAfterMs });
    logger.info({ pid: this.#pid, code, signal }, 'Claude Code has ended');
    const reason = claudeTexts.endedByItself(nodeName, this.#lastWords.reason(exit));
    // The questions that are open stay so: a turn that is continued asks them again.
    this.#end.resolve({ code, ...(!wasAsked && { reason }) });
  }

  /** Never rejects: who has ended needs no answer. */
  async #reply(requestId: string, response: object): Promise<void> {
    try {
      await this.#write({ type: 'control_response', response: { request_id: requestId, ...response } });
    } catch (error) {
      this.#options.logger.debug({ err: error, pid: this.#pid }, 'an answer found Claude Code gone');
    }
  }

  async #write(frame: unknown): Promise<void> {
    const { nodeName } = this.#options;
    if (this.#line === undefined) throw new AgentError('ended', claudeTexts.ended(nodeName));
    try {
      await this.#line.write(JSON.stringify(frame));
    } catch (cause) {
      if (!(cause instanceof LineProcessError)) throw cause;
      throw new AgentError('ended', claudeTexts.ended(nodeName), { cause });
    }
  }
}

function stoppedStart(): AgentError {
  return new AgentError('aborted', claudeTexts.stoppedStart);
}
