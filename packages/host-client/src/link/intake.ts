import type { Logger } from '@phonework/shared/log';

/**
 * What the router must get to this node, on one link: each frame is acknowledged once it is stored. After one that could
 * not be, none is taken any more: those behind it must not overtake it.
 */
export class Intake {
  readonly #acknowledge: (id: string) => void;
  readonly #logger: Logger;
  #isDeaf = false;

  constructor(options: { readonly acknowledge: (id: string) => void; readonly logger: Logger }) {
    this.#acknowledge = options.acknowledge;
    this.#logger = options.logger;
  }

  /** `store` resolves when frame `id` is stored. Resolves to whether it was; never rejects. */
  async take(id: string, store: () => Promise<void>): Promise<boolean> {
    if (this.#isDeaf) return false;
    try {
      await store();
    } catch (error) {
      // Not acknowledged: the router keeps it, takes this node for dead, and sends it and what follows again in order.
      this.#logger.error({ err: error }, 'a message could not be stored');
      this.#isDeaf = true;
      return false;
    }
    this.#acknowledge(id);
    return true;
  }
}
