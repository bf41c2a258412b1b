import { decodeRouterFrame, ProtocolError, RouterFrame } from '@phonework/shared/protocol';
import * as fc from 'fast-check';
import type { OpenDoor } from '../door.ts';
import { defineDoor } from '../door.ts';
import type { Frame, Verdict } from '../frames.ts';
import { checkClosing, framesOf, isTooBig } from '../frames.ts';
import type { Peer } from '../peer.ts';
import { SiegeNode } from '../siege-node.ts';
import { strangeText } from '../strange.ts';

const registered = JSON.stringify({ type: 'registered', protocol: 1, heartbeat_interval_s: 30 });

/** What a router says to a node, before it has registered it and after. */
export const routerFrames = defineDoor({ name: 'router-frames', share: 5, open });

type Said = { readonly isRegistered: boolean; readonly frames: readonly Frame[] };

async function open(): Promise<OpenDoor<Said>> {
  const node = await SiegeNode.start();
  const ids = fc.oneof(fc.constantFrom('a', 'b', 'c'), strangeText);
  const known = {
    id: ids,
    message_id: ids,
    user_id: fc.oneof(fc.constantFrom('ou_alice', 'ou_alice', 'ou_stranger'), strangeText),
    chat_id: fc.constantFrom('oc_1', 'oc_2'),
    // No text of a person's makes this machine do anything but these, which change nothing on it.
    text: fc.oneof(
      fc.constantFrom('/status', '/sessions', '/tasks', '/reminders', '/help', '/smart', '/remind in 2 h x'),
      strangeText,
    ),
    heartbeat_interval_s: fc.constantFrom(30, 0.001, 5e-324, 1e9, 1e308),
  };
  const frame = framesOf(RouterFrame.options, known);
  const cases = fc.record({
    isRegistered: fc.constantFrom(true, true, true, false),
    frames: fc.array(frame, { minLength: 1, maxLength: 4 }),
  });
  return {
    cases,
    meet: (said) => meet(node, said),
    serves: () => serves(node),
    close: async () => await node[Symbol.asyncDispose](),
  };
}

async function meet(node: SiegeNode, { isRegistered, frames }: Said): Promise<void> {
  const peer = await node.link();
  if (isRegistered) peer.socket.send(registered);
  for (const frame of frames) {
    const verdict = verdictOn(frame);
    peer.socket.send(frame);
    const closing = await peer.settled();
    checkClosing(closing, verdict);
    if (closing !== undefined) return;
  }
}

/** Answers one message, on a link of its own. */
async function serves(node: SiegeNode): Promise<void> {
  const before = await node.link();
  before.socket.close(1000);
  await before.settled();
  const peer: Peer = await node.link();
  acknowledgeAll(peer);
  peer.socket.send(registered);
  const forward = { type: 'forward', id: 'well-behaved', user_id: 'ou_alice', chat_id: 'oc_1', text: '/status' };
  peer.socket.send(JSON.stringify(forward));
  await peer.hears('"forward_response","id":"well-behaved"');
}

/** Only so many go out without an ack, and nobody has acknowledged the answers to the strange ones. */
function acknowledgeAll({ socket }: Peer): void {
  socket.on('message', (data) => {
    const { type, id } = JSON.parse(String(data));
    if (['forward_response', 'task_complete', 'message', 'file'].includes(type)) {
      socket.send(JSON.stringify({ type: 'ack', id }));
    }
  });
}

function verdictOn(frame: Frame): Verdict {
  if (isTooBig(frame)) return [1009];
  if (typeof frame !== 'string') return [1008];
  try {
    decodeRouterFrame(frame.toWellFormed());
    return 'taken';
  } catch (error) {
    if (error instanceof ProtocolError) return [1008];
    throw error;
  }
}
