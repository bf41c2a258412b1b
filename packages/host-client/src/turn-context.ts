import type { Taint } from './taint.ts';

/** Who asks, and in which turn: travels with every command and tool call, never as ambient state. */
export type TurnContext = {
  readonly userId: string;
  readonly chatId: string;
  readonly turnId: string;
  /** Aborted when the user says /stop or the node shuts down. */
  readonly signal: AbortSignal;
  /**
   * To be awaited before anything is changed in the world: commits `summary` to the turn's journal, so that after a
   * crash the turn is reported as interrupted there, and never run again by itself.
   */
  beforeEffect(summary: string): Promise<void>;
  /** Whether strangers had a say in this turn. A tool with effects asks the user then, whatever the policy says. */
  readonly taint: Taint;
};
