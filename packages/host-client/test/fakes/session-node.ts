import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@phonework/shared/id';
import type { Language } from '@phonework/shared/language';
import { Outbox } from '@phonework/shared/mail';
import type { ForwardResponse, NodeMessage, TaskComplete } from '@phonework/shared/protocol';
import { waitFor } from '@phonework/testkit/wait';
import { OpenQuestions } from '../../src/approvals/open-questions.ts';
import { Audit } from '../../src/audit.ts';
import type { SendOutput } from '../../src/commands/whole-output.ts';
import { WHOLE_OUTPUT, wholeOutputOwner } from '../../src/commands/whole-output.ts';
import type { HostConfig } from '../../src/config.ts';
import { SessionRoom } from '../../src/host/session-room.ts';
import { TaskRoom } from '../../src/host/task-room.ts';
import type { RouterParcel } from '../../src/link/node-client.ts';
import { put, RouterMail } from '../../src/link/router-mail.ts';
import type { Prompt } from '../../src/sessions/session-desk.ts';
import type { SessionLimits } from '../../src/sessions/session-ports.ts';
import type { Session } from '../../src/sessions/session-store.ts';
import { FakeRunner } from './fake-runner.ts';
import { NodeStore } from './node-store.ts';
import type { LogEntry } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

export type SessionNodeOptions = {
  readonly limits?: Partial<SessionLimits>;
  /** Closed with the node. */
  readonly disk?: NodeStore;
  /** Kept by the caller. */
  readonly folder?: string;
};

/** What a user pressed is a button of one of these. */
type Asking = { readonly id: string; readonly actions?: NodeMessage['actions'] };

/** The sessions and tasks of a node over a real database; the coding agent is the test's to play. */
export class SessionNode {
  readonly disk: NodeStore;
  /** The projects' folder; the data folder lies beside it. */
  readonly workingDir: string;
  readonly config: HostConfig;
  readonly runner = new FakeRunner();
  /** Which files with outputs were asked for. */
  readonly outputsToSend: Parameters<SendOutput>[0][] = [];
  readonly questions: OpenQuestions;
  /** English for everybody else. */
  readonly languages = new Map<string, Language>();
  readonly mail: RouterMail;
  readonly taskRoom: TaskRoom;
  readonly room: SessionRoom;
  readonly log: readonly LogEntry[];
  readonly progress: { readonly id: string; readonly text: string; readonly step: string | undefined }[] = [];
  /** What is only worth saying when nothing else came of it meanwhile: done when the test says that time has passed. */
  readonly later = (work: () => void): void => void this.#postponed.push(work);
  #postponed: (() => void)[] = [];
  readonly #options: SessionNodeOptions;
  readonly #folder: string;
  readonly #audit: Audit;

  static async open(options: SessionNodeOptions = {}): Promise<SessionNode> {
    return new SessionNode(options, await recordingLogger());
  }

