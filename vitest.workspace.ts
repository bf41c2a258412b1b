import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { TallyReporter } from './vitest.tally.ts';

const folders = [
  'packages/shared',
  'packages/router',
  'packages/host-client',
  'packages/standalone',
  'packages/testkit',
  'chaos',
];

export default defineConfig({
  test: {
    // Most tests wait for a process or a socket: more of them than cores keep the cores busy.
    maxWorkers: 3,
    reporters: ['default', new TallyReporter()],
    projects: folders.map((root) => ({
      test: {
        name: basename(root),
        root,
        include: ['test/**/*.test.ts'],
        // These run the real Claude Code: see vitest.claude.ts.
        exclude: ['test/**/*.claude.test.ts'],
        testTimeout: 30_000,
        hookTimeout: 30_000,
        // A machine that is shared may stand still for a moment; what is broken fails twice.
        retry: 1,
      },
    })),
  },
});
