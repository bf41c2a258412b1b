import type { Said } from '@phonework/shared/language';
import { inLanguage } from '@phonework/shared/language';

export const permissionModes = ['default', 'acceptEdits', 'plan', 'bypassPermissions'] as const;

/** What a coding agent may do without asking, in Claude Code's words. */
export type PermissionMode = (typeof permissionModes)[number];

/** How a conversation with a coding agent is begun or gone on with. */
export type AgentStart = {
  /** The agent's own id of the conversation, a UUID: chosen by us for a new one. */
  readonly conversationId: string;
  readonly isNew: boolean;
  /** Runs a turn again that a crash has cut. Only for one that is not new, and only when the user said so. */
  readonly continuesCutTurn: boolean;
  /** A folder that exists. */
  readonly cwd: string;
  readonly mode: PermissionMode;
  /** Absent: the agent's own default. */
  readonly model?: string;
  /** Takes what happens, in order; nothing comes after `ended` has resolved. Must not throw. */
  readonly onEvent: (event: AgentEvent) => void;
};

/** A coding agent, such as Claude Code. */
export interface AgentRunner {
  /** Resolves when the agent takes messages. Rejects with AgentError. */
  start(start: AgentStart, signal: AbortSignal): Promise<AgentProcess>;
  /** How a person goes on with a conversation in a terminal. Rejects with AgentError `missing`. */
  terminalCommand(conversationId: string): Promise<TerminalCommand>;
  /** The pid of another live process that has this conversation open, be it a person's at the desk. */
  findOwner(conversationId: string): Promise<number | undefined>;
  /** The conversations of this machine whose folder is `folder` or lies below, newest first, at most `limit`. */
  listConversations(folder: string, limit: number): Promise<readonly AgentConversation[]>;
}

/** To be run in the conversation's folder. */
export type TerminalCommand = { readonly command: string; readonly args: readonly string[] };

/** One conversation that is open in a process of its own. A turn at a time: the caller queues. */
export interface AgentProcess {
  /** Resolves when the process is gone with all that it started. Never rejects. */
  readonly ended: Promise<AgentEnd>;
  /** Begins a turn. `id` is a UUID, and comes back in the turn's `turn-ended`. Rejects with AgentError `ended`. */
  send(message: { readonly id: string; readonly text: string }): Promise<void>;
  /** Ends the turn that runs; its `turn-ended` comes at once. Harmless when none runs. */
  interrupt(): Promise<void>;
  /** Answers an `asks` event. For one that is no longer open it does nothing. */
  answer(requestId: string, decision: AgentDecision): Promise<void>;
  /** For this and later turns. Rejects with AgentError `refused`. */
  setMode(mode: PermissionMode): Promise<void>;
  /** `undefined` is the agent's default. Rejects with AgentError `refused`. */
  setModel(model: string | undefined): Promise<void>;
  /** Undefined when the agent does not tell. */
  contextUsage(): Promise<ContextUsage | undefined>;
  /** `resumable` leaves a turn that runs as cut, so that it may be continued; else it is given up. Twice is fine. */
  end(options: { readonly resumable: boolean }): Promise<void>;
}

export type ContextUsage = { readonly usedTokens: number; readonly maxTokens: number };

export type AgentEnd = {
  readonly code: number | null;
  /** A sentence for the user, where the agent said why. */
  readonly reason?: Said;
};

/** Something that a person did with the agent on this machine. */
export type AgentConversation = {
  readonly conversationId: string;
  readonly cwd: string;
  /** The first line that the person wrote; may be empty. */
  readonly firstLine: string;
  /** ms since the epoch. */
  readonly lastUsedAt: number;
};

export type AgentEvent =
  /** A turn begins, also one that nobody asked for. Comes again with each turn. */
  | {
      readonly kind: 'turn-started';
      readonly conversationId: string;
      readonly model: string;
      readonly mode: PermissionMode | undefined;
    }
  /** The conversation goes on under another id, from here on. */
  | { readonly kind: 'conversation-changed'; readonly conversationId: string }
  /** More of the text that the model writes now. */
  | { readonly kind: 'text'; readonly delta: string }
  /** A text that is complete: all of its deltas in one. */
  | { readonly kind: 'message'; readonly text: string }
  | {
      readonly kind: 'tool-started';
      readonly toolUseId: string;
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'tool-ended';
      readonly toolUseId: string;
      readonly isError: boolean;
      readonly output: string;
    }
  | { readonly kind: 'asks'; readonly requestId: string; readonly ask: AgentAsk }
  /** Nobody needs to answer it any more. */
  | { readonly kind: 'ask-withdrawn'; readonly requestId: string }
  /** The model's service failed, and is asked again. `failure` where waiting will not help. */
  | {
      readonly kind: 'retry';
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly reason: Said;
      readonly failure?: AgentFailure;
    }
  /** The conversation so far was replaced by its summary. */
  | { readonly kind: 'compacted' }
  /** Something came that is no message of the agent's: shown to nobody, kept for diagnosis. */
  | { readonly kind: 'noise'; readonly line: string }
  | { readonly kind: 'turn-ended'; readonly result: AgentResult };

/** What the agent wants to know before it goes on. */
export type AgentAsk =
  | {
      readonly kind: 'permission';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** Why the agent has to ask, where it says so. */
      readonly reason?: string;
      /** What "for this session" and "always" would allow, such as `Bash(npm test *)`; absent where it offers none. */
      readonly sessionRule?: string;
      readonly alwaysRule?: string;
    }
  | { readonly kind: 'questions'; readonly questions: readonly AgentQuestion[] }
  | { readonly kind: 'plan'; readonly plan: string };

export type AgentQuestion = {
  readonly question: string;
  /** A word or two. */
  readonly header: string;
  readonly options: readonly { readonly label: string; readonly description: string }[];
  readonly multiple: boolean;
};

export type AgentDecision =
  | { readonly kind: 'allow'; readonly scope: 'once' | 'session' | 'always' }
  /** `message` is for the model. */
  | { readonly kind: 'deny'; readonly message: string }
  /** By the question's text; several options of one are joined by ", ". */
  | { readonly kind: 'answers'; readonly answers: Readonly<Record<string, string>> }
  | { readonly kind: 'approve-plan'; readonly acceptEdits: boolean };

export type AgentResult = {
  /** The messages that this turn answered; empty for a turn that nobody asked for. */
  readonly messageIds: readonly string[];
  /** The last words; may be empty. */
  readonly text: string;
  readonly isInterrupted: boolean;
  readonly failure?: AgentFailure;
  /** Of the whole conversation so far. */
  readonly costUsd: number | undefined;
};

type AgentFailureCode = 'not_logged_in' | 'over_limit' | 'overloaded' | 'refused' | 'too_many_turns' | 'failed';

/** Why a turn came to nothing: a sentence that says what to do. */
export type AgentFailure = { readonly code: AgentFailureCode; readonly said: Said };

export type AgentErrorCode = 'missing' | 'not_started' | 'no_conversation' | 'refused' | 'ended' | 'aborted';

/** The agent could not do what it was asked; `said` is a sentence for the user. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  readonly said: Said;
  constructor(code: AgentErrorCode, said: Said, options?: ErrorOptions) {
    super(inLanguage(said, 'en'), options);
    this.code = code;
    this.said = said;
  }
}
