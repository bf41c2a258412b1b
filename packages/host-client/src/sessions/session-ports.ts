import type { Language, Said } from '@phonework/shared/language';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { AuditEntry } from '../audit.ts';
import type { TaskEnd } from '../tasks/task.ts';
import type { AgentRunner, PermissionMode } from './agent-runner.ts';
import type { SessionStore } from './session-store.ts';
import type { TurnQueue } from './turn-queue.ts';

/** Who gets something, and where. */
export type Recipient = { readonly userId: string; readonly chatId: string };

/** A question with buttons, as the rest of the node takes it. */
export type SessionQuestion = {
  readonly kind: string;
  readonly subject: unknown;
  readonly title: Said;
  readonly options: readonly {
    readonly id: string;
    readonly label: Said;
    readonly style: 'default' | 'primary' | 'danger';
  }[];
  readonly ttlMs?: number;
};

/** The answer to a message. */
type SessionReply = { readonly reply: Said; readonly error?: Said; readonly question?: SessionQuestion };

export type SessionLimits = {
  /** A turn that takes longer goes on in the background; 60 s. */
  readonly backgroundAfterMs: number;
  /** Longest turn of a session without a limit of its own; waiting for the user does not count. */
  readonly turnTimeoutMs: number;
  /** A process that had nothing to do for so long is ended. */
  readonly idleMs: number;
  /** How long a question stays open once it was shown. */
  readonly questionTtlMs: number;
  /** What may wait behind a running turn. */
  readonly maxWaiting: number;
  /** What an interrupted turn gets to say that it has ended; then its process is ended. */
  readonly interruptMs: number;
};

/** What sessions need of the rest of the node. Functions that store something are for use inside `store.write`. */
export type SessionPorts = {
  readonly store: Store;
  readonly sessions: SessionStore;
  readonly turns: TurnQueue;
  readonly runner: AgentRunner;
  readonly audit: { write(sessionId: string, entry: AuditEntry): void };
  readonly questions: {
    ask(question: SessionQuestion & Recipient & { readonly text: Said }): string;
    /** It needs no answer any more: `text` is what the user reads in its place. */
    withdraw(id: string, text?: Said): void;
    /** What is open for a user. */
    openFor(
      userId: string,
    ): readonly { readonly id: string; readonly kind: string; readonly title: string; readonly subject: unknown }[];
  };
  readonly tasks: {
    begin(
      task: Recipient & {
        readonly description: string;
        readonly subject: { readonly kind: 'session'; readonly sessionId: string; readonly turnId: string };
      },
    ): string;
    finish(id: string, end: TaskEnd): void;
  };
  /** Stores the answer to a message. */
  readonly respond: (message: Recipient & { readonly forwardId: string }, reply: SessionReply) => void;
  /** Stores a message that nobody waits for. */
  readonly say: (to: Recipient, text: Said, question?: SessionQuestion) => void;
  /** `step` is in the user's language. */
  readonly showProgress: (forwardId: string, text: string, step: string | undefined) => void;
  /** The language that a user reads. */
  readonly languageOf: (userId: string) => Language;
  /** Does something after a while: for what is only worth saying when nothing else came of it meanwhile. */
  readonly later: (work: () => void) => void;
  /** A session's state is another one now. */
  readonly onChange: () => void;
  /** Of a new session. */
  readonly defaultMode: PermissionMode;
  readonly limits: SessionLimits;
  readonly nodeId: string;
  readonly workingDir: string;
  readonly logger: Logger;
};
