import { setTimeout as delay } from 'node:timers/promises';
import type { FaultEffect } from '@phonework/testkit/feishu-server';
import { waitFor } from '@phonework/testkit/wait';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

/** Below what Feishu lets through in a minute, parts of long answers included. */
const PER_SECOND = 12;

/** Feishu on bad days; its limits hold all the time. */
export const feishuFaults: readonly Fault[] = [
  outage('500', 'answers each call with 500', [{ kind: 'answer', status: 500 }]),
  outage('429', 'answers each call with 429 and a time to wait', [
    { kind: 'answer', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '2' } },
  ]),
  outage('silent', 'takes each call and says nothing, whether it did what was asked or not', [
    { kind: 'hang' },
    { kind: 'hang', perform: true },
  ]),
  spoiled('99991400', 'too many calls, without a time to wait', {
    effects: [{ kind: 'answer', status: 400, code: 99991400 }],
  }),
  spoiled('230020', 'too many for one chat', { effects: [{ kind: 'answer', status: 400, code: 230020 }] }),
  spoiled('done-and-cut', 'done, and cut off or answered with 500', {
    effects: [
      { kind: 'cut', perform: true },
      { kind: 'answer', status: 500, perform: true },
    ],
    shortMessages: 30,
  }),
  spoiled('cut', 'cut off before it was done', { effects: [{ kind: 'cut' }] }),
  copies(),
  redelivery(),
  halfOpen(),
  refusedConnections(),
  lostTokens(),
];

/** For the middle half of the messages. */
function outage(name: string, what: string, effects: readonly FaultEffect[]): Fault {
  return {
    name: `feishu-${name}`,
    title: `Feishu ${what}, for minutes`,
    description: `Feishu ${what}, for half of the time: each answer waits, and is there once.`,
    messages: 1_500,
    async run(scene) {
      const { messages, random } = scene;
      const { feishu } = scene.house;
      await scene.start();
      const beginsAt = Math.ceil(messages / 4);
      const endsAt = Math.ceil((messages * 3) / 4);
      await scene.traffic(messages, {
        perSecond: PER_SECOND,
        after: (sent) => {
          if (sent < beginsAt || sent > endsAt) return;
          feishu.clearFaults();
          if (sent < endsAt) feishu.fail({ effect: random.pick(effects), times: Number.POSITIVE_INFINITY });
        },
      });
    },
  };
}

/** Some calls of any kind, here and there. */
function spoiled(
  name: string,
  what: string,
  { effects, ...counts }: { readonly effects: readonly FaultEffect[] } & Pick<Fault, 'shortMessages'>,
): Fault {
  return {
    name: `feishu-${name}`,
    title: `calls of Feishu: ${what}`,
    description: `Every few messages the next calls of Feishu, of any kind, end like this: ${what}. Each answer is there once.`,
    messages: 400,
    ...counts,
    async run(scene) {
      const { messages, random } = scene;
      await scene.start();
      const moments = new Set(random.someBetween(messages / 4, 1, messages));
      await scene.traffic(messages, {
        perSecond: PER_SECOND,
        after: (sent) => {
          if (moments.has(sent)) scene.house.feishu.fail({ effect: random.pick(effects), times: random.between(1, 3) });
        },
      });
    },
  };
}

function copies(): Fault {
  return {
    name: 'feishu-copies',
    title: 'each event in three copies',
    description: 'Feishu brings each event three times at once: each message is answered once.',
    messages: 400,
    shortMessages: 30,
    async run(scene) {
      await scene.start();
      await scene.traffic(scene.messages, {
        perSecond: PER_SECOND,
        after: (sent) => redeliver(scene, { from: sent, to: sent, copies: 2 }),
      });
    },
  };
}

function redelivery(): Fault {
  return {
    name: 'feishu-redelivery',
    title: 'events again after a restart of the router',
    description: 'Feishu brings events again that a router took which was killed since: they are known.',
    messages: 300,
    async run(scene) {
      const { messages, programs, random } = scene;
      await scene.start();
      const restarts = new Set(random.someBetween(messages / 50, 1, messages));
      await scene.traffic(messages, {
        perSecond: PER_SECOND,
        after: async (sent) => {
          if (!restarts.has(sent)) return;
          await programs.kill('router');
          redeliver(scene, { from: Math.max(1, sent - 30), to: sent, copies: 1 });
          await programs.start('router');
        },
      });
    },
  };
}

/** `from` and `to` count messages from 1. */
function redeliver(
  { house, sentIds }: Scene,
  { from, to, copies }: { readonly from: number; readonly to: number; readonly copies: number },
): void {
  for (const id of sentIds.slice(from - 1, to)) house.feishu.redeliver(id, copies);
}

function halfOpen(): Fault {
  return {
    name: 'feishu-half-open',
    title: 'half-open long connection',
    description: 'The long connection stays open and brings nothing more: the router finds out and opens another.',
    messages: 200,
    // The router's own wait for a pong, 10 s, has to be the shorter one.
    house: { feishu: { clientConfig: { PingInterval: 12 } } },
    async run(scene) {
      const { messages, house } = scene;
      const { sockets } = house.feishu;
      await scene.start();
      for (let part = 1; part <= 3; part += 1) {
        await scene.traffic(Math.round(messages / 3), { perSecond: PER_SECOND });
        if (part === 3) return;
        const { opened } = sockets;
        sockets.goHalfOpen();
        await scene.traffic(1);
        await waitFor(() => sockets.opened > opened, { what: 'another long connection', timeoutMs: 60_000 });
      }
    },
  };
}

function refusedConnections(): Fault {
  return {
    name: 'feishu-away',
    title: 'long connection dropped and refused',
    description: 'Feishu drops the long connection and takes no other for a while, again and again.',
    messages: 300,
    async run(scene) {
      const { messages, random } = scene;
      const { sockets } = scene.house.feishu;
      await scene.start();
      const moments = new Set(random.someBetween(messages / 50, 1, messages));
      await scene.traffic(messages, {
        perSecond: PER_SECOND,
        after: async (sent) => {
          if (!moments.has(sent)) return;
          sockets.admission = random.pick(['refuse', 'hang']);
          sockets.drop(random.pick(['close', 'terminate']));
          await delay(random.between(0, 2_000));
          sockets.admission = 'open';
          sockets.dropHanging();
        },
      });
    },
  };
}

function lostTokens(): Fault {
  return {
    name: 'feishu-tokens',
    title: 'tokens that end early, and at once',
    description: 'Tokens live three seconds, and some are taken back before: another is fetched, and nobody notices.',
    messages: 300,
    house: { feishu: { tokenLifetimeMs: 3_000 } },
    async run(scene) {
      const { messages, random } = scene;
      await scene.start();
      const moments = new Set(random.someBetween(messages / 10, 1, messages));
      await scene.traffic(messages, {
        perSecond: PER_SECOND,
        after: (sent) => {
          if (moments.has(sent)) scene.house.feishu.invalidateTokens();
        },
      });
    },
  };
}
