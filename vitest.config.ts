import { configDefaults, defineConfig } from 'vitest/config';
import { countReporter } from './test/reporter.ts';

/** What holds for the tree itself and for what builds and tests it; part of `npm run check`. */
const guards = ['test/architecture.test.ts', 'test/lockfile.test.ts', 'test/reporter.test.ts', 'scripts/**/*.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', countReporter({ noSkip: process.env.TELEMCP_TEST_NO_SKIP === '1' })],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['shared/src/**/*.test.ts', 'node-agent/src/**/*.test.ts', 'bridge/{src,test}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'guards',
          include: guards,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...guards],
          // Each file boots real servers of its own: one at a time leaves them the machine.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
