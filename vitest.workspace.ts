import { defineConfig } from 'vitest/config';
import { TallyReporter } from './vitest.tally.ts';

const packages = ['shared', 'router', 'host-client', 'standalone', 'testkit'];

export default defineConfig({
  test: {
    reporters: ['default', new TallyReporter()],
    projects: packages.map((name) => ({
      test: {
        name,
        root: `packages/${name}`,
        include: ['test/**/*.test.ts'],
        testTimeout: 30_000,
        hookTimeout: 30_000,
      },
    })),
  },
});
