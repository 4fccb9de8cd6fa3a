/** `npm run check`: all that CI runs besides the tests. Every check runs, whatever became of those before it. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const turboRun = ['turbo', 'run', '--continue', '--output-logs=errors-only'];

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  'format and lint': ['biome', 'check', '--error-on-warnings'],
  types: [...turboRun, 'typecheck', 'typecheck:root'],
  'package boundaries': ['turbo', 'boundaries'],
  architecture: ['vitest', 'run', '--project', 'guards'],
  'nothing unused': ['knip'],
  'generated documents': ['node', 'scripts/docs.ts', '--check'],
  build: [...turboRun, 'build'],
};

let failed = 0;
for (const [name, [command = '', ...args]] of Object.entries(CHECKS)) {
  const startedAt = performance.now();
  const run = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      TURBO_TELEMETRY_DISABLED: '1',
    },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (run.status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
  } else {
    failed += 1;
    const output = [run.stdout, run.stderr, run.error?.message].map((text) => text?.trim()).filter(Boolean);
    console.log(`FAILED  ${name} (${seconds} s): ${[command, ...args].join(' ')}\n${output.join('\n')}\n`);
  }
}
console.log(`${Object.keys(CHECKS).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
