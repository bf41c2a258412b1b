import type { Program } from '@phonework/testkit/program';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { runFault } from '../src/run-fault.ts';

test('a fault that is ended by hand leaves no program behind, and says so', async () => {
  const ended = new AbortController();
  const programs: Program[] = [];
  let late: Promise<void> | undefined;
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
        await Promise.all(programs.map((program) => program.ended()));
        // As a fault does that kills programs and starts them again.
        const started = scene.programs.start('router');
        late = expect(started).rejects.toThrow('the house is closed');
        await Promise.withResolvers().promise;
      },
    },
    { seed: 1, messages: 1, signal: ended.signal },
  );
  await waitFor(() => late !== undefined);
  await late;
  expect(row.error).toBe('ended by hand');
  expect(programs.map(({ isRunning }) => isRunning)).toEqual([false, false]);
});
