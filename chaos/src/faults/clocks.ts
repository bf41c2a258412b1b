import { ShiftedClock } from '@phonework/testkit/shifted-clock';
import type { Fault } from '../fault.ts';

const HOUR_MS = 3_600_000;

/** How far a clock may be off. */
const shiftsMs = [HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS, 0];

/** On average one jump for so many messages. */
const MESSAGES_A_JUMP = 20;

/** Clocks that are set while programs run. */
export const clockFaults: readonly Fault[] = [
  {
    name: 'clocks',
    title: 'clocks that jump by an hour and a day, on both sides',
    description:
      'The clocks of the router and of the node are set an hour or a day ahead or back, each by itself, again and again: each message is answered, or told to be too old where it looks so.',
    messages: 400,
    shortMessages: 40,
    async run(scene) {
      const { messages, random } = scene;
      const router = scene.own(new ShiftedClock());
      const node = scene.own(new ShiftedClock());
      await scene.start({ router: router.environment, node: node.environment });
      const jumps = new Set(random.someBetween(messages / MESSAGES_A_JUMP, 1, messages));
      await scene.traffic(messages, {
        perSecond: 12,
        after: (sent) => {
          if (jumps.has(sent)) random.pick([router, node]).shift(random.pick(shiftsMs));
        },
      });
    },
  },
];
