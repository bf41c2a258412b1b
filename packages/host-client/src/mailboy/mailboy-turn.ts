import type { ChatMessage } from '@phonework/shared/llm';

/** A message of a user that the mailboy is to answer. */
export type MailboyTurn = {
  readonly userId: string;
  readonly chatId: string;
  readonly turnId: string;
  readonly text: string;
  /** The user's earlier turns as `run` returned them, oldest first; any number. */
  readonly history: readonly (readonly ChatMessage[])[];
  readonly signal: AbortSignal;
  /** The whole text so far, and the tool that runs now. Must not throw. */
  readonly onProgress: (text: string, step?: string) => void;
  /** See TurnContext. */
  readonly beforeEffect: (summary: string) => Promise<void>;
  /** What was begun so has ended, and that came of it: after each tool call. Must not throw. */
  readonly afterEffects: (outcome: string) => void;
};

export type MailboyAnswer = {
  /** What the user reads; never empty. */
  readonly reply: string;
  /** To be remembered: the user's message, what was called, and the answer. */
  readonly messages: readonly ChatMessage[];
};
