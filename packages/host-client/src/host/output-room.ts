import { join } from 'node:path';
import type { Logger } from '@phonework/shared/log';
import type { Store } from '@phonework/shared/store';
import type { OpenQuestions } from '../approvals/open-questions.ts';
import { WHOLE_OUTPUT, wholeOutputOwner } from '../commands/whole-output.ts';
import type { FileRoots } from '../files/file-roots.ts';
import type { FileUploads } from '../link/file-uploads.ts';
import { OutputRequests } from '../link/output-requests.ts';
import type { RouterMail } from '../link/router-mail.ts';
import { LastOutputs } from '../shell/last-outputs.ts';
import { WholeOutputs } from '../shell/whole-outputs.ts';

export type OutputRoomParts = {
  readonly store: Store;
  readonly mail: RouterMail;
  readonly uploads: FileUploads;
  readonly roots: FileRoots;
  readonly questions: OpenQuestions;
  /** Turns whose last output may still be asked for. */
  readonly openTurns: () => readonly string[];
  readonly logger: Logger;
};

/** What commands said: where only a part was shown, as files, and on the way to those who want them; and of open turns. */
export class OutputRoom {
  readonly whole: WholeOutputs;
  readonly last: LastOutputs;
  readonly requests: OutputRequests;
  readonly #openTurns: () => readonly string[];

  constructor(dataDir: string, { questions, openTurns, ...parts }: OutputRoomParts) {
    this.#openTurns = openTurns;
    this.last = new LastOutputs({ folder: join(dataDir, 'last-outputs'), logger: parts.logger });
    // Below the name by which FileRoots knows it.
    this.whole = new WholeOutputs({ folder: join(dataDir, 'outputs'), logger: parts.logger });
    this.requests = new OutputRequests(parts);
    questions.own(
      WHOLE_OUTPUT,
      wholeOutputOwner((request) => this.requests.request(request)),
    );
  }

  /** To be called when the uploads have started. */
  start(): void {
    this.whole.start();
    void this.last.sweep(this.#openTurns());
    this.requests.start();
  }

  /** Stopping twice is fine. */
  async stop(): Promise<void> {
    await this.requests.stop();
    await this.whole.close();
  }
}
