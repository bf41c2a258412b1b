import type { FeishuMessage, FeishuServer } from '@phonework/testkit/feishu-server';
import { showsTurn } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';

/** For a machine that does much else at the same time. */
const patienceMs = 30_000;

/** A user who writes to the bot in Feishu, and reads what it answers in order. */
export class Phone {
  readonly openId: string;
  readonly #feishu: FeishuServer;
  /** Ids of what counts as read. A card that became an answer since may stand above it. */
  readonly #read = new Set<string>();

  /** What the bot has said to the user before counts as read. */
  constructor(feishu: FeishuServer, openId: string) {
    this.#feishu = feishu;
    this.openId = openId;
    for (const { id } of this.messages) this.#read.add(id);
  }

  /** All that the bot has said, as it is shown now. */
  get messages(): readonly FeishuMessage[] {
    return this.#feishu
      .messagesIn(this.#feishu.chatOf(this.openId))
      .filter((message) => message.sender === 'bot' && !showsTurn(message));
  }

  get texts(): readonly string[] {
    return this.messages.map(({ text }) => text);
  }

  say(text: string): void {
    this.#feishu.say({ openId: this.openId, text });
  }

  /** Resolves with the next message that holds `text`; what came before it counts as read. */
  async hears(text: string): Promise<FeishuMessage> {
    const find = () => this.messages.find((message) => !this.#read.has(message.id) && message.text.includes(text));
    const message = await waitFor(find, { timeoutMs: patienceMs }).catch(() => {
      const latest = this.texts.slice(-10).map((shown) => shown.slice(0, 200));
      throw new Error(`${this.openId} waits for "${text}", and was sent last: ${JSON.stringify(latest, null, 1)}`);
    });
    const said = this.messages;
    for (const { id } of said.slice(0, said.findIndex(({ id }) => id === message.id) + 1)) this.#read.add(id);
    return message;
  }

  /** Says it, and resolves with the next message that holds `answer`. */
  async asks(text: string, answer: string): Promise<FeishuMessage> {
    this.say(text);
    return await this.hears(answer);
  }

  async press(message: FeishuMessage, actionId: string): Promise<void> {
    await this.#feishu.press(this.openId, message, actionId);
  }

  /** Says it, and presses a button of the question that comes. Resolves with the question. */
  async pressesAfter(text: string, question: string, actionId: string): Promise<FeishuMessage> {
    const message = await this.asks(text, question);
    await this.press(message, actionId);
    return message;
  }
}
