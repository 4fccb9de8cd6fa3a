/**
 * `npm test [-- filters and options of vitest]`: sees to the real parts that suites run against, then runs all of them.
 * With TELEMCP_TEST_NO_SKIP=1 a test that did not run is a failure.
 */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { canInstall, installPackages } from './install-parts.ts';
import { missingParts } from './parts.ts';

const packages = missingParts().flatMap((part) => part.packages);
if (packages.length > 0 && canInstall()) {
  console.log(`Installing what the tests run against, without starting it: apt-get install ${packages.join(' ')}`);
  const failure = installPackages(packages);
  if (failure !== null) console.log(`apt-get failed:\n${failure}`);
}
for (const part of missingParts()) {
  console.log(`Suites that need ${part.name} are skipped: ${part.why}`);
}

// Ctrl-C reaches vitest as well; it ends the servers of the tests first, and this process waits for that.
process.on('SIGINT', () => undefined);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const run = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
});
if (run.error !== undefined) throw run.error;
process.exitCode = run.status ?? 128 + (run.signal === null ? 0 : constants.signals[run.signal]);
