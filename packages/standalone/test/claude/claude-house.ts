import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House, Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import type { Inhabitant } from './inhabitants.ts';
import { inhabitantsOf } from './inhabitants.ts';
import { Phone } from './phone.ts';

/** How long a program and all that it started may take to be gone. */
const goneMs = 15_000;

export type ClaudeHouseOptions = {
  /** Of Claude Code, or of what stands in for it. */
  readonly command: string;
  /** Of the program, which hands on what Claude Code may have of it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What Claude Code reads in its user's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly users?: readonly string[];
  readonly keyring?: Readonly<Record<string, unknown>>;
};

/** The whole of PhoneWork as one program, with a Claude Code on its machine, and users who talk to it. */
export class ClaudeHouse {
  readonly house: House;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #phones = new Map<string, Phone>();
  #program: Program | undefined;

  /** Resolves when messages can flow. */
  static async start(options: ClaudeHouseOptions): Promise<ClaudeHouse> {
    const { command, environment = {}, settings, users, keyring } = options;
    const house = await startHouse({
      standalone: true,
      keyring: { CLAUDE_COMMAND: command, NODE_ID: 'home-pc', ...keyring },
      ...(users !== undefined && { users }),
    });
    const started = new ClaudeHouse(house, environment);
    if (settings !== undefined) {
      mkdirSync(join(house.folder, '.claude'));
      writeFileSync(join(house.folder, '.claude', 'settings.json'), JSON.stringify(settings));
    }
    await started.startProgram();
    return started;
  }

  private constructor(house: House, environment: Readonly<Record<string, string>>) {
    this.house = house;
    this.#environment = environment;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error('the program was not started');
    return this.#program;
  }

  /** The folder of a session. */
  projectFolder(name: string): string {
    return join(this.house.workingDir, name);
  }

  /** Always the same for one user. */
  phone(openId = 'ou_alice'): Phone {
    const phone = this.#phones.get(openId) ?? new Phone(this.house.feishu, openId);
    this.#phones.set(openId, phone);
    return phone;
  }

  async startProgram(): Promise<Program> {
    const program = this.house.launch('phonework', this.#environment);
    this.#program = program;
    await waitFor(() => program.stdout.includes('Shell ') || !program.isRunning, {
      timeoutMs: 60_000,
      what: 'the program to be ready',
    });
    if (!program.isRunning) throw new Error(`the program ended: ${program.stdout}${program.stderr}`);
    await this.house.connected();
    return program;
  }

  /** As a power cut, for the program alone: what it has started is to notice. Resolves when nothing of it is left. */
  async kill(): Promise<void> {
    await this.program.kill();
    await this.isEmpty();
  }

  /** What runs beside the program itself. */
  async inhabitants(): Promise<readonly Inhabitant[]> {
    const all = await inhabitantsOf(this.house.folder);
    return all.filter(({ pid }) => pid !== this.program.pid);
  }

  /** Resolves when nothing runs beside the program. */
  async isEmpty(): Promise<void> {
    let left: readonly Inhabitant[] = [];
    const isGone = async () => {
      left = await this.inhabitants();
      return left.length === 0;
    };
    await waitFor(isGone, { timeoutMs: goneMs }).catch(() => {
      throw new Error(`processes were left behind: ${JSON.stringify(left)}`);
    });
  }

  /** Rejects when it leaves a process behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } finally {
      await this.house[Symbol.asyncDispose]();
    }
  }
}