  private constructor(options: SessionNodeOptions, { logger, entries }: Awaited<ReturnType<typeof recordingLogger>>) {
    this.#options = options;
    this.#folder = options.folder ?? realpathSync(mkdtempSync(join(tmpdir(), 'phonework-sessions-')));
    this.workingDir = join(this.#folder, 'code');
    const dataDir = join(this.#folder, 'data');
    for (const made of [this.workingDir, dataDir]) mkdirSync(made, { recursive: true });
    this.disk = options.disk ?? new NodeStore();
    this.log = entries;
    this.config = toConfig(this.workingDir, dataDir);
    const { store } = this.disk;
    const outbox = new Outbox<RouterParcel>(store, { box: 'router' });
    const languageOf = (userId: string) => this.languages.get(userId) ?? 'en';
    this.questions = new OpenQuestions(store, { send: (frame) => put(outbox, frame), languageOf, logger });
    this.mail = new RouterMail(outbox, { questions: this.questions, languageOf });
    this.#audit = new Audit({ folder: join(this.#folder, 'audit'), redact: (text) => text, logger });
    const { mail, questions, later } = this;
    const shared = { store, mail, questions, later, languageOf, onChange: () => {}, logger };
    const sendOutput: SendOutput = (request) => this.outputsToSend.push(request);
    this.taskRoom = new TaskRoom(this.config, {
      ...shared,
      environment: {},
      endTurn: (turnId) => this.room.desk.cancelLater(turnId),
      tellSession: (job) => this.room.takeJob(job),
      sendOutput,
    });
    this.questions.own(WHOLE_OUTPUT, wholeOutputOwner(sendOutput));
    this.room = new SessionRoom(this.config, {
      ...shared,
      runner: this.runner,
      tasks: this.taskRoom.tasks,
      audit: this.#audit,
      showProgress: (id, text, step) => this.progress.push({ id, text, step }),
      ...(options.limits && { limits: options.limits }),
    });
  }

  /** A new session in a folder of its own. */
  async session(name = 'app', { userId = 'alice', timeoutS }: { userId?: string; timeoutS?: number } = {}) {
    const cwd = join(this.workingDir, name);
    mkdirSync(cwd, { recursive: true });
    const to = { userId, chatId: `chat of ${userId}` };
    return await this.disk.store.write(() =>
      this.room.manager.create(to, { cwd, ...(timeoutS !== undefined && { timeoutS }) }),
    );
  }

  /** The lines of the session's audit that are on the disk. */
  audit({ id }: Session): readonly string[] {
    const path = join(this.#folder, 'audit', `${id}.jsonl`);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  /** The session as it is stored now. */
  now(session: Session): Session {
    const found = this.room.manager.list(session.userId).find(({ id }) => id === session.id);
    if (found === undefined) throw new Error(`${session.name} is closed`);
    return found;
  }

  /** Hands a message to a session, as its user's own; resolves when it is stored. */
  async tell(session: Session, forwardId: string, prompt: Partial<Prompt> = {}): Promise<void> {
    const { userId } = session;
    const message = {
      userId,
      chatId: `chat of ${userId}`,
      text: `do ${forwardId}`,
      origin: 'forward',
      forwardId,
    } as const;
    await this.disk.store.write(() => this.room.desk.take(this.now(session), { ...message, ...prompt }));
  }

  /** Some time passes for those who wait. */
  waitPatiently(): void {
    const due = this.#postponed;
    this.#postponed = [];
    for (const work of due) work();
  }

  /** Everything for the router, in the order in which it was stored. */
  get frames(): readonly RouterParcel[] {
    const rows = this.disk.store.prepare("SELECT body FROM outbox WHERE box = 'router' ORDER BY seq").all();
    // Written by Outbox.put out of this type.
    return rows.map((row) => JSON.parse(String(row.body)) as RouterParcel);
  }

  get answers(): readonly ForwardResponse[] {
    return this.frames.filter((frame) => frame.type === 'forward_response');
  }

  get messages(): readonly NodeMessage[] {
    return this.frames.filter((frame) => frame.type === 'message');
  }

  get completions(): readonly TaskComplete[] {
    return this.frames.filter((frame) => frame.type === 'task_complete');
  }

  /** The answer to message `forwardId`, once it is stored. */
  async answer(forwardId: string): Promise<ForwardResponse> {
    return await waitFor(() => this.answers.find(({ id }) => id === forwardId), { what: `the answer to ${forwardId}` });
  }

  /** What is read as the answer to message `forwardId`, once it is stored. */
  async answerTo(forwardId: string): Promise<string> {
    const { reply, error } = await this.answer(forwardId);
    return [reply, error].filter(Boolean).join('\n\n');
  }

  /** The `nth` message, counted from 1, that holds `text`; once it is stored. */
  async message(text: string, nth = 1): Promise<NodeMessage> {
    return await waitFor(() => this.messages.filter((frame) => frame.text.includes(text))[nth - 1], {
      what: `message ${nth} with "${text}"`,
    });
  }

  /** The notice about a task, once it is stored. */
  async completion(nth = 1): Promise<TaskComplete> {
    return await waitFor(() => this.completions[nth - 1], { what: `notice ${nth} about a task` });
  }

  /** Presses the button of this label. */
  async press({ id, actions = [] }: Asking, label: string, userId = 'alice'): Promise<void> {
    const actionId = actions.find((action) => action.label === label)?.id;
    if (actionId === undefined)
      throw new Error(`there is no button ${label} among ${labels({ id, actions }).join(', ')}`);
    await this.questions.receive({
      type: 'action',
      id: newId(),
      user_id: userId,
      chat_id: `chat of ${userId}`,
      message_id: id,
      action_id: actionId,
    });
  }

  /** Titles of what a user is asked. */
  asked(userId = 'alice'): readonly string[] {
    return this.questions.openFor(userId).map(({ title }) => title);
  }

  /** What a process finds that starts after this one died right now: what was committed, and nothing else. */
  async afterCrash(): Promise<SessionNode> {
    return await SessionNode.open({ ...this.#options, disk: this.disk.afterCrash(), folder: this.#folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room.stop(AbortSignal.abort());
    await this.taskRoom.stop(0);
    await this.questions.stop();
    await this.#audit.close();
    if (this.#options.folder === undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.disk[Symbol.dispose]();
  }
}

/** What stands on the buttons. */
export function labels({ actions = [] }: Asking): readonly string[] {
  return actions.map(({ label }) => label);
}

function toConfig(workingDir: string, dataDir: string): HostConfig {
  return {
    nodeId: 'home-pc',
    displayName: 'Home PC',
    routerUrl: 'ws://127.0.0.1:1/ws/node',
    routerSecret: 'a-secret-of-the-house',
    servesUsers: ['alice', 'bob'],
    workingDir,
    dataDir,
    model: undefined,
    shellPolicy: 'ask',
    claude: { command: 'claude', permissionMode: 'default', turnTimeoutMs: 600_000, idleMs: 600_000 },
    questionTtlMs: 600_000,
    language: 'auto',
  };
}
