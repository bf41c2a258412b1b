import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@phonework/shared/config';
import type { Journey } from '@phonework/shared/journey';
import { inLanguage } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import { Inbox, Outbox } from '@phonework/shared/mail';
import { openaiChatModel } from '@phonework/shared/openai';
import type { ForwardRequest } from '@phonework/shared/protocol';
import { ReaderLanguages } from '@phonework/shared/reader-languages';
import { openStore } from '@phonework/shared/store';
import { EffectApprovals } from '../approvals/effect-approvals.ts';
import { OpenQuestions } from '../approvals/open-questions.ts';
import { ShellRules } from '../approvals/shell-rules.ts';
import { Audit } from '../audit.ts';
import type { HostConfig } from '../config.ts';
import { FileRoots } from '../files/file-roots.ts';
import { WorkDir } from '../files/work-dir.ts';
import type { HostParts } from '../host.ts';
import { FileDoor } from '../link/file-door.ts';
import { FileUploads } from '../link/file-uploads.ts';
import { fitFrame } from '../link/fit-frame.ts';
import { linkTexts } from '../link/link-texts.ts';
import type { LinkTimings } from '../link/link-timings.ts';
import { defaultTimings } from '../link/link-timings.ts';
import type { RouterParcel } from '../link/node-client.ts';
import { NodeClient } from '../link/node-client.ts';
import { ReceivedFiles } from '../link/received-files.ts';
import { put, RouterMail } from '../link/router-mail.ts';
import { Answering } from '../mailboy/answer.ts';
import { Conversations } from '../mailboy/conversations.ts';
import { Effects } from '../mailboy/effects.ts';
import { FrontDesk } from '../mailboy/front-desk.ts';
import { INTERRUPTED_TURN, Interruptions, interruptionOwner } from '../mailboy/interruptions.ts';
import { RunningTurns } from '../mailboy/running-turns.ts';
import { Patience } from '../patience.ts';
import { migrations } from '../schema.ts';
import type { AgentRunner } from '../sessions/agent-runner.ts';
import { ClaudeCode } from '../sessions/claude/claude-code.ts';
import type { TalksTo } from '../sessions/session-store.ts';
import { createStartLineProcess } from '../sessions/start-line-process.ts';
import { childEnvironment } from '../shell/environment.ts';
import { endMarked } from '../shell/process-tree.ts';
import { texts } from '../texts.ts';
import { withoutSecrets } from '../tools/without-secrets.ts';
import { Metaso } from '../web/metaso.ts';
import { listCommands } from './command-list.ts';
import { directTo } from './direct.ts';
import { createMailboy } from './mailboy.ts';
import { OutputRoom } from './output-room.ts';
import { instanceId, toRegister, toStatus } from './registration.ts';
import { SessionRoom } from './session-room.ts';
import { TaskRoom } from './task-room.ts';
import { listTools } from './tool-list.ts';

export type HostOptions = {
  readonly logger: Logger;
  readonly journey: Journey;
  readonly version: string;
  /** The process's environment: children get a chosen part of it. */
  readonly environment: Environment;
  /** Replaces each secret in a text. */
  readonly redact: (text: string) => string;
  readonly linkTimings?: Partial<LinkTimings>;
  /** Claude Code by default. */
  readonly runner?: AgentRunner;
};

/** In the environment of everything that this node starts: by it, an earlier process's leftovers are found. */
const MARK = 'PHONEWORK_NODE';

/** What users press while this node is away waits at the router, and comes as soon as there is a link again. */
const ANSWERS_ARRIVE_WITHIN_MS = 30_000;

/** A message that waits for less is not worth a word about it. */
const WAITING_TOLD_MS = 1000;

