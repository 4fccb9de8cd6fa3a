import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@telemcp/shared/settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBridgeConfig } from './config.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bridge-config-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const load = (env: Record<string, string>, configPath?: string) => loadBridgeConfig({ flags: {}, configPath }, env);

async function problemsOf(env: Record<string, string>, configPath?: string): Promise<readonly string[]> {
  const error = await load(env, configPath).catch((failure: unknown) => failure);
  if (error instanceof SettingsError) return error.problems;
  throw new Error('no SettingsError');
}

describe('loadBridgeConfig', () => {
  it('is loopback without upstreams when nothing is set, with a cursor key of its own', async () => {
    const config = await load({});
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 8090 },
      agentUrls: [],
      toolNames: 'underscore',
      results: 'both',
      answerBudget: 24_000,
    });
    expect(config).toMatchObject({ prometheus: null, loki: null, alertmanager: null });
    expect(config.cursorKey.equals((await load({})).cursorKey)).toBe(false);
  });

  it('takes a file, and a key that replicas share', async () => {
    const file = join(directory, 'bridge.yaml');
    const key = join(directory, 'key');
    writeFileSync(key, 'k'.repeat(32));
    writeFileSync(
      file,
      `agentUrls: [http://10.0.0.1:9110, http://10.0.0.2:9110]\ncursorKeyFile: ${key}\nanswerBudget: 5000\n`,
    );
    const config = await load({ TELEMCP_ANSWER_BUDGET: '6000' }, file);
    expect(config.agentUrls).toEqual(['http://10.0.0.1:9110', 'http://10.0.0.2:9110']);
    expect(config.answerBudget).toBe(6000);
    expect(config.cursorKey.toString()).toBe('k'.repeat(32));
  });

  it.each([
    [{ TELEMCP_LISTEN: '0.0.0.0:8090' }],
    [{ TELEMCP_LISTEN: '0.0.0.0:8090', TELEMCP_INSECURE: 'true' }],
    [{ TELEMCP_LISTEN: '0.0.0.0:8090', TELEMCP_ALLOWED_HOSTS: 'telemcp.example' }],
  ])('refuses to be reachable without authentication: %j', async (env) => {
    expect((await problemsOf(env))[0]).toMatch(
      /^TELEMCP_LISTEN: anyone who can reach this address could ask\. Listen on 127\.0\.0\.1, or/,
    );
  });

  it('is reachable where the operator says so twice', async () => {
    const config = await load({
      TELEMCP_LISTEN: ':8090',
      TELEMCP_INSECURE: 'yes',
      TELEMCP_ALLOWED_HOSTS: 'telemcp.example, [::1]',
    });
    expect(config).toMatchObject({
      listen: { host: '0.0.0.0', port: 8090 },
      allowedHosts: ['telemcp.example', '[::1]'],
    });
  });

  it('reports every mistake at once and shows no password of an address', async () => {
    const problems = await problemsOf({
      TELEMCP_LISTEN: '0.0.0.0:8090',
      TELEMCP_PROMETHEUS_URL: 'ftp://user:hunter2@prometheus',
      TELEMCP_AGENT_URLS: 'node-1:9110',
      TELEMCP_ANSWER_BUDGET: '10',
      TELEMCP_TOOL_NAMES: 'spaces',
    });
    expect(problems.map((problem) => problem.split(':', 1)[0]).sort()).toEqual([
      'TELEMCP_AGENT_URLS',
      'TELEMCP_ANSWER_BUDGET',
      'TELEMCP_LISTEN',
      'TELEMCP_PROMETHEUS_URL',
      'TELEMCP_TOOL_NAMES',
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('reports what contradicts itself with the rest, and every file that cannot be opened at once', async () => {
    const contradictions = await problemsOf({
      TELEMCP_LOKI_URL: 'http://loki',
      TELEMCP_LOKI_USERNAME: 'u',
      TELEMCP_PROMETHEUS_CERT_FILE: '/crt',
      TELEMCP_ANSWER_BUDGET: '10',
    });
    expect(contradictions.map((problem) => problem.split(':', 1)[0]).sort()).toEqual([
      'TELEMCP_ANSWER_BUDGET',
      'TELEMCP_LOKI_USERNAME',
      'TELEMCP_PROMETHEUS_CERT_FILE',
    ]);
    expect(
      await problemsOf({
        TELEMCP_LOKI_URL: 'http://loki',
        TELEMCP_LOKI_TOKEN_FILE: '/absent/token',
        TELEMCP_PROMETHEUS_URL: 'https://prometheus',
        TELEMCP_PROMETHEUS_CA_FILE: '/absent/ca',
        TELEMCP_CURSOR_KEY_FILE: '/absent/key',
      }),
    ).toEqual([
      'TELEMCP_PROMETHEUS_CA_FILE: /absent/ca: there is no such file',
      'TELEMCP_LOKI_TOKEN_FILE: /absent/token: there is no such file',
      'TELEMCP_CURSOR_KEY_FILE: /absent/key cannot be read',
    ]);
  });

  it('opens the upstreams that have an address', async () => {
    const config = await load({ TELEMCP_LOKI_URL: 'https://loki/logs', TELEMCP_LOKI_TENANT: 'a|b' });
    expect(config.loki).toMatchObject({ url: new URL('https://loki/logs'), tenant: 'a|b', bearer: null, tls: null });
    expect(config.alertmanager).toBeNull();
    expect(JSON.stringify(config)).not.toContain('lokiUrl');
  });

  it.each([
    ['an absent file', '/absent/bridge.yaml', /absent\/bridge\.yaml: ENOENT/],
    ['bad YAML', '{', /bridge-bad\.yaml: /],
    ['a short cursor key', 'cursorKeyFile: KEY', /TELEMCP_CURSOR_KEY_FILE: .* holds 5 bytes; 16 are the least/],
    [
      'a client certificate without a key',
      'agentCertFile: /tls.crt',
      /agentCertFile: TELEMCP_AGENT_CERT_FILE and TELEMCP_AGENT_KEY_FILE go together/,
    ],
    ['an authority that is none', 'agentCaFile: KEY', /TELEMCP_AGENT_CA_FILE: \/.*short: holds no certificate in PEM/],
    ['an absent authority', 'agentCaFile: /absent/ca', /TELEMCP_AGENT_CA_FILE: \/absent\/ca: there is no such file/],
    [
      'an agent at no path',
      "agentUrls: ['unix:agent.sock']",
      /agentUrls: must be an http:\/\/, https:\/\/ or unix:\/path/,
    ],
    [
      'a directory that is none',
      'dashboardsDir: KEY',
      /TELEMCP_DASHBOARDS_DIR: \/.*short is no directory that can be read/,
    ],
    ['an absent cursor key', 'cursorKeyFile: /absent/key', /TELEMCP_CURSOR_KEY_FILE: \/absent\/key cannot be read/],
  ])('says what is wrong with %s', async (_, content, message) => {
    const key = join(directory, 'short');
    writeFileSync(key, 'short');
    const file = join(directory, 'bridge-bad.yaml');
    writeFileSync(file, content.replace('KEY', key));
    expect((await problemsOf({}, content.startsWith('/absent/bridge') ? content : file)).join()).toMatch(message);
  });
});
