import type { AgentEvent, AgentStart } from '../../../src/sessions/agent-runner.ts';
import type { ClaudeProcessOptions } from '../../../src/sessions/claude/claude-process.ts';
import { ClaudeProcess } from '../../../src/sessions/claude/claude-process.ts';
import type { LineProcess, LineProcessSpec, ProcessEnd } from '../../../src/sessions/line-process.ts';
import { LineProcessError } from '../../../src/sessions/line-process.ts';
import { recordingLogger } from '../../fakes/recording-logger.ts';

export const conversationId = '9b8752fd-657a-4407-8cfe-83782843c1ed';

type Frame = Readonly<Record<string, unknown>>;

/** Answers a control request; undefined: says nothing. */
type Answer = (request: Frame) => Frame | undefined;

const ready = { pid: 4711, current_permission_mode: 'default', session_state: 'idle' };

/** A process that says what the test wants, instead of Claude Code. */
export class ScriptedClaude implements LineProcess {
  readonly exited: Promise<ProcessEnd>;
  /** Everything that it was told. */
  readonly told: Frame[] = [];
  /** The signals that it was ended with. */
  readonly signals: string[] = [];
  spec: LineProcessSpec | undefined;
  /** By the subtype of the request; what is not here succeeds. */
  readonly answers: Record<string, Answer>;
  readonly #exit = Promise.withResolvers<ProcessEnd>();
  #isOver = false;

  constructor(answers: Record<string, Answer> = {}) {
    this.exited = this.#exit.promise;
    this.answers = { initialize: () => success(ready), ...answers };
  }

  readonly start = async (spec: LineProcessSpec): Promise<LineProcess> => {
    this.spec = spec;
    return this;
  };

  async write(line: string): Promise<void> {
    if (this.#isOver) throw new LineProcessError('ended', 'claude has ended.');
    const frame: Frame = JSON.parse(line);
    this.told.push(frame);
    if (frame.type === 'control_request') this.#answer(frame);
  }

  async end({ signal }: { readonly signal: 'SIGINT' | 'SIGTERM' }): Promise<boolean> {
    this.signals.push(signal);
    this.exit({ code: null, signal });
    await this.exited;
    return true;
  }

  say(...messages: readonly (object | string)[]): void {
    for (const message of messages) {
      this.spec?.onLine(typeof message === 'string' ? message : JSON.stringify(message));
    }
  }

  exit(end: ProcessEnd): void {
    this.#isOver = true;
    this.#exit.resolve(end);
  }

  /** The requests that it got, by their subtype. */
  requests(subtype: string): readonly Frame[] {
    return this.told
      .map((frame) => frame.request)
      .filter((request) => isFrame(request) && request.subtype === subtype) as Frame[];
  }

  /** What it was answered to its own request. */
  answersTo(requestId: string): readonly Frame[] {
    return this.told.flatMap(({ response }) =>
      isFrame(response) && response.request_id === requestId ? [response] : [],
    );
  }

  #answer({ request_id, request }: Frame): void {
    if (!isFrame(request)) return;
    const answer = this.answers[String(request.subtype)] ?? (() => success({}));
    const response = answer(request);
    // As over a real process: never before the write is done.
    if (response !== undefined) {
      queueMicrotask(() => this.say({ type: 'control_response', response: { ...response, request_id } }));
    }
  }
}

export function success(response: object): Frame {
  return { subtype: 'success', response };
}

export function refusal(error: string, errorCode?: string): Frame {
  return { subtype: 'error', error, error_code: errorCode };
}

type Options = Partial<Pick<ClaudeProcessOptions, 'resumes' | 'timings'>> & {
  readonly start?: Partial<AgentStart>;
  readonly signal?: AbortSignal;
};

/** A ClaudeProcess over `claude`, with all that it says to its owner. */
export async function startOver(claude: ScriptedClaude, { start, signal, ...options }: Options = {}) {
  const events: AgentEvent[] = [];
  const { logger, entries } = await recordingLogger();
  const started = await ClaudeProcess.start(
    {
      startLineProcess: claude.start,
      spec: { command: '/usr/bin/claude', args: [], cwd: '/', env: {} },
      start: {
        conversationId,
        continuesCutTurn: false,
        mode: 'default',
        onEvent: (event) => events.push(event),
        ...start,
      },
      resumes: false,
      nodeName: 'home-pc',
      logger,
      timings: { startMs: 2_000, answerMs: 2_000, killAfterMs: 1_000 },
      ...options,
    },
    signal ?? new AbortController().signal,
  );
  return { started, events, entries };
}

function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null;
}
