import type { Journey } from '@phonework/shared/journey';
import type { Logger } from '@phonework/shared/log';
import * as z from 'zod';
import type { ChannelHandlers } from '../chat-channel.ts';
import { CardAction, toCardAnswer, toIncomingAction } from './card.ts';
import type { BotIdentity, EventHandlers } from './events.ts';
import { MessageEvent, RecallEvent, toIncomingMessage, VisitEvent } from './events.ts';
import { StopPress, toIncomingStop, toStopAnswer } from './live/stop-press.ts';
import { MenuEvent, toMenuMessage } from './menu.ts';
import type { MessageEdits } from './message-edits.ts';

/** What Feishu brings: each event is read, and handed on if it is for this app. */
export class Inbound {
  /** For whatever way events come in. */
  readonly events: EventHandlers = {
    'im.message.receive_v1': (event) => this.#receive(event),
    'card.action.trigger': (event) => this.#press(event),
    'im.message.recalled_v1': (event) => this.#recall(event),
    'im.chat.access_event.bot_p2p_chat_entered_v1': (event) => this.#visit(event),
    'application.bot.menu_v6': (event) => this.#openMenu(event),
  };
  /** The bot's own open_id, once it is known. */
  botOpenId: string | undefined;
  readonly #appId: string;
  readonly #edits: MessageEdits;
  readonly #journey: Journey;
  readonly #logger: Logger;
  #handlers: ChannelHandlers | undefined;
  #isStopped = false;
  #lastEventAt: number | undefined;

  constructor(options: {
    readonly appId: string;
    readonly edits: MessageEdits;
    readonly journey: Journey;
    readonly logger: Logger;
  }) {
    this.#appId = options.appId;
    this.#edits = options.edits;
    this.#journey = options.journey;
    this.#logger = options.logger;
  }

  get bot(): BotIdentity {
    return { appId: this.#appId, ...(this.botOpenId !== undefined && { openId: this.botOpenId }) };
  }

  get isOn(): boolean {
    return this.#handlers !== undefined && !this.#isStopped;
  }

  get lastEventAt(): number | undefined {
    return this.#lastEventAt;
  }

  start(handlers: ChannelHandlers): void {
    this.#handlers = handlers;
  }

  /** Events that come after this are left to come again. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when the event may be acknowledged; rejects when it is to come again. So do the others. */
  async #receive(raw: unknown): Promise<void> {
    const handlers = this.#open();
    const event = this.#read(MessageEvent, raw);
    if (event === undefined) return;
    const id = event.message.message_id;
    this.#journey('event.received', id);
    const message = toIncomingMessage(event, this.bot);
    if (message === null) return;
    await handlers.onMessage(message);
    this.#journey('event.acked', id);
  }

  /** Resolves with the answer to a press; `{}` where there is nothing to say. */
  async #press(raw: unknown): Promise<unknown> {
    const handlers = this.#open();
    const { data: stop } = StopPress.safeParse(raw);
    if (stop?.app_id === this.#appId) return toStopAnswer(await handlers.onStop(toIncomingStop(stop)));
    const { data: action } = CardAction.safeParse(raw);
    if (action?.app_id === this.#appId) {
      return await this.#edits.duringPress(raw, async () =>
        toCardAnswer(await handlers.onAction(toIncomingAction(action))),
      );
    }
    this.#logger.warn('Feishu sent a press that can not be read, or is of another app, dropped');
    return {};
  }

  async #recall(raw: unknown): Promise<void> {
    const handlers = this.#open();
    const event = this.#read(RecallEvent, raw);
    if (event === undefined) return;
    await handlers.onRecall({ channel: 'feishu', chatId: event.chat_id, messageId: event.message_id });
  }

  async #visit(raw: unknown): Promise<void> {
    const handlers = this.#open();
    const event = this.#read(VisitEvent, raw);
    if (event === undefined) return;
    await handlers.onVisit({ channel: 'feishu', chatId: event.chat_id, userId: event.operator_id.open_id });
  }

  async #openMenu(raw: unknown): Promise<void> {
    const handlers = this.#open();
    const event = this.#read(MenuEvent, raw);
    if (event !== undefined) await handlers.onMessage(toMenuMessage(event));
  }

  /** Throws when nobody is there to handle an event. */
  #open(): ChannelHandlers {
    if (this.#handlers === undefined || this.#isStopped) throw new Error('the channel is stopped');
    this.#lastEventAt = Date.now();
    return this.#handlers;
  }

  /** Undefined for what is to be dropped: it would be no better if it came again. */
  #read<T extends { readonly app_id: string }>(schema: z.ZodType<T>, raw: unknown): T | undefined {
    const parsed = schema.safeParse(raw);
    if (!parsed.success) {
      const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      const type = EventType.safeParse(raw).data?.event_type;
      this.#logger.warn({ type, faults }, 'Feishu sent an event that can not be read, dropped');
      return undefined;
    }
    if (parsed.data.app_id === this.#appId) return parsed.data;
    this.#logger.warn({ app: parsed.data.app_id }, 'Feishu sent an event of another app, dropped');
    return undefined;
  }
}

const EventType = z.object({ event_type: z.string().max(100) });
