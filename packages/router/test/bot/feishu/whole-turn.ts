import type { FeishuMessage } from '@phonework/testkit/feishu-server';
import { showsTurn } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import type { FeishuRouter } from './feishu-router.ts';

/** For calls that are made again seconds later. */
const patient = { timeoutMs: 20_000 };

/** A turn that Alice's machine works on, and that is shown in her chat. */
export class WholeTurn {
  readonly id: string;
  readonly question: string;
  readonly #router: FeishuRouter;

  private constructor(router: FeishuRouter, { id, question }: { readonly id: string; readonly question: string }) {
    this.#router = router;
    this.id = id;
    this.question = question;
  }

  /** Alice asks it; resolves when the card of the turn is in her chat. */
  static async begin(router: FeishuRouter, text: string): Promise<WholeTurn> {
    const question = router.feishu.say({ openId: 'ou_alice', text });
    const { id } = await router.node.next('forward');
    const turn = new WholeTurn(router, { id, question });
    turn.#progress('I begin.');
    await waitFor(() => turn.card, { ...patient, what: 'the card of the turn' });
    return turn;
  }

  get card(): FeishuMessage | undefined {
    return this.#router.shown().find((message) => message.replyTo === this.question && showsTurn(message));
  }

  /** Resolves when the card shows this text. */
  async shows(text: string): Promise<void> {
    this.#progress(text);
    await waitFor(() => this.card?.text.includes(text), { ...patient, what: `the card to show "${text}"` });
  }

  answer(reply: string): void {
    this.#router.node.send({ type: 'forward_response', id: this.id, reply });
  }

  #progress(text: string): void {
    this.#router.node.send({ type: 'progress', id: this.id, text, step: 'Bash: npm test' });
  }
}

/** What the bot has said to Alice, in order, each by its first line; without the cards that show turns. */
export function answersTo(router: FeishuRouter): string[] {
  return router
    .shown()
    .filter((message) => !showsTurn(message))
    .map(({ text }) => text.trim().split('\n')[0] ?? '');
}

/** Resolves when that many answers are there, and nothing more is on its way. */
export async function untilAnswered(router: FeishuRouter, count: number): Promise<void> {
  const isThere = () => answersTo(router).length >= count && !router.shown().some(isRunning);
  await waitFor(isThere, { ...patient, what: `${count} answers` }).catch((cause: unknown) => {
    throw new Error(`${count} answers were waited for: ${JSON.stringify(router.said(), null, 1)}`, { cause });
  });
  await router.untilQuiet(patient);
}

/** A card with *Stop* in it. */
function isRunning(message: FeishuMessage): boolean {
  return showsTurn(message) && message.text.includes('Stop');
}
