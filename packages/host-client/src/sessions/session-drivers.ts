import { SessionDriver } from './session-driver.ts';
import type { SessionPorts } from './session-ports.ts';

/** Who works on the queues of sessions: one for each that had something to do since the start. */
export class SessionDrivers {
  readonly #ports: SessionPorts;
  readonly #drivers = new Map<string, SessionDriver>();
  #isClosing = false;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  /** Made where there is none. */
  get(sessionId: string): SessionDriver {
    let driver = this.#drivers.get(sessionId);
    if (driver === undefined) {
      driver = new SessionDriver(sessionId, this.#ports);
      this.#drivers.set(sessionId, driver);
    }
    return driver;
  }

  find(sessionId: string): SessionDriver | undefined {
    return this.#drivers.get(sessionId);
  }

  /** Something waits in the queue of this session. */
  wake(sessionId: string): void {
    if (!this.#isClosing) this.get(sessionId).wake();
  }

  /** Ends the process of a session, and its running turn. */
  async close(sessionId: string): Promise<void> {
    await this.#drivers.get(sessionId)?.close();
    this.#drivers.delete(sessionId);
  }

  /** Running turns get until `patience` is aborted; then they are left as they are, for the next start to see to. */
  async shutDown(patience: AbortSignal): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#drivers.values()].map((driver) => driver.shutDown(patience)));
  }
}
