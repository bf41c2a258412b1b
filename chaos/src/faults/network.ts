import { setTimeout as delay } from 'node:timers/promises';
import type { HouseOptions } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

type Link = keyof Scene['proxies'];

/** On average one cut for so many messages. */
const MESSAGES_A_CUT = 12;

/** Below what Feishu lets through in a minute, parts of long answers included. */
const PER_SECOND = 12;

/** Both ends of each link notice within seconds that the other is silent: never by the end of the connection. */
const house: HouseOptions = {
  keyring: { HEARTBEAT_INTERVAL_S: 1, HEARTBEAT_TIMEOUT_S: 1 },
  // The router's own wait for a pong, 10 s, has to be the shorter one.
  feishu: { clientConfig: { PingInterval: 12 } },
};

/** How long a node waits for the router's word: a heartbeat, and 10 s more. */
const NODE_PATIENCE_MS = 12_000;

const between: Readonly<Record<Link, string>> = { node: 'node and router', feishu: 'router and Feishu' };

/** Links that break, hold everything, come and go, or crawl. */
export const networkFaults: readonly Fault[] = [
  cuts('node', 'rst', { shortMessages: 30 }),
  cuts('node', 'fin', {}),
  cuts('feishu', 'rst', { shortMessages: 30 }),
  cuts('feishu', 'fin', {}),
  blackHole('node', nodeNoticed),
  blackHole('feishu', feishuNoticed),
  flapping('node'),
  flapping('feishu'),
  slow('node'),
  slow('feishu'),
];

function cuts(link: Link, how: 'rst' | 'fin', counts: Pick<Fault, 'shortMessages'>): Fault {
  return {
    name: `${link}-${how}`,
    title: `${how.toUpperCase()} between ${between[link]}`,
    description: `All connections between ${between[link]} end with ${how.toUpperCase()}, again and again: whatever was on its way goes again, once.`,
    messages: 600,
    ...counts,
    house,
    async run(scene) {
      await scene.start();
      const moments = new Set(scene.random.someBetween(scene.messages / MESSAGES_A_CUT, 1, scene.messages));
      await scene.traffic(scene.messages, {
        perSecond: PER_SECOND,
        after: (sent) => {
          if (moments.has(sent)) scene.proxies[link].cut(how);
        },
      });
    },
  };
}

function blackHole(link: Link, noticed: (scene: Scene) => Promise<void>): Fault {
  return {
    name: `${link}-black-hole`,
    title: `black hole between ${between[link]}`,
    description: `Nothing comes through between ${between[link]}, and no connection ends. Both sides notice by their heartbeats, and later everything that was held arrives late.`,
    messages: 200,
    house,
    async run(scene) {
      const { messages, proxies } = scene;
      await scene.start();
      for (const share of [0.3, 0.4, 0.3]) {
        if (share === 0.4) proxies[link].blackHole();
        await scene.traffic(Math.round(messages * share), { perSecond: PER_SECOND });
        if (proxies[link].weather.isBlackHole === true) await noticed(scene);
        proxies[link].pass();
      }
    },
  };
}

async function nodeNoticed({ house }: Scene): Promise<void> {
  await waitFor(async () => (await house.health())?.nodes?.every(({ status }) => status !== 'online'), {
    what: 'the router to miss the node',
    timeoutMs: 60_000,
  });
  // The node tells nobody.
  await delay(NODE_PATIENCE_MS);
}

async function feishuNoticed({ house }: Scene): Promise<void> {
  await waitFor(async () => (await house.health())?.feishu?.state !== 'connected', {
    what: 'the router to miss Feishu',
    timeoutMs: 60_000,
  });
}

function flapping(link: Link): Fault {
  return {
    name: `${link}-flapping`,
    title: `flapping between ${between[link]}`,
    description: `The link between ${between[link]} comes and goes, for 50 to 2000 ms each.`,
    messages: 300,
    house,
    async run(scene) {
      const { messages, proxies, random } = scene;
      const lengths = random.fork('flapping');
      await scene.start();
      proxies[link].flap(() => lengths.between(50, 2_000));
      await scene.traffic(messages, { perSecond: PER_SECOND });
    },
  };
}

function slow(link: Link): Fault {
  return {
    name: `${link}-slow`,
    title: `1 KB/s and 300 ms between ${between[link]}`,
    description: `The link between ${between[link]} lets 1 KB a second through, 100 to 500 ms late: nobody is taken for dead and comes back twice.`,
    messages: 60,
    // A crawling pong is no dead peer.
    house: { keyring: { HEARTBEAT_INTERVAL_S: 5, HEARTBEAT_TIMEOUT_S: 5 } },
    async run(scene) {
      const { messages, proxies, random } = scene;
      const latencies = random.fork('latencies');
      await scene.start();
      proxies[link].slow({ bytesPerS: 1_000, latencyMs: () => latencies.between(100, 500) });
      await scene.traffic(messages, { perSecond: 2 });
    },
  };
}