/** Makes all rooms of a node, the bottom step first. Nothing connects or runs yet. */
export function assemble(config: HostConfig, options: HostOptions): HostParts {
  const { logger, journey } = options;
  const { nodeId, workingDir, dataDir } = config;
  const store = openStore({ path: join(dataDir, 'node.db'), migrations, logger });
  const instance = instanceId(store);
  const outbox = new Outbox<RouterParcel>(store, { box: 'router' });
  const inbox = new Inbox<ForwardRequest>(store, { box: 'router' });
  const languages = new ReaderLanguages(store, config.language);
  const languageOf = (userId: string) => languages.of(userId);
  const questions = new OpenQuestions(store, {
    send: (frame) => put(outbox, frame),
    languageOf,
    graceMs: ANSWERS_ARRIVE_WITHIN_MS,
    logger,
  });
  const mail = new RouterMail(outbox, { questions, languageOf });
  const door = new FileDoor({ routerUrl: config.routerUrl, secret: config.routerSecret, nodeId });
  const timings = { ...defaultTimings, ...options.linkTimings };
  const uploads = new FileUploads({
    store,
    outbox,
    folder: join(dataDir, 'outgoing'),
    door,
    timings,
    languageOf,
    logger,
  });
  const received = new ReceivedFiles({ folder: join(dataDir, 'files'), door, timings, logger });
  const audit = new Audit({ folder: join(dataDir, 'audit'), redact: options.redact, logger });
  const home = options.environment.HOME ?? homedir();
  const mark = { [MARK]: instance };
  const workDir = new WorkDir(workingDir);
  const rules = new ShellRules(store);
  const approvals = new EffectApprovals({ store, questions, rules, ttlMs: config.questionTtlMs, logger });
  const roots = new FileRoots({ workingDir, dataDir, home });
  const outputs = new OutputRoom(dataDir, {
    store,
    mail,
    uploads,
    roots,
    questions,
    openTurns: () => effects.turns(),
    logger,
  });
  const effects = new Effects(store, outputs.last);
  const interruptions = new Interruptions(effects, outputs.last);
  const shell = {
    workDir,
    policy: config.shellPolicy,
    nodeId,
    approvals,
    rules,
    environment: { ...childEnvironment(options.environment), ...mark },
    wholeOutputs: outputs.whole,
    lastOutputs: outputs.last,
  };

  const onChange = () => link.sendLossy(toStatus(sessions.manager, taskRoom.tasks.running));
  const showProgress = (id: string, text: string, step: string | undefined) =>
    link.sendLossy(fitFrame({ type: 'progress', id, text, ...(step !== undefined && { step }) }));
  const patience = new Patience(WAITING_TOLD_MS);
  const later = (work: () => void) => patience.later(work);
  const taskRoom = new TaskRoom(config, {
    store,
    mail,
    questions,
    sendOutput: (request) => outputs.requests.request(request),
    environment: shell.environment,
    endTurn: (turnId) => sessions.desk.cancelLater(turnId),
    tellSession: (job) => sessions.takeJob(job),
    languageOf,
    onChange,
    logger,
  });
  const startLineProcess = createStartLineProcess(logger);
  const sessions: SessionRoom = new SessionRoom(config, {
    store,
    runner:
      options.runner ??
      new ClaudeCode({
        command: config.claude.command,
        environment: options.environment,
        startLineProcess: (spec) => startLineProcess({ ...spec, env: { ...spec.env, ...mark } }),
        nodeName: nodeId,
        logger,
      }),
    mail,
    questions,
    tasks: taskRoom.tasks,
    audit,
    languageOf,
    showProgress,
    later,
    onChange,
    logger,
  });

  const sessionTools = { store, manager: sessions.manager, desk: sessions.desk, workDir };
  const tools = listTools({
    sessions: sessionTools,
    taskRoom,
    shell,
    roots,
    outgoing: uploads,
    ...(config.web !== undefined && { metaso: new Metaso({ ...config.web, logger }) }),
  }).map((tool) => withoutSecrets(tool, options.redact));
  const model = config.model && openaiChatModel({ ...config.model, logger });
  const agent =
    model &&
    createMailboy(config, {
      model,
      tools,
      sessions: sessions.manager,
      languageOf,
      logger,
    });
  const talksTo = (userId: string): TalksTo =>
    agent === undefined ? 'session' : (sessions.manager.talksTo(userId) ?? 'mailboy');
  const conversations = new Conversations(store);
  const running = new RunningTurns();
  const commands = listCommands(config, {
    sessions: {
      ...sessionTools,
      talksTo,
      hasModel: agent !== undefined,
      surroundings: () => ({ workingDir, home, now: Date.now() }),
    },
    taskRoom,
    questions,
    turns: {
      stop: (userId) => running.stop(userId),
      elapsedMs: (userId) => running.elapsedMs(userId),
      waiting: (userId) => Math.max(0, inbox.waiting(userId) - (running.isRunning(userId) ? 1 : 0)),
    },
    shell,
    rules,
    forget: (userId) => {
      conversations.clear(userId);
      running.forget(userId);
    },
  });
  const direct = directTo({
    ...sessionTools,
    questions,
    talksTo,
    noSession: agent === undefined ? texts.noModel(nodeId) : texts.noSession,
  });
  const answering = new Answering({ commands, direct, agent, conversations, logger });

  const served = new Set(config.servesUsers);
  const desk = new FrontDesk({
    store,
    inbox,
    running,
    effects,
    interruption: (letter) => interruptions.answerTo(letter),
    conversations,
    // The router has checked already; what runs here is this machine's own decision all the same.
    answerNow: (message) =>
      served.has(message.forward.user_id) ? answering.now(message) : { reply: texts.notServed(nodeId) },
    // It may have come before the configuration said so.
    answer: async (turn) =>
      served.has(turn.userId) ? await answering.answer(turn) : { reply: texts.notServed(nodeId) },
    onMessage: ({ user_id: userId, text }) => languages.wrote(userId, text),
    fetchFiles: (forward, signal) => received.fetch(forward, signal),
    respond: ({ id: forwardId, user_id: userId, chat_id: chatId }, answer) =>
      mail.respond({ forwardId, userId, chatId }, answer),
    onWaiting: ({ user_id: userId, chat_id: chatId }, place) => mail.say({ userId, chatId }, texts.waiting(place)),
    later,
    showProgress,
    journey,
    logger,
  });
  questions.own(
    INTERRUPTED_TURN,
    interruptionOwner({ retry: (message) => desk.retry(message), ask: (question) => questions.ask(question) }),
  );
  const link = new NodeClient({
    url: config.routerUrl,
    secret: config.routerSecret,
    register: toRegister(config, { version: options.version, instance }),
    outbox,
    onForward: (forward) => desk.receive(forward),
    // Nothing that has to be stored can tell it.
    onNotStored: ({ id, user_id: userId }) =>
      showProgress(id, inLanguage(linkTexts.notStored(nodeId), languageOf(userId)), undefined),
    onAction: async (action) => {
      if (served.has(action.user_id)) await questions.receive(action);
    },
    onDelivered: (frameId) => questions.delivered(frameId),
    onCancel: (id, options) => {
      if (options.onlyWaiting) void desk.takeBack(id);
      else running.stopTurn(id);
      sessions.desk.cancelForward(id, options);
    },
    onRegistered: () => {
      onChange();
      model?.preload();
    },
    redact: options.redact,
    journey,
    logger,
    ...(options.linkTimings && { timings: options.linkTimings }),
  });
  const reap = () => endMarked(`${MARK}=${instance}`);
  return {
    store,
    desk,
    sessions,
    taskRoom,
    questions,
    approvals,
    audit,
    link,
    uploads,
    outputs,
    received,
    outbox,
    patience,
    reap,
    logger,
  };
}
