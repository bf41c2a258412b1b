import { join } from 'node:path';
import { ReaderLanguages } from '@phonework/shared/reader-languages';
import type { Store } from '@phonework/shared/store';
import { openStore } from '@phonework/shared/store';
import type { ChatChannel } from '../../src/bot/chat-channel.ts';
import { Deliveries } from '../../src/bot/deliveries.ts';
import { PassingFiles } from '../../src/nodes/passing-files.ts';
import type { Receipt } from '../../src/nodes/receipts.ts';
import { migrations } from '../../src/schema.ts';
import { CapturedLog } from './captured-log.ts';
import type { TempFolder } from './temp-folder.ts';

/** Deliveries over a real store, as one process has them. */
export class Office {
  readonly log = new CapturedLog();
  readonly store: Store;
  readonly files: PassingFiles;
  readonly deliveries: Deliveries;
  /** Receipts, with the message that each belongs to. */
  readonly receipts: { readonly receipt: Receipt; readonly messageId: string }[] = [];

  /** Messages of people whose answer is in the chat. */
  readonly answered: string[] = [];

  constructor(folder: TempFolder, channels: readonly ChatChannel[], timings = { retryMinMs: 5, retryMaxMs: 40 }) {
    const { logger } = this.log;
    this.store = openStore({ path: join(folder.path, 'router.db'), migrations, logger });
    // What nothing waits for goes with the next sweep.
    this.files = new PassingFiles(this.store, { folder: join(folder.path, 'passing'), logger, keepMs: -1 });
    this.deliveries = new Deliveries(this.store, {
      channels,
      logger,
      journey: () => {},
      timings,
      files: this.files,
      onReceipt: (receipt, messageId) => this.receipts.push({ receipt, messageId }),
      onShown: () => {},
      onAnswered: (_channel, messageId) => this.answered.push(messageId),
      languages: new ReaderLanguages(this.store, 'auto'),
    });
  }

  async put(chatId: string, ...texts: string[]): Promise<void> {
    await this.store.write(() => {
      for (const text of texts) this.deliveries.put({ channel: 'feishu', chatId }, text);
    });
  }

  async stop(): Promise<void> {
    await this.deliveries.stop(5000);
    this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
