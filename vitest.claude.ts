import { defineConfig } from 'vitest/config';
import { TallyReporter } from './vitest.tally.ts';

/** The suites that run the real Claude Code; they fetch it with npm when it is not there. */
export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.claude.test.ts'],
    // Each of its processes takes 200 MB and a core while it starts.
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 600_000,
    // What the real program says when it is interrupted depends on the moment; what is broken fails each time.
    retry: 2,
    reporters: ['default', new TallyReporter()],
  },
});
