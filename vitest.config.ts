import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['shared/src/**/*.test.ts', 'node-agent/src/**/*.test.ts', 'bridge/src/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          // Each file boots real servers of its own: one at a time leaves them the machine.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
