import type { JourneyStep } from '@phonework/shared/journey';
import { journeySteps } from '@phonework/shared/journey';
import { waitFor } from '@phonework/testkit/wait';
import type { Fault } from '../fault.ts';
import type { ProgramRole } from '../programs.ts';
import type { Scene } from '../scene.ts';
import { trafficWithStrikes } from '../strikes.ts';

/** On average one kill for so many messages. */
const MESSAGES_A_KILL = 20;

/** What happens on the node; the other steps are the router's. */
const stepsOnNode: ReadonlySet<JourneyStep> = new Set([
  'forward.stored',
  'forward.acked',
  'turn.started',
  'turn.finished',
  'response.stored',
  'response.sent',
]);

/** In the short version: each guards another promise. */
const stepsInShort: ReadonlySet<JourneyStep> = new Set(['turn.started', 'reply.accepted']);

/** Programs that are killed. */
export const processFaults: readonly Fault[] = [
  {
    name: 'none',
    title: 'nothing goes wrong',
    description: 'People write, and nothing goes wrong: every message is answered, and memory stays flat.',
    messages: 2_000,
    async run(scene) {
      await scene.start();
      await scene.traffic(scene.messages);
    },
  },
  randomKills('router', { roles: ['router'], messages: 7_000 }),
  randomKills('node', { roles: ['node'], messages: 7_000 }),
  randomKills('both', { roles: ['router', 'node'], messages: 4_000, shortMessages: 40 }),
  randomKills('standalone', { roles: ['standalone'], messages: 2_000 }),
  ...journeySteps.map((step) => killsAt(step, stepsOnNode.has(step) ? 'node' : 'router')),
  ...journeySteps.map((step) => killsAt(step, 'standalone')),
];

function randomKills(
  name: string,
  { roles, ...counts }: Pick<Fault, 'messages' | 'shortMessages'> & { readonly roles: readonly ProgramRole[] },
): Fault {
  return {
    name: `kill-${name}`,
    title: `\`kill -9\` of ${roles.join(' and ')}, at random`,
    description: `The ${roles.join(' and the ')} killed at random while people write, and started again in any order: nobody notices more than a delay and a turn that is told as interrupted.`,
    ...counts,
    ...(name === 'standalone' && { house: { standalone: true } }),
    async run(scene) {
      await scene.start();
      await trafficWithStrikes(scene, {
        messagesEach: MESSAGES_A_KILL,
        strike: (now) => killAndRestart(scene, roles, now),
      });
    },
  };
}

async function killAndRestart(
  { programs, random }: Scene,
  roles: readonly ProgramRole[],
  now: Promise<void>,
): Promise<void> {
  const inAnyOrder = () => (random.next() < 0.5 ? roles : [...roles].reverse());
  const [dying, rising] = [inAnyOrder(), inAnyOrder()];
  await now;
  await Promise.all(dying.map((role) => programs.kill(role)));
  for (const role of rising) await programs.start(role);
}

/** Killed at a named point again and again, a few messages after each start. */
function killsAt(step: JourneyStep, role: ProgramRole): Fault {
  const isStandalone = role === 'standalone';
  return {
    name: `${isStandalone ? 'standalone-' : ''}at-${step}`,
    title: `${role} killed right after \`${step}\``,
    description: `The ${role} ends itself at the N-th message that has come to ${step}, again and again.`,
    messages: 60,
    ...(!isStandalone && stepsInShort.has(step) && { shortMessages: 15 }),
    ...(isStandalone && { house: { standalone: true } }),
    async run(scene) {
      const { programs, random } = scene;
      const doomed = () => ({ PHONEWORK_KILL_AT: `${step}:${random.between(1, 6)}` });
      await scene.start({ [role]: doomed() });
      await scene.traffic(scene.messages, {
        perSecond: 15,
        after: () => {
          if (!programs.isRunning(role)) programs.launch(role, doomed());
        },
      });
      // A busy machine may come to the first point after the last message.
      await waitFor(() => programs.kills > 0, { what: `a message to come to ${step}`, timeoutMs: 60_000 });
      // It may have a point before it yet, which would end it after everything is healed.
      if (programs.isRunning(role)) await programs.kill(role);
    },
  };
}
