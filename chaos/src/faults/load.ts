import { setImmediate as breathe } from 'node:timers/promises';
import type { ModelRequest } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { answersTo } from '../answers.ts';
import type { Fault } from '../fault.ts';
import { markOf } from '../numbered-message.ts';
import type { ProgramRole } from '../programs.ts';
import type { Scene } from '../scene.ts';

/** More than one looks for in a burst at once. */
const SAID_AT_ONCE = 100;

/** On average one restart for so many messages. */
const MESSAGES_A_RESTART = 40;

/** A message that ends the node's process this often is set aside. */
const MAX_CRASHES = 2;

/** What the user of such a message reads. */
const SET_ASIDE = 'set it aside';

/** Much at once, orderly restarts, and a message that is poison. */
export const loadFaults: readonly Fault[] = [
  burst('of 100 people', { name: 'burst', users: 100, messages: 10_000, shortMessages: 100 }),
  burst('of one', { name: 'burst-of-one', users: 1, messages: 2_000 }),
  rolling('router', { roles: ['router'] }),
  rolling('node', { roles: ['node'] }),
  rolling('both', { roles: ['router', 'node'], shortMessages: 40 }),
  poison(),
];

function burst(who: string, counts: Pick<Fault, 'messages' | 'name' | 'shortMessages' | 'users'>): Fault {
  return {
    title: `burst ${who}`,
    description: `All messages ${who} at once: each is answered, as fast as Feishu takes answers.`,
    ...counts,
    // A chat takes five answers a second, all chats a thousand a minute.
    quietMs: 2_400_000,
    // Feishu's own patience: a burst is no outage.
    house: { feishu: { ackTimeoutMs: 3_000, redeliverAfterMs: Array.from({ length: 200 }, () => 15_000) } },
    async run(scene) {
      await scene.start();
      for (let sent = 1; sent <= scene.messages; sent += 1) {
        scene.say();
        if (sent % SAID_AT_ONCE === 0) await breathe();
      }
    },
  };
}

function rolling(
  name: string,
  { roles, ...counts }: { readonly roles: readonly ProgramRole[] } & Pick<Fault, 'shortMessages'>,
): Fault {
  return {
    name: `restart-${name}`,
    title: `SIGTERM of ${roles.join(' and ')} under load`,
    description: `The ${roles.join(' or the ')} is stopped with SIGTERM and started again, while messages come: it ends with code 0, and nothing is lost.`,
    messages: 600,
    ...counts,
    async run(scene) {
      const { messages, programs, random } = scene;
      await scene.start();
      const restarts = new Set(random.someBetween(messages / MESSAGES_A_RESTART, 1, messages));
      let back = Promise.resolve();
      await scene.traffic(messages, {
        perSecond: 12,
        after: async (sent) => {
          if (!restarts.has(sent)) return;
          await back;
          back = restart(scene, random.pick(roles));
        },
      });
      await back;
      if (programs.kills > 0) throw new Error('a program did not end by itself');
    },
  };
}

async function restart({ programs }: Scene, role: ProgramRole): Promise<void> {
  const code = await programs.get(role).stop();
  if (code !== 0) throw new Error(`the ${role} ended with code ${code} after SIGTERM`);
  await programs.start(role);
}

function poison(): Fault {
  return {
    name: 'poison',
    title: 'a message that ends the node each time',
    description:
      'The node is killed whenever it asks the model about one message: after two times that one is set aside, and no other, its user is told, and the next ones are answered.',
    messages: 200,
    shortMessages: 24,
    async run(scene) {
      const { messages, programs } = scene;
      const poisonNumber = Math.ceil(messages / 3);
      let back = Promise.resolve();
      scene.answerNumbered((request) => {
        if (!isAbout(request, poisonNumber)) return undefined;
        back = back.then(async () => {
          await programs.kill('node');
          await programs.start('node');
        });
        return { silence: true };
      });
      await scene.start();
      await scene.traffic(poisonNumber - 1, { perSecond: 12 });
      scene.say({ kind: 'plain' });
      await scene.traffic(messages - poisonNumber, { perSecond: 12 });
      const told = await waitFor(() => answersTo(scene, poisonNumber)[0], {
        what: 'the user to be told',
        timeoutMs: 60_000,
      });
      await back;
      if (!told.includes(SET_ASIDE)) throw new Error(`the user of the poison reads: ${told}`);
      const setAside = scene.house.feishu.sent.filter(({ text }) => text.includes(SET_ASIDE));
      if (setAside.length !== 1) throw new Error(`${setAside.length - 1} messages were set aside that did nothing`);
      if (programs.kills !== MAX_CRASHES) throw new Error(`the node was ended ${programs.kills} times`);
    },
  };
}

function isAbout({ body }: ModelRequest, number: number): boolean {
  const asked = body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return new RegExp(`\\bplain ${markOf(number)}\\b`).test(asked);
}
