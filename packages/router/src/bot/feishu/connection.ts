import type { WSClient } from '@larksuiteoapi/node-sdk';
import type { Logger } from '@phonework/shared/log';
import type { FeishuCredentials } from './api.ts';
import type { EventHandlers } from './events.ts';
import { piecemealAgent } from './piecemeal-socket.ts';
import type { LoadSdk } from './sdk.ts';
import { createHttp } from './sdk.ts';
import { createSdkLogger } from './sdk-logger.ts';

export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'failed';

/** Durations in ms. */
export type ConnectionTimings = {
  /** How long an opened socket may take to become one, and how long the whole attempt may take. */
  readonly handshakeTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** How long a ping waits for any sign of life. Below the ping interval (Feishu: 120 s), or the SDK never sees it pass. */
  readonly pingTimeoutMs: number;
  /** Each wait before a new attempt is random below a bound that doubles from the first to the second of these. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A connection that lasted this long was a good one: the backoff starts anew. */
  readonly stableAfterMs: number;
  /** How often the connection is looked at. */
  readonly watchMs: number;
  /** A look that comes so much too late means that the machine slept, and the socket is dead whatever it says. */
  readonly clockJumpMs: number;
  /** A connection that is dead is found out by then: above the ping interval and the wait for its answer. */
  readonly silenceMs: number;
};

type Live = { readonly client: WSClient; readonly abort: AbortController; readonly openedAt: number; readyAt?: number };

/**
 * The long connection over which events come: one, always. The SDK's client gives up for good on many refusals, waits
 * up to 30 s after a drop and 120 s after each failure, so it is never left to reconnect by itself: whenever it is not
 * connected, it is closed and a new one is built.
 */
export class FeishuConnection {
  readonly #credentials: FeishuCredentials;
  readonly #loadSdk: LoadSdk;
  readonly #logger: Logger;
  readonly #timings: ConnectionTimings;
  readonly #events: EventHandlers;
  readonly #onReady: () => void;
  #state: ConnectionState = 'connecting';
  #live: Live | undefined;
  #retry: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  #heardUntil: number | undefined;
  #failures = 0;
  #everReady = false;
  #closed = false;

  constructor(options: {
    readonly credentials: FeishuCredentials;
    readonly loadSdk: LoadSdk;
    readonly logger: Logger;
    readonly timings: ConnectionTimings;
    readonly events: EventHandlers;
    /** After each successful connect. */
    readonly onReady: () => void;
  }) {
    this.#credentials = options.credentials;
    this.#loadSdk = options.loadSdk;
    this.#logger = options.logger;
    this.#timings = options.timings;
    this.#events = options.events;
    this.#onReady = options.onReady;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Until when all events surely came in, over the connection of now or the last one; ms since the epoch. */
  get heardUntil(): number | undefined {
    return this.#heardUntil;
  }

  /** Returns at once and goes on connecting for ever. */
  start(): void {
    if (this.#watch !== undefined || this.#closed) return;
    this.#lookedAt = Date.now();
    this.#watch = setInterval(() => this.#look(), this.#timings.watchMs);
    void this.#open();
  }

  /** No event is handed on after this. Closing twice is fine. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#discard();
  }

  async #open(): Promise<void> {
    this.#retry = undefined;
    try {
      const sdk = await this.#loadSdk();
      // Closed, or overtaken by another attempt, while the SDK was loading.
      if (this.#closed || this.#live !== undefined) return;
      const { appId, appSecret, baseUrl } = this.#credentials;
      const { handshakeTimeoutMs, pingTimeoutMs } = this.#timings;
      const logger = createSdkLogger(this.#logger, appSecret);
      const abort = new AbortController();
      const client = new sdk.WSClient({
        appId,
        appSecret,
        domain: baseUrl,
        logger,
        // One client, one attempt: a second one by the SDK itself could open a socket just when we discard the client,
        // and the platform would send events into it.
        httpInstance: createHttp(sdk, {
          timeoutMs: handshakeTimeoutMs,
          codes: 'pass',
          signal: abort.signal,
          maxCalls: 1,
        }),
        handshakeTimeoutMs,
        agent: piecemealAgent,
        wsConfig: { pingTimeout: pingTimeoutMs / 1000 },
        onReady: () => this.#ready(live),
        // A moment later: the SDK sets its own retry timer right after this call, and closing clears it.
        onReconnecting: () => queueMicrotask(() => this.#lost(live, 'reconnecting', 'the connection broke')),
        onError: (error) => this.#lost(live, 'failed', error.message),
      });
      const live: Live = { client, abort, openedAt: performance.now() };
      this.#live = live;
      const dispatcher = new sdk.EventDispatcher({ logger, cache: new sdk.DefaultCache() });
      const eventDispatcher = dispatcher.register({ ...this.#events });
      await client.start({ eventDispatcher });
    } catch (error) {
      // The SDK could not be loaded or does not accept the options.
      this.#logger.error({ err: error }, 'Feishu connection could not be set up');
      this.#scheduleOpen('failed');
    }
  }

  #ready(live: Live): void {
    if (this.#closed || live !== this.#live) return;
    live.readyAt = performance.now();
    this.#everReady = true;
    this.#state = 'connected';
    this.#logger.info('Feishu connected');
    this.#onReady();
  }

  #lost(live: Live, state: 'reconnecting' | 'failed', reason: string): void {
    if (this.#closed || live !== this.#live) return;
    this.#discard();
    if (live.readyAt !== undefined && performance.now() - live.readyAt >= this.#timings.stableAfterMs)
      this.#failures = 0;
    const delayMs = this.#scheduleOpen(state);
    this.#logger.warn({ reason, delayMs }, 'Feishu not connected, trying again');
  }

  #scheduleOpen(state: 'reconnecting' | 'failed'): number {
    this.#state = state === 'reconnecting' && !this.#everReady ? 'connecting' : state;
    const { backoffMinMs, backoffMaxMs } = this.#timings;
    const delayMs = Math.round(Math.random() * Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures));
    this.#failures += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#open(), delayMs);
    return delayMs;
  }

  #discard(): void {
    const live = this.#live;
    if (live === undefined) return;
    this.#live = undefined;
    // An endpoint call on its way can be aborted; a handshake on its way is dropped by the SDK when it ends.
    live.abort.abort();
    live.client.close({ force: true });
  }

  /** Finds what the SDK tells nobody: a first attempt that failed, one that hangs, a machine that slept. */
  #look(): void {
    const now = Date.now();
    const slept = now - this.#lookedAt > this.#timings.watchMs + this.#timings.clockJumpMs;
    this.#lookedAt = now;
    const live = this.#live;
    if (live === undefined) return;
    const { state, nextConnectTime } = live.client.getConnectionStatus();
    if (slept) this.#lost(live, 'reconnecting', 'the clock jumped');
    else if (live.readyAt !== undefined) {
      if (state !== 'connected') this.#lost(live, 'reconnecting', `the connection is ${state}`);
      else this.#heardUntil = Math.max(live.readyAt, now - this.#timings.silenceMs);
    } else if (nextConnectTime !== undefined) this.#lost(live, 'reconnecting', 'the attempt failed');
    else if (performance.now() - live.openedAt > this.#timings.connectTimeoutMs) {
      this.#lost(live, 'reconnecting', 'the attempt took too long');
    }
  }
}
