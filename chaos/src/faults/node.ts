import type { HouseOptions } from '@phonework/testkit/house';
import { TcpProxy } from '@phonework/testkit/tcp-proxy';
import { waitFor } from '@phonework/testkit/wait';
import type { Fault } from '../fault.ts';
import {
  answerAtOnce,
  connectOdd,
  isToldToWait,
  oddIsAway,
  oddIsServed,
  portOf,
  steadyAreServed,
  users,
  write,
  writeAll,
  wsUrl,
} from '../odd-company.ts';
import type { Forward, OddNode } from '../odd-node.ts';
import type { Scene } from '../scene.ts';

const house: HouseOptions = {
  hostConfig: { SERVES_USERS: users.steady },
  keyring: { HEARTBEAT_INTERVAL_S: 1, HEARTBEAT_TIMEOUT_S: 1 },
};

/** Nodes that don't do what nodes do, beside a real one whose users are served all the time. */
export const nodeFaults: readonly Fault[] = [
  {
    ...oddFault('never-acks', 'a node that never acknowledges'),
    description:
      'A node takes messages and acknowledges none: it is taken for dead, and a better one of its name answers them all.',
    messages: 150,
    async run(scene) {
      await scene.start();
      const silent = await connectOdd(scene, { instanceId: 'silent', onForward: () => {} });
      await writeAll(scene);
      await steadyAreServed(scene);
      await waitFor(() => !silent.isOpen, { what: 'the odd node to be taken for dead', timeoutMs: 60_000 });
      scene.own(await connectOdd(scene, { instanceId: 'good', onForward: answerAtOnce() }));
      await scene.settled(scene.messages);
    },
  },
  {
    ...oddFault('never-answers', 'a node that answers nothing'),
    description:
      'A node acknowledges messages and answers none, until much later: its users are told that it is still at work, and in the end get each answer.',
    messages: 150,
    house: { ...house, keyring: { ...house.keyring, FORWARD_TIMEOUT_S: 3 } },
    async run(scene) {
      const held: Forward[] = [];
      await scene.start();
      const lazy = scene.own(
        await connectOdd(scene, {
          onForward: (forward, node) => {
            node.ack(forward);
            held.push(forward);
          },
        }),
      );
      const odd = await writeAll(scene);
      await steadyAreServed(scene);
      await waitFor(() => odd.every((number) => isToldToWait(scene, number)), {
        what: 'all users of the odd node to be told',
        timeoutMs: 60_000,
      });
      for (const forward of held) lazy.answer(forward, forward.text);
      await scene.settled(scene.messages);
    },
  },
  {
    ...oddFault('answers-late', 'a node that answers after a newer instance has come and gone'),
    description:
      'The link to a node becomes a black hole, and another instance of it comes. What the first one answers into the dead link counts for nothing; it comes again when the first one is back.',
    messages: 150,
    run: answerLate,
  },
  {
    ...oddFault('is-replaced', 'a node whose newer socket answers what the older one has taken'),
    description: 'A node comes back on another socket, and both answer the same messages at the same moment.',
    messages: 150,
    async run(scene) {
      const held: Forward[] = [];
      const hold = (forward: Forward, node: OddNode) => {
        node.ack(forward);
        held.push(forward);
      };
      await scene.start();
      const older = scene.own(await connectOdd(scene, { onForward: hold }));
      await writeAll(scene);
      const connecting = connectOdd(scene, { onForward: answerAtOnce() });
      for (const forward of held) older.answer(forward, `${forward.text}, says the older one`);
      const newer = scene.own(await connecting);
      for (const forward of held) newer.answer(forward, forward.text);
      await scene.settled(scene.messages);
    },
  },
  {
    ...oddFault('answers-for-another', 'a node that answers for another'),
    description:
      'A node answers what another one was asked, and writes to users it does not serve: nobody reads any of it.',
    messages: 150,
    shortMessages: 40,
    run: stealAnswers,
  },
  {
    ...oddFault('answers-twice', 'a node that answers twice'),
    description:
      'A node answers each message three times, with other words and after a reconnect: the first one counts.',
    messages: 150,
    async run(scene) {
      const known = new Map<string, Forward>();
      const repeat = (forward: Forward, node: OddNode) => {
        known.set(forward.id, forward);
        node.ack(forward);
        node.answer(forward, forward.text);
        node.answer(forward, `${forward.text} again`);
      };
      await scene.start();
      const first = await connectOdd(scene, { onForward: repeat });
      await writeAll(scene);
      await scene.settled(scene.messages);
      first.drop();
      const second = scene.own(await connectOdd(scene, { onForward: repeat }));
      for (const forward of known.values()) second.answer(forward, `${forward.text} once more`);
      await waitFor(() => second.isDone, { what: 'the repeated answers to be acknowledged', timeoutMs: 60_000 });
    },
  },
  {
    ...oddFault('slow-loris', 'a node that reads a byte a second'),
    description:
      'A node reads a byte a second: it is taken for dead, the others are served meanwhile, and a better one of its name answers its messages.',
    messages: 150,
    async run(scene) {
      await scene.start();
      const straw = await TcpProxy.start(portOf(scene.house.url));
      const url = wsUrl(`http://127.0.0.1:${straw.port}`);
      const slow = await connectOdd(scene, {
        url,
        instanceId: 'slow',
        onForward: (forward, node) => node.ack(forward),
      });
      straw.slow({ bytesPerS: 1 });
      await writeAll(scene);
      await steadyAreServed(scene);
      await oddIsAway(scene);
      slow.drop();
      await straw.close();
      scene.own(await connectOdd(scene, { instanceId: 'good', onForward: answerAtOnce() }));
      await scene.settled(scene.messages);
    },
  },
];

