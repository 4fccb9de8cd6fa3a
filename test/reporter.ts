import type { Reporter, TestModule } from 'vitest/node';

/** How a run ended, counted in tests. */
interface Tally {
  passed: number;
  /** Failed tests, and each error outside of one: a file that does not load, a hook that throws, an unhandled rejection. */
  failed: number;
  /** Full names of the tests that did not run. */
  skipped: readonly string[];
}

/** Counts the tests of a finished run. */
function tally(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Tally {
  const skipped: string[] = [];
  let passed = 0;
  let failed = unhandledErrors.length;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'failed') failed += 1;
      else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
    }
  }
  return { passed, failed, skipped };
}

/**
 * Ends the output with one plain line, `12 passed, 0 failed, 1 skipped`. With `noSkip` a skipped test fails the run and is
 * named: a machine that is meant to have every part must not pass by leaving tests out.
 */
export function countReporter(options: { noSkip: boolean }): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const { passed, failed, skipped } = tally(modules, unhandledErrors);
      if (options.noSkip && skipped.length > 0) {
        process.exitCode = 1;
        console.log(`Skipping is not allowed here (TELEMCP_TEST_NO_SKIP), yet these did not run:`);
        for (const name of skipped) console.log(`  ${name}`);
      }
      console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
    },
  };
}
