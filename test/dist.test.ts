import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Far from any node_modules: what the bundle does not hold it cannot find. */
const place = mkdtempSync(join(tmpdir(), 'telemcp-dist-'));

afterAll(() => rmSync(place, { recursive: true }));

function run(...args: readonly string[]) {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, args, { cwd: place, env: { PATH }, encoding: 'utf8' });
}

describe.each([
  ['node-agent', 'TELEMCP_AGENT_LISTEN'],
  ['bridge', 'TELEMCP_PROMETHEUS_URL'],
])('the bundle of %s', (tier, variable) => {
  beforeAll(() => {
    const built = run(join(root, 'scripts/build.ts'), tier, join(place, tier));
    expect(built.stderr).toBe('');
    expect(built.status).toBe(0);
  });

  it('runs without node_modules and prints its help', () => {
    const { status, stdout, stderr } = run(join(place, tier, 'main.js'), '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(variable);
  });

  it('reads a settings file, and says what is wrong in it', () => {
    const file = join(place, `${tier}.yaml`);
    writeFileSync(file, 'logLevel: loud\nnonsense: 1\n');
    const { status, stderr } = run(join(place, tier, 'main.js'), 'serve', '--config', file);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(`${file}: nonsense: no such setting`);
    expect(stderr).toContain(`${file}: logLevel: `);
  });

  it('knows its version', () => {
    expect(run(join(place, tier, 'main.js'), '--version').stdout.trim()).toMatch(/\b\d+\.\d+\.\d+$/);
  });
});

it('the bundle of node-agent reads a host', () => {
  const host = join(root, 'node-agent/test/fixtures/root-debian-12');
  const { status, stdout } = run(join(place, 'node-agent/main.js'), 'facts', 'os', '--json', '--host-root', host);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    families: { os: { data: { distribution: { id: 'debian', versionId: '12' } } } },
  });
});
