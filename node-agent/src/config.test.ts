import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { SettingsError } from '@telemcp/shared/settings';
import { expect, test } from 'vitest';
import { loadAgentSettings } from './config.ts';

const USER = 65_534;
const ROOT = 0;

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
  const config = await loadAgentSettings({ flags: {}, configPath: undefined }, { TELEMCP_HOST_ROOT: hostRoot }, USER);
  expect(config).toEqual({
    listen: { host: '127.0.0.1', port: 9110 },
    hostRoot,
    dbusAddress: `unix:path=${hostRoot}/run/dbus/system_bus_socket`,
    disabledFamilies: [],
    delegates: new Map(),
    tls: null,
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
families: [time]
insecure: yes
listen: '[::]:9111'
logLevel: warn
`);
  const config = await loadAgentSettings(
    { flags: { 'node-name': 'from-flag', families: 'os,certificates' }, configPath },
    { TELEMCP_NODE_NAME: 'from-env', TELEMCP_LOG_LEVEL: 'error', TELEMCP_AGENT_INSECURE: 'true' },
  );
  expect(config.collecting).toMatchObject({ nodeName: 'from-flag', watchUnits: ['nginx.service', 'sshd.service'] });
  expect(config).toMatchObject({
    listen: { host: '::', port: 9111 },
    logLevel: 'error',
    disabledFamilies: FAMILY_NAMES.filter((family) => family !== 'os' && family !== 'certificates'),
  });
});

test('every mistake is named at once, with where it came from', async () => {
  const configPath = fileWith('listn: 127.0.0.1:1\nchronyAddress: unix:/run/chrony/chronyd.sock\n');
  const problems = await problemsOf(
    loadAgentSettings(
      { flags: { listen: '0.0.0.0:9110' }, configPath },
      {
        TELEMCP_AGENT_FAMILIES: 'os,no-such',
        TELEMCP_AGENT_DELEGATES: 'nonsense=unix:/x',
        TELEMCP_AGENT_TLS_CERT_FILE: '/tls.crt',
        TELEMCP_NODE_NAME: 'a b',
        TELEMCP_DBUS_ADDRESS: 'unixexec:path=/bin/sh',
        TELEMCP_HOST_ROOT: 'host',
      },
    ),
  );
  const expected = [
    /agent\.yaml: listn: no such setting; there are listen, hostRoot/,
    /agent\.yaml: chronyAddress: must be host:port/,
    /--listen: anyone who can reach this .* TELEMCP_AGENT_INSECURE=true/,
    /TELEMCP_AGENT_FAMILIES: .*"systemd"\|.*"os,no-such"/,
    /TELEMCP_AGENT_DELEGATES: nonsense=unix:\/x: there is no such family; there are systemd/,
    /TELEMCP_AGENT_TLS_CERT_FILE: TELEMCP_AGENT_TLS_CERT_FILE and TELEMCP_AGENT_TLS_KEY_FILE go together/,
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
  const config = await loadAgentSettings(given, { ...env, TELEMCP_DBUS_ADDRESS: '/run/bus' }, USER);
  expect(config.dbusAddress).toBe('/run/bus');
});

const NOTHING = { flags: {}, configPath: undefined };

test('root is kept off the bus: an address is refused, and none is used, unless that is allowed', async () => {
  const address = { TELEMCP_DBUS_ADDRESS: '/run/bus' };
  expect(await problemsOf(loadAgentSettings(NOTHING, address, ROOT))).toEqual([
    expect.stringMatching(/^TELEMCP_DBUS_ADDRESS: not for root\. .*start and stop units.*65534.*ALLOW_ROOT_BUS=true/),
  ]);
  expect((await loadAgentSettings(NOTHING, {}, ROOT)).dbusAddress).toBeNull();
  const allowed = { TELEMCP_AGENT_ALLOW_ROOT_BUS: 'true' };
  expect((await loadAgentSettings(NOTHING, { ...address, ...allowed }, ROOT)).dbusAddress).toBe('/run/bus');
  expect((await loadAgentSettings(NOTHING, allowed, ROOT)).dbusAddress).toMatch(/^unix:path=/);
  expect((await loadAgentSettings(NOTHING, address, USER)).dbusAddress).toBe('/run/bus');
});

test('what is delegated is not collected here, and what is neither is disabled', async () => {
  const env = { TELEMCP_AGENT_DELEGATES: 'certificates=unix:/run/pki.sock, os = unix:/run/os.sock' };
  const all = await loadAgentSettings(NOTHING, env);
  expect([...all.delegates]).toEqual([
    ['certificates', '/run/pki.sock'],
    ['os', '/run/os.sock'],
  ]);
  expect(all.disabledFamilies).toEqual([]);
  const some = await loadAgentSettings(NOTHING, { ...env, TELEMCP_AGENT_FAMILIES: 'time' });
  expect(some.disabledFamilies).toEqual(FAMILY_NAMES.filter((name) => !['certificates', 'os', 'time'].includes(name)));
});

test.each([
  ['os=unix:/a,os=unix:/b', /os is delegated twice/],
  ['os=unix:/run/a\nb', /must be family=unix:/],
  ['disks9=unix:/a', /disks9=unix:\/a: there is no such family; there are systemd/],
  ['os=http://127.0.0.1:9110', /must be family=unix:\/absolute\/path/],
  ['os=unix:relative', /must be family=unix:/],
  ['os', /must be family=unix:/],
  [`os=unix:/${'x'.repeat(107)}`, /longer than a socket's may be/],
  ['time=unix:/a', /time cannot be delegated and be among TELEMCP_AGENT_FAMILIES/],
])('%s as TELEMCP_AGENT_DELEGATES is refused', async (delegates, message) => {
  const env = { TELEMCP_AGENT_DELEGATES: delegates, TELEMCP_AGENT_FAMILIES: 'time' };
  expect(await problemsOf(loadAgentSettings(NOTHING, env))).toEqual([expect.stringMatching(message)]);
});

test('an address others can reach needs certificate, key and authority; a unix socket is plain', async () => {
  const [cert, key, ca] = ['/tls.crt', '/tls.key', '/ca.crt'];
  const tls = { TELEMCP_AGENT_TLS_CERT_FILE: cert, TELEMCP_AGENT_TLS_KEY_FILE: key };
  const open = { ...tls, TELEMCP_AGENT_LISTEN: ':9110' };
  expect(await problemsOf(loadAgentSettings(NOTHING, open))).toEqual([expect.stringContaining('CLIENT_CA_FILE')]);
  const place = (name: string, path: string) => ({ setting: `TELEMCP_AGENT_${name}_FILE`, path });
  const files = { cert: place('TLS_CERT', cert), key: place('TLS_KEY', key) };
  const guarded = await loadAgentSettings(NOTHING, { ...open, TELEMCP_AGENT_CLIENT_CA_FILE: ca });
  expect(guarded.tls).toEqual({ ...files, ca: place('CLIENT_CA', ca) });
  expect((await loadAgentSettings(NOTHING, tls)).tls).toEqual({ ...files, ca: null });
  expect((await loadAgentSettings(NOTHING, { ...tls, TELEMCP_AGENT_LISTEN: 'unix:/run/a.sock' })).tls).toBeNull();
  expect(await problemsOf(loadAgentSettings(NOTHING, { TELEMCP_AGENT_CLIENT_CA_FILE: ca }))).toEqual([
    expect.stringMatching(/CLIENT_CA_FILE: client certificates need/),
  ]);
});
