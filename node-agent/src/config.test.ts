import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@telemcp/shared/settings';
import { expect, test } from 'vitest';
import { loadAgentSettings } from './config.ts';

/** A host root with this /etc/hostname, or without one. */
function rootWith(name: string | null): string {
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  mkdirSync(join(root, 'etc'));
  if (name !== null) writeFileSync(join(root, 'etc/hostname'), name);
  return root;
}

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'config-')), 'agent.yaml');
  writeFileSync(path, text);
  return path;
}

async function problemsOf(loading: Promise<unknown>): Promise<readonly string[]> {
  const error = await loading.catch((reason: unknown) => reason);
  if (!(error instanceof SettingsError)) throw new Error('the settings were taken', { cause: error });
  return error.problems;
}

test('with nothing set, the agent answers on loopback and derives the rest from the host root', async () => {
  const hostRoot = rootWith('# installed by hand\nnode-0007\n');
  const config = await loadAgentSettings({ flags: {}, configPath: undefined }, { TELEMCP_HOST_ROOT: hostRoot });
  expect(config).toEqual({
    listen: { host: '127.0.0.1', port: 9110 },
    hostRoot,
    dbusAddress: `unix:path=${hostRoot}/run/dbus/system_bus_socket`,
    disabledFamilies: [],
    logLevel: 'info',
    collecting: {
      nodeName: 'node-0007',
      certificatePaths: undefined,
      watchUnits: undefined,
      chronyAddress: { host: '127.0.0.1', port: 323 },
    },
  });
});

test.each([null, '', '\n', 'not a name\n', '../etc\n', 'x\u0000'])(
  '%j as /etc/hostname: the kernel is asked',
  async (text) => {
    const config = await loadAgentSettings({ flags: {}, configPath: undefined }, { TELEMCP_HOST_ROOT: rootWith(text) });
    expect(config.collecting.nodeName).toBe(hostname());
  },
);

test('flags win over the environment, the environment over the file; lists and switches come in either form', async () => {
  const configPath = fileWith(`
nodeName: from-file
watchUnits: [nginx.service, sshd.service]
disabledFamilies: [time]
insecure: yes
listen: '[::]:9111'
logLevel: warn
`);
  const config = await loadAgentSettings(
    { flags: { 'node-name': 'from-flag', 'disabled-families': 'os,certificates' }, configPath },
    { TELEMCP_NODE_NAME: 'from-env', TELEMCP_LOG_LEVEL: 'error', TELEMCP_AGENT_INSECURE: 'true' },
  );
  expect(config.collecting).toMatchObject({ nodeName: 'from-flag', watchUnits: ['nginx.service', 'sshd.service'] });
  expect(config).toMatchObject({
    listen: { host: '::', port: 9111 },
    logLevel: 'error',
    disabledFamilies: ['os', 'certificates'],
  });
});

test('every mistake is named at once, with where it came from', async () => {
  const configPath = fileWith('listn: 127.0.0.1:1\nchronyAddress: unix:/run/chrony/chronyd.sock\n');
  const problems = await problemsOf(
    loadAgentSettings(
      { flags: { listen: '0.0.0.0:9110' }, configPath },
      {
        TELEMCP_AGENT_DISABLED_FAMILIES: 'os,weather',
        TELEMCP_NODE_NAME: 'a b',
        TELEMCP_DBUS_ADDRESS: 'unixexec:path=/bin/sh',
        TELEMCP_HOST_ROOT: 'host',
      },
    ),
  );
  const expected = [
    /agent\.yaml: listn: no such setting; there are listen, hostRoot/,
    /agent\.yaml: chronyAddress: must be host:port/,
    /--listen: other machines could read .* TELEMCP_AGENT_INSECURE=true/,
    /TELEMCP_AGENT_DISABLED_FAMILIES: .*"systemd"\|"certificates"\|"time"\|"os"/,
    /TELEMCP_NODE_NAME: must be a host name.*"a b"/,
    /TELEMCP_DBUS_ADDRESS: must be unix:path/,
    /TELEMCP_HOST_ROOT: must be an absolute path/,
  ];
  for (const pattern of expected) expect(problems.filter((problem) => pattern.test(problem))).toHaveLength(1);
  expect(problems).toHaveLength(expected.length);
});

test.each(['0.0.0.0:9110', ':9110', '[::]:9110', '10.0.0.7:9110', 'node-0007:9110'])(
  '%s without TLS has to be allowed',
  async (listen) => {
    const given = { flags: { listen }, configPath: undefined };
    expect(await problemsOf(loadAgentSettings(given, {}))).toEqual([
      expect.stringContaining('127.0.0.1 or a unix socket'),
    ]);
    await loadAgentSettings(given, { TELEMCP_AGENT_INSECURE: 'yes' });
  },
);

test.each(['127.0.0.1:0', '[::1]:9110', 'localhost:9110', 'unix:/run/telemcp/agent.sock'])(
  '%s is fine',
  async (listen) => {
    const config = await loadAgentSettings({ flags: { listen }, configPath: undefined }, {});
    expect(config.listen).toBeTypeOf('object');
  },
);

test('a file that is absent, or no YAML, is one mistake among the others', async () => {
  const absent = { flags: { 'log-level': 'loud' }, configPath: '/nonexistent/agent.yaml' };
  expect(await problemsOf(loadAgentSettings(absent, {}))).toEqual([
    expect.stringContaining('/nonexistent/agent.yaml: ENOENT'),
    expect.stringContaining('--log-level'),
  ]);
  const broken = { flags: {}, configPath: fileWith('listen: [\n') };
  expect(await problemsOf(loadAgentSettings(broken, {}))).toEqual([expect.stringMatching(/agent\.yaml: .*line 2/)]);
});

test('a host root too deep for a socket asks for the address of the bus', async () => {
  const env = { TELEMCP_HOST_ROOT: `/${'x'.repeat(100)}` };
  const given = { flags: {}, configPath: undefined };
  expect(await problemsOf(loadAgentSettings(given, env))).toEqual([expect.stringContaining('TELEMCP_DBUS_ADDRESS')]);
  const config = await loadAgentSettings(given, { ...env, TELEMCP_DBUS_ADDRESS: '/run/bus' });
  expect(config.dbusAddress).toBe('/run/bus');
});
