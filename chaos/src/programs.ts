import { readFileSync } from 'node:fs';
import type { House, Program } from '@phonework/testkit/house';

/** What can be killed and comes back. A standalone house has only `standalone`. */
export type ProgramRole = 'router' | 'node' | 'standalone';

/** Such as `{ PHONEWORK_KILL_AT: 'reply.stored:3' }`, which ends it the third time that a message has come so far. */
type Environment = Readonly<Record<string, string>>;

/** On a machine that has much else to do. */
export const READY_WITHIN_MS = 60_000;

/** In MB; of those that run. */
export type ResidentMb = Partial<Readonly<Record<ProgramRole, number>>>;

const names = { router: 'phonework-router', node: 'phonework-host', standalone: 'phonework' } as const;

/** The programs of a house, of which one is what it runs now. */
export class Programs {
  readonly #house: House;
  readonly roles: readonly ProgramRole[];
  readonly #running = new Map<ProgramRole, Program>();
  readonly #started: { readonly role: ProgramRole; readonly program: Program }[] = [];
  #kills = 0;

  constructor(house: House, roles: readonly ProgramRole[]) {
    this.#house = house;
    this.roles = roles;
  }

  /** How many programs a SIGKILL has ended: by `kill`, or at a named point. */
  get kills(): number {
    return this.#kills;
  }

  /** Throws when it was never started. */
  get(role: ProgramRole): Program {
    const program = this.#running.get(role);
    if (program === undefined) throw new Error(`the ${role} was never started`);
    return program;
  }

  isRunning(role: ProgramRole): boolean {
    return this.#running.get(role)?.isRunning === true;
  }

  /** Resolves when it is ready, not when it is connected; the environment holds for this start alone. */
  async start(role: ProgramRole, environment: Environment = {}): Promise<void> {
    const program = this.launch(role, environment);
    const last = role === 'router' ? 'Nodes ' : 'Shell ';
    await program.waitFor(`the ${role} to be ready`, ({ stdout }) => stdout.includes(last), {
      timeoutMs: READY_WITHIN_MS,
    });
  }

  /** Starts it without waiting: it may well end before it is ready. */
  launch(role: ProgramRole, environment: Environment = {}): Program {
    const program = this.#house.launch(names[role], environment);
    this.#running.set(role, program);
    this.#started.push({ role, program });
    void program.ended().then(({ signal }) => {
      if (signal === 'SIGKILL') this.#kills += 1;
    });
    return program;
  }

  /** `kill -9`. */
  async kill(role: ProgramRole): Promise<void> {
    await this.get(role).kill();
  }

  /** Starts what does not run: a program that died again on its way up is started again. */
  async revive(): Promise<void> {
    for (const role of this.roles) {
      for (let attempt = 1; !this.isRunning(role); attempt += 1) {
        try {
          await this.start(role);
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    }
  }

  /** Resident memory. */
  residentMb(): ResidentMb {
    const running = this.roles.filter((role) => this.isRunning(role));
    return Object.fromEntries(running.map((role) => [role, residentMb(this.get(role).pid)]));
  }

  /** What every program so far wrote to its log, in the order of their starts. */
  get logs(): string {
    return this.#started.map(({ role, program }) => `# ${role} ${program.pid}\n${program.stderr}`).join('\n');
  }
}

function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 1000);
}
