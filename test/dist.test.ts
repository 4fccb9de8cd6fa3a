import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApiServer } from '../bridge/test/kubernetes/api-server.ts';
import { freePort, startProgram } from './real/program.ts';

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

  it('is plain ASCII: V8 keeps the text of all code in memory, and takes twice the room for a file with one other sign', () => {
    const parts = join(place, tier, 'parts');
    const texts = readdirSync(parts, { encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    expect(texts.length).toBeGreaterThan(3);
    const odd = texts.filter((name) => readFileSync(join(parts, name)).some((byte) => byte > 0x7f));
    expect(odd).toEqual([]);
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

it('the bundle of bridge reaches a cluster by its kubeconfig, with a token from a plugin', async () => {
  const server = await startApiServer(undefined, { token: 'from-plugin' });
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'from-plugin' },
  };
  const exec = { apiVersion: credential.apiVersion, command: 'echo', args: [JSON.stringify(credential)] };
  const kubeconfig = join(place, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user: { exec } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const { PATH = '' } = process.env;
  const env = { PATH, TELEMCP_KUBERNETES: kubeconfig, TELEMCP_AGENTS: 'off' };
  const { stdout } = await promisify(execFile)(process.execPath, [join(place, 'bridge/main.js'), 'doctor'], {
    env,
    cwd: place,
  });
  await server.close();
  expect(stdout).toContain(`ok   kubernetes ${server.url}: version v1.36.2`);
});

it('the bundle of node-agent answers without having loaded HTTP/2, TLS or a fetch client', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/healthz`;
  const told = encodeURIComponent(
    "process.once('SIGUSR2', () => process.stderr.write(process.moduleLoadList.join(' ') + ' told'));",
  );
  const agent = await startProgram(
    process.execPath,
    [`--import=data:text/javascript,${told}`, join(place, 'node-agent/main.js'), 'serve'],
    { readyUrl: url, env: { TELEMCP_AGENT_LISTEN: `127.0.0.1:${port}`, TELEMCP_LOG_LEVEL: 'fatal' } },
  );
  try {
    process.kill(agent.pid, 'SIGUSR2');
    await vi.waitFor(() => expect(agent.stderr()).toMatch(/told$/));
    expect(agent.stderr()).toContain('NativeModule _http_server');
    expect(agent.stderr()).not.toMatch(/NativeModule (?:http2|tls|https|internal\/deps\/undici\/undici)\b/);
  } finally {
    await agent.stop();
  }
});
