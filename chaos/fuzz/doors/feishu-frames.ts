import { once } from 'node:events';
import { waitFor } from '@phonework/testkit/wait';
import * as fc from 'fast-check';
import type { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../../packages/testkit/src/feishu/frame.ts';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { platformEvents } from '../events.ts';
import { SiegeRouter } from '../siege-router.ts';
import { jsonOf, strangeText } from '../strange.ts';

/** What the platform says over the long connection: events in frames, broken frames, and bytes. */
export const feishuFrames = defineDoor({ name: 'feishu-frames', share: 3, open });

/** `flips`: bytes of the frame that are another one, by place and value. */
type Brought = {
  readonly payload: string;
  readonly kind: 'data' | 'control';
  readonly headers: Readonly<Record<string, string>>;
  readonly flips: readonly (readonly [number, number])[];
  readonly bytes?: Uint8Array | undefined;
};

async function open(): Promise<OpenDoor<Brought>> {
  const house = await SiegeRouter.start({ events: 'websocket' });
  const door = new PlatformDoor(house);
  const headers = fc.dictionary(fc.constantFrom('type', 'message_id', 'sum', 'seq', 'trace_id', 'x'), strangeText);
  const cases = fc.record({
    payload: jsonOf(platformEvents()),
    kind: fc.constantFrom('data' as const, 'data' as const, 'data' as const, 'control' as const),
    headers: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
    flips: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 4 }) },
    ),
    bytes: fc.option(fc.uint8Array({ maxLength: 100 }), { nil: undefined, freq: 8 }),
  });
  return {
    cases,
    meet: (brought) => door.meet(brought),
    serves: () => door.serves(),
    close: async () => await house[Symbol.asyncDispose](),
  };
}

class PlatformDoor {
  readonly #house: SiegeRouter;
  #count = 0;

  constructor(house: SiegeRouter) {
    this.#house = house;
  }

  async meet({ payload, kind, headers, flips, bytes }: Brought): Promise<void> {
    const client = await this.#client();
    this.#count += 1;
    const id = `m${this.#count}`;
    const usual = { type: 'event', message_id: id, sum: '1', seq: '0', trace_id: id };
    const frame = { kind, service: 1, headers: { ...usual, ...headers }, payload: Buffer.from(payload) };
    client.send(bytes ?? flipped(encodeFrame(frame), flips));
    await settled(client);
  }

  /** Resolves when an event is acknowledged. */
  async serves(): Promise<void> {
    expectThat(await this.#house.isHealthy(), 'the router is not healthy');
    const client = await this.#client();
    const headers = { type: 'event', message_id: 'last', sum: '1', seq: '0', trace_id: 'last' };
    const header = { event_id: 'last', event_type: 'im.message.recalled_v1', app_id: 'cli_other' };
    const payload = Buffer.from(JSON.stringify({ schema: '2.0', header, event: { message_id: 'm', chat_id: 'c' } }));
    const acknowledged = Promise.withResolvers<string>();
    const listen = (data: unknown) => {
      if (!Buffer.isBuffer(data)) return;
      const frame = decodeFrame(data);
      if (frame.headers.message_id === 'last') acknowledged.resolve(frame.payload.toString());
    };
    client.on('message', listen);
    client.send(encodeFrame({ kind: 'data', service: 1, headers, payload }));
    const answer = await acknowledged.promise;
    client.off('message', listen);
    expectThat(answer.includes('"code":200'), `acknowledged with ${answer}`);
  }

  async #client(): Promise<WebSocket> {
    return await waitFor(() => this.#house.feishu.client, { what: 'the long connection' });
  }
}

function flipped(bytes: Uint8Array, flips: Brought['flips']): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [place, value] of flips) copy[place % copy.length] = value;
  return copy;
}

/** When the client has read what it was sent, or is gone. */
async function settled(client: WebSocket): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  client.ping();
  await Promise.race([once(client, 'pong', { signal }), once(client, 'close', { signal })]);
  done.abort();
}
