import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@phonework/testkit/wait';
import type { Forward, OddNodeOptions } from './odd-node.ts';
import { OddNode } from './odd-node.ts';
import type { Scene } from './scene.ts';

const PER_SECOND = 12;

/** Of a scene with 20 of them: whom the real node serves, and whom an odd one. */
export const users: { readonly steady: readonly string[]; readonly odd: readonly string[] } = {
  steady: Array.from({ length: 15 }, (_, index) => `ou_user${index}`),
  odd: Array.from({ length: 5 }, (_, index) => `ou_user${15 + index}`),
};

/** How long the users of the real node may wait for what is still open, while another node is odd. */
const SERVED_WITHIN_MS = 60_000;

/** The odd node, or another one by the side of it. Resolves when it is registered. */
export async function connectOdd(
  { house }: Scene,
  options: Partial<OddNodeOptions> & Pick<OddNodeOptions, 'onForward'>,
): Promise<OddNode> {
  const node = { url: wsUrl(house.url), secret: house.secret, nodeId: 'odd-node', users: users.odd, instanceId: 'one' };
  return await OddNode.connect({ ...node, ...options });
}

/** As a node has to. */
export function answerAtOnce(): OddNodeOptions['onForward'] {
  const taken = new Set<string>();
  return (forward, node) => {
    node.ack(forward);
    if (taken.has(forward.id)) return;
    taken.add(forward.id);
    node.answer(forward, forward.text);
  };
}

/** All messages of the fault. Returns the numbers of those for the odd node. */
export async function writeAll(scene: Scene): Promise<number[]> {
  return await write(scene, scene.messages);
}

/** A third of the messages are for the odd node, which only knows plain ones. */
export async function write(scene: Scene, count: number, oddUsers = users.odd): Promise<number[]> {
  const odd: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const isOdd = scene.random.next() < 1 / 3;
    const number = scene.say({
      user: scene.random.pick(isOdd ? oddUsers : users.steady),
      ...(isOdd && { kind: 'plain' }),
    });
    if (isOdd) odd.push(number);
    await delay(1000 / PER_SECOND);
  }
  return odd;
}

export async function steadyAreServed(scene: Scene): Promise<void> {
  const chats = new Set(users.steady.map((user) => scene.house.feishu.chatOf(user)));
  const ids = scene.evidence().sent.flatMap(({ id, chatId }) => (chats.has(chatId) ? [id] : []));
  await waitFor(() => ids.every((id) => scene.answeredIds().has(id)), {
    what: 'the users of the real node to be served',
    timeoutMs: SERVED_WITHIN_MS,
  });
}

/** All of the odd node's messages but those that are held. */
export async function oddIsServed(scene: Scene, held: readonly Forward[]): Promise<void> {
  await waitFor(() => scene.answeredIds().size >= scene.sentCount - held.length, {
    what: 'the newer instance to answer what it got',
    timeoutMs: SERVED_WITHIN_MS,
  });
}

export async function oddIsAway({ house }: Scene): Promise<void> {
  await waitFor(
    async () => (await house.health())?.nodes?.some((node) => node.node_id === 'odd-node' && node.status !== 'online'),
    { what: 'the router to miss the odd node', timeoutMs: 60_000 },
  );
}

/** Whether the user was told that it takes longer. */
export function isToldToWait({ house, sentIds }: Scene, number: number): boolean {
  const id = sentIds[number - 1];
  return house.feishu.sent.some(({ replyTo, text }) => id !== undefined && replyTo === id && text.startsWith('⏳'));
}

export function wsUrl(url: string): string {
  return `${url.replace('http', 'ws')}/ws/node`;
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}
