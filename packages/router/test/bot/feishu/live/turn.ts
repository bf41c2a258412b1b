import type { FeishuMessage } from '@phonework/testkit/feishu-server';
import type { EndedTurn, OutgoingMessage, TurnView } from '../../../../src/bot/chat-channel.ts';
import type { CardTimings } from '../../../../src/bot/feishu/live/live-cards.ts';
import type { ChannelSetting } from '../setting.ts';
import { Setting } from '../setting.ts';

/** Everything that takes seconds in a chat, in hundredths of them. */
const quick: Partial<CardTimings> = {
  openAfterMs: 10,
  gapMs: 20,
  patchGapMs: 60,
  tickMs: 50,
  slowTickMs: 100,
  retryMinMs: 20,
  retryMaxMs: 100,
};

/** A question of Alice's and the turn that answers it. */
export class Turn {
  readonly setting: Setting;
  readonly replyTo: string;
  readonly view: TurnView;

  private constructor(setting: Setting) {
    this.setting = setting;
    this.replyTo = setting.feishu.say({ openId: 'ou_alice', chatId: 'oc_team', text: 'fix it' });
    this.view = {
      id: 'turn-1',
      chatId: 'oc_team',
      replyTo: this.replyTo,
      startedAt: Date.now(),
      text: '',
      language: 'en',
    };
  }

  static async begin(options: Parameters<typeof Setting.open>[0] = {}): Promise<Turn> {
    const { channel = {} as ChannelSetting } = options;
    const { timings } = channel;
    const cards = { ...quick, ...timings?.cards };
    return new Turn(await Setting.open({ ...options, channel: { ...channel, timings: { ...timings, cards } } }));
  }

  show(change: Partial<TurnView> = {}): void {
    this.setting.channel.showTurn({ ...this.view, ...change });
  }

  answer(text: string, turn: Partial<EndedTurn> = {}): OutgoingMessage {
    const { chatId, replyTo, id } = this.view;
    return {
      id: 'answer-1',
      chatId,
      replyTo,
      text,
      language: 'en',
      turn: { id, tookMs: 12_300, isInPlace: true, ...turn },
    };
  }

  /** An answer to another message of the chat. */
  elsewhere(text: string): OutgoingMessage {
    const { chatId } = this.view;
    return { id: 'another', chatId, text, language: 'en' };
  }

  /** What the bot has in the chat, in order. */
  get shown(): readonly FeishuMessage[] {
    return this.setting.feishu.sent;
  }

  /** The one card. */
  get card(): FeishuMessage {
    const [card, ...others] = this.shown;
    if (card === undefined || others.length > 0) throw new Error(`expected one message, got ${this.shown.length}`);
    return card;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.setting[Symbol.asyncDispose]();
  }
}
