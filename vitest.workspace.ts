import { defineConfig } from 'vitest/config';
import { TallyReporter } from './vitest.tally.ts';

const packages = ['shared', 'router', 'host-client', 'standalone', 'testkit'];

export default defineConfig({
  test: {
    // Most tests wait for a process or a socket: more of them than cores keep the cores busy.
    maxWorkers: 3,
    reporters: ['default', new TallyReporter()],
    projects: packages.map((name) => ({
      test: {
        name,
        root: `packages/${name}`,
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
