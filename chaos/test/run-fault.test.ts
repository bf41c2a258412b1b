import type { Program } from '@phonework/testkit/program';
import { expect, test } from 'vitest';
import { runFault } from '../src/run-fault.ts';

test('a fault that is ended by hand leaves no program behind, and says so', async () => {
  const ended = new AbortController();
  const programs: Program[] = [];
  const row = await runFault(
    {
      name: 'endless',
      title: 'endless',
      description: 'It would never end.',
      messages: 1,
      async run(scene) {
        await scene.start();
        programs.push(...scene.programs.roles.map((role) => scene.programs.get(role)));
        ended.abort(new Error('ended by hand'));
        await Promise.withResolvers().promise;
      },
    },
    { seed: 1, messages: 1, signal: ended.signal },
  );
  expect(row.error).toBe('ended by hand');
  expect(programs.map(({ isRunning }) => isRunning)).toEqual([false, false]);
});
