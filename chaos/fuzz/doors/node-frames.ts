import { decodeNodeFrame, NodeFrame, ProtocolError } from '@phonework/shared/protocol';
import * as fc from 'fast-check';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import type { Frame, Verdict } from '../frames.ts';
import { checkClosing, framesOf, isTooBig } from '../frames.ts';
import { Peer } from '../peer.ts';
import { SECRET, SiegeRouter } from '../siege-router.ts';
import { strangeText } from '../strange.ts';

const register = {
  type: 'register',
  node_id: 'home-pc',
  serves_users: ['ou_alice'],
  protocol: 1,
  instance_id: 'instance-1',
};

/** What a node sends: as its first frame, and later. */
export const nodeFrames = defineDoor({ name: 'node-frames', share: 12, open });

type Said = { readonly place: 'first' | 'later'; readonly frames: readonly Frame[] };

async function open(): Promise<OpenDoor<Said>> {
  const house = await SiegeRouter.start({ events: 'webhook' });
  const door = new NodeDoor(house);
  const ids = fc.oneof(fc.constantFrom('a', 'b', 'c'), strangeText);
  const known = {
    id: ids,
    replaces: ids,
    user_id: fc.oneof(fc.constantFrom('ou_alice', 'console', 'ou_stranger'), strangeText),
    chat_id: fc.oneof(fc.constantFrom('oc_1', 'console'), strangeText),
    node_id: fc.constantFrom('home-pc', 'work', 'other', '..', '-'),
    serves_users: fc.constantFrom(['ou_alice'], ['ou_alice', 'console'], []),
  };
  const frame = framesOf(NodeFrame.options, known);
  const cases = fc.oneof(
    { weight: 4, arbitrary: fc.array(frame, { minLength: 1, maxLength: 4 }).map((frames) => said('later', frames)) },
    { weight: 1, arbitrary: frame.map((first) => said('first', [first])) },
  );
  return {
    cases,
    meet: (value) => door.meet(value),
    serves: () => door.serves(),
    close: () => door.close(),
  };
}

function said(place: Said['place'], frames: readonly Frame[]): Said {
  return { place, frames };
}

/** Keeps a node connected from case to case, until it is closed. */
class NodeDoor {
  readonly #house: SiegeRouter;
  #node: Peer | undefined;

  constructor(house: SiegeRouter) {
    this.#house = house;
  }

  async meet({ place, frames }: Said): Promise<void> {
    if (place === 'first') {
      using stranger = await this.#connect();
      for (const frame of frames) await this.#say(stranger, frame, verdictOnFirst(frame));
      return;
    }
    for (const frame of frames) await this.#say(await this.#registered(), frame, verdictOn(frame));
  }

  async serves(): Promise<void> {
    expectThat(await this.#house.isHealthy(), 'the router is not healthy');
    using node = await this.#connect();
    node.socket.send(JSON.stringify({ ...register, node_id: 'well-behaved' }));
    await node.hears('"registered"');
    const task = { type: 'message', id: 'm', user_id: 'ou_alice', chat_id: 'oc_1', text: 'hello' };
    node.socket.send(JSON.stringify(task));
    await node.hears('"ack"');
  }

  async close(): Promise<void> {
    this.#node?.[Symbol.dispose]();
    await this.#house[Symbol.asyncDispose]();
  }

  async #say(peer: Peer, frame: Frame, verdict: Verdict | 'judged'): Promise<void> {
    peer.socket.send(frame);
    const closing = await peer.settled();
    if (verdict !== 'judged') checkClosing(closing, verdict);
    else if (closing !== undefined) checkClosing(closing, [4401, 4409]);
  }

  async #registered(): Promise<Peer> {
    if (this.#node?.isOpen === true) return this.#node;
    const node = await this.#connect();
    node.socket.send(JSON.stringify(register));
    await node.hears('"registered"');
    this.#node = node;
    return node;
  }

  async #connect(): Promise<Peer> {
    return await Peer.connect(this.#house.router.nodeUrl, { headers: { authorization: `Bearer ${SECRET}` } });
  }
}

/** `judged`: it registers, or is refused for who it is. */
function verdictOnFirst(frame: Frame): Verdict | 'judged' {
  if (isTooBig(frame)) return [1009];
  return typeOf(frame) === 'register' ? 'judged' : [1008];
}

function verdictOn(frame: Frame): Verdict {
  if (isTooBig(frame)) return [1009];
  const type = typeOf(frame);
  return type === 'broken' || type === 'register' ? [1008] : 'taken';
}

function typeOf(frame: Frame): string {
  if (typeof frame !== 'string') return 'broken';
  try {
    return decodeNodeFrame(frame.toWellFormed())?.type ?? 'unknown';
  } catch (error) {
    if (error instanceof ProtocolError) return 'broken';
    throw error;
  }
}
