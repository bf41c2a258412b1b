import { join } from 'node:path';
import { allowWrites, denyWrites, SmallDisk } from '@phonework/testkit/small-disk';
import { waitFor } from '@phonework/testkit/wait';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

type StoringRole = 'router' | 'node';

const folders: Readonly<Record<StoringRole, string>> = { router: 'data', node: 'node-data' };

const DISK_MEGABYTES = 32;

const PER_SECOND = 12;

/** Stores that can't be written. Those on a disk of their own need the right to mount one. */
export const storeFaults: readonly Fault[] = [
  denied(),
  ...(SmallDisk.isPossible() ? [full('router'), full('node'), readOnly('router'), readOnly('node')] : []),
];

/** Of the router alone: the commands of a node would share its fate. */
function denied(): Fault {
  return {
    name: 'disk-broken-router',
    title: 'input/output errors in the router’s store',
    description:
      'Each write of the router fails for half of the time: it takes nothing meanwhile, and Feishu brings it again.',
    messages: 300,
    shortMessages: 30,
    async run(scene) {
      await scene.start();
      const { pid } = scene.programs.get('router');
      await duringHalf(scene, { begin: () => denyWrites(pid), end: () => allowWrites(pid) });
    },
  };
}

function full(role: StoringRole): Fault {
  return {
    name: `disk-full-${role}`,
    title: `full disk of the ${role}`,
    description: `The ${role}’s disk has no free byte for half of the time: it takes nothing meanwhile, and goes on by itself.`,
    messages: 300,
    async run(scene) {
      const disk = mount(scene, role);
      await scene.start();
      await duringHalf(scene, { begin: () => disk.fill(), end: () => disk.free() });
    },
  };
}

function readOnly(role: StoringRole): Fault {
  return {
    name: `disk-read-only-${role}`,
    title: `${role} started on a read-only disk`,
    description: `The ${role} is stopped, and its disk is read-only when it is started: it ends and says why, and with a writable disk everything goes on.`,
    messages: 150,
    async run(scene) {
      const { programs } = scene;
      const disk = mount(scene, role);
      await scene.start();
      await duringHalf(scene, {
        async begin() {
          await programs.get(role).stop();
          disk.makeReadOnly();
          const { code } = await programs.launch(role).ended();
          if (code === 0) throw new Error(`the ${role} ended as if a read-only disk were fine`);
        },
        async end() {
          disk.makeWritable();
          await programs.start(role);
        },
      });
    },
  };
}

function mount(scene: Scene, role: StoringRole): SmallDisk {
  return scene.own(SmallDisk.mount(join(scene.house.folder, folders[role]), { megabytes: DISK_MEGABYTES }));
}

type Harm = { readonly begin: () => Promise<void> | void; readonly end: () => Promise<void> | void };

/** For the middle half of the messages. */
async function duringHalf(scene: Scene, { begin, end }: Harm): Promise<void> {
  const beginsAt = Math.ceil(scene.messages / 4);
  const endsAt = Math.ceil((scene.messages * 3) / 4);
  await scene.traffic(scene.messages, {
    perSecond: PER_SECOND,
    after: async (sent) => {
      if (sent === beginsAt) await begin();
      if (sent === endsAt) await end();
    },
  });
  await waitFor(async () => (await scene.house.health())?.status === 'ok', {
    what: 'the router to be well again',
    timeoutMs: 60_000,
  });
}
