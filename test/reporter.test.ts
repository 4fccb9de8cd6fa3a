import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const reporter = fileURLToPath(new URL('./reporter.ts', import.meta.url));
const planted: string[] = [];

afterEach(() => {
  for (const directory of planted.splice(0)) rmSync(directory, { recursive: true });
});

/** Runs vitest on one test file, in a project of its own, and gives the end of its output. */
function run(test: string, options: { noSkip: boolean } = { noSkip: false }) {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-reporter-'));
  planted.push(directory);
  writeFileSync(
    join(directory, 'vitest.config.ts'),
    `import { countReporter } from ${JSON.stringify(reporter)};
export default { test: { globals: true, reporters: ['default', countReporter(${JSON.stringify(options)})] } };`,
  );
  writeFileSync(join(directory, 'planted.test.ts'), test);
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = spawnSync(process.execPath, [vitest, 'run'], { cwd: directory, env, encoding: 'utf8' });
  const lines = child.stdout.trimEnd().split('\n');
  return { status: child.status, last: lines.at(-1), lines };
}

it('counts tests on the last line and succeeds when none failed', () => {
  const { status, last } = run(
    `it('a', () => {}); describe('b', () => { it('c', () => {}); it.skip('d', () => {}); });`,
  );
  expect({ status, last }).toEqual({ status: 0, last: '2 passed, 0 failed, 1 skipped' });
});

it('fails on a skipped test where skipping is not allowed, and names it', () => {
  const { status, last, lines } = run(`it('a', () => {}); describe('b', () => { it.skip('d', () => {}); });`, {
    noSkip: true,
  });
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 0 failed, 1 skipped' });
  expect(lines).toContain('  planted.test.ts > b > d');
});

it.each([
  ['a failing test', `it('a', () => {}); it('b', () => { expect(1).toBe(2); });`, '1 passed, 1 failed'],
  ['a file that does not load', `throw new Error('broken');`, '0 passed, 1 failed'],
  [
    'a hook that throws',
    `describe('a', () => { beforeAll(() => { throw new Error('no server'); }); it('b', () => {}); });`,
    '0 passed, 1 failed, 1 skipped',
  ],
  [
    'an error that nobody awaited',
    `it('a', async () => { setTimeout(() => { throw new Error('late'); }); await new Promise((go) => setTimeout(go, 50)); });`,
    '1 passed, 1 failed',
  ],
])('fails on %s', (_, test, expected) => {
  const { status, last } = run(test);
  expect({ status, last }).toEqual({ status: 1, last: expected });
});