function oddFault(name: string, title: string): Pick<Fault, 'house' | 'name' | 'title'> {
  return { name: `node-${name}`, title, house };
}

async function answerLate(scene: Scene): Promise<void> {
  const held: Forward[] = [];
  await scene.start();
  const cable = await TcpProxy.start(portOf(scene.house.url));
  const first = await connectOdd(scene, {
    url: wsUrl(`http://127.0.0.1:${cable.port}`),
    instanceId: 'first',
    onForward: (forward, node) => {
      node.ack(forward);
      held.push(forward);
    },
  });
  // Others than those who write later: a node that withholds an answer sends it behind later ones.
  await write(scene, Math.floor(scene.messages / 2), users.odd.slice(0, 2));
  await waitFor(() => held.length > 0, { what: 'the first instance to have messages', timeoutMs: 60_000 });
  cable.blackHole();
  for (const forward of held) first.answer(forward, `${forward.text}, too late`);
  await oddIsAway(scene);
  const second = await connectOdd(scene, { instanceId: 'second', onForward: answerAtOnce() });
  cable.pass();
  await write(scene, scene.messages - scene.sentCount, users.odd.slice(2));
  await steadyAreServed(scene);
  await oddIsServed(scene, held);
  second.drop();
  await cable.close();
  await oddIsAway(scene);
  const back = scene.own(await connectOdd(scene, { instanceId: 'first', onForward: answerAtOnce() }));
  for (const forward of held) back.answer(forward, forward.text);
  await scene.settled(scene.messages);
}

async function stealAnswers(scene: Scene): Promise<void> {
  const held: Forward[] = [];
  await scene.start();
  const thief = scene.own(await connectOdd(scene, { nodeId: 'thief', users: ['ou_thief'], onForward: () => {} }));
  const victim = scene.own(
    await connectOdd(scene, {
      onForward: (forward, node) => {
        node.ack(forward);
        held.push(forward);
        const { id, user_id, chat_id, text } = forward;
        thief.answer({ id }, `${text}, says the thief`);
        thief.send({ type: 'message', id: `stolen-${id}`, user_id, chat_id, text: `${text}, writes the thief` });
        thief.send({
          type: 'task_complete',
          id: `task-${id}`,
          task_id: 'abc123',
          user_id,
          chat_id,
          result: `${text}, reports the thief`,
        });
      },
    }),
  );
  const odd = await writeAll(scene);
  await steadyAreServed(scene);
  await waitFor(() => held.length >= odd.length && thief.isDone, { what: 'the thief to be done', timeoutMs: 60_000 });
  for (const forward of held) victim.answer(forward, forward.text);
  await scene.settled(scene.messages);
}
