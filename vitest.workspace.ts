import { defineConfig } from 'vitest/config';

const packages = ['shared', 'router', 'host-client', 'standalone', 'testkit'];

export default defineConfig({
  test: {
    projects: packages.map((name) => ({
      test: {
        name,
        root: `packages/${name}`,
        include: ['test/**/*.test.ts'],
        testTimeout: 20_000,
        hookTimeout: 20_000,
      },
    })),
  },
});
