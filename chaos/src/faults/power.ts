import { join } from 'node:path';
import { ForgetfulDisk } from '@phonework/testkit/forgetful-disk';
import type { Fault } from '../fault.ts';
import type { ProgramRole } from '../programs.ts';
import { trafficWithStrikes } from '../strikes.ts';

/** On average one cut for so many messages. */
const MESSAGES_A_CUT = 20;

/** Where each keeps what must not be lost. */
const folders: Readonly<Record<ProgramRole, string>> = { router: 'data', node: 'node-data', standalone: 'data' };

/** Machines that lose their power, and with it what of their files was not synced. */
export const powerFaults: readonly Fault[] = [powerCuts('router'), powerCuts('node'), powerCuts('standalone')];

function powerCuts(role: ProgramRole): Fault {
  return {
    name: `power-${role}`,
    title: `power cut of ${role}`,
    description: `The ${role} killed at random while people write; of what it had written and not synced, as much is left as the disk likes, in whatever order. Needs a C compiler.`,
    messages: 1_000,
    ...(role === 'standalone' && { house: { standalone: true } }),
    async run(scene) {
      const { programs, random } = scene;
      const disk = scene.own(new ForgetfulDisk(join(scene.house.folder, folders[role])));
      await scene.start({ [role]: disk.environment() });
      await trafficWithStrikes(scene, {
        messagesEach: MESSAGES_A_CUT,
        strike: async (now) => {
          const draws = random.fork(`${programs.kills}`);
          await now;
          await programs.kill(role);
          disk.cut(() => draws.next());
          await programs.start(role, disk.environment());
        },
      });
    },
  };
}
