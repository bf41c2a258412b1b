import type { HouseOptions } from '@phonework/testkit/house';
import type { Scene } from './scene.ts';

/** Something that goes wrong while people write. */
export type Fault = {
  /** For `--only`, such as `kill-router`. */
  readonly name: string;
  /** For the table, in a few words. */
  readonly title: string;
  /** What happens, when, and what has to come of it, in a sentence. */
  readonly description: string;
  /** How many messages are sent, at full size. */
  readonly messages: number;
  /** How many in the short version, which is a test; it leaves out faults without this. */
  readonly shortMessages?: number;
  /** Who write; 20 without it. */
  readonly users?: number;
  readonly house?: HouseOptions;
  /** For what may not be quiet within three minutes. */
  readonly quietMs?: number;
  /**
   * Starts the programs (`scene.start`), sends `scene.messages` messages and does harm. What it leaves broken is healed
   * for it; then everything is waited for, and judged. It may check more by throwing.
   */
  readonly run: (scene: Scene) => Promise<void>;
};
