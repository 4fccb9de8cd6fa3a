import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Missing } from '@telemcp/shared/envelope';
import { FactsAnswer, UnitAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeK3sTree } from '../node-agent/test/certificate-corpus.ts';
import { missingPart } from '../scripts/parts.ts';
import { bootSystemd, type SystemdMachine, systemdUnavailable } from './real/systemd-machine.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(new URL('../packaging/systemd/README.md', import.meta.url), 'utf8');
const [INSTALL = '', ADD_CERTIFICATES = ''] = [...README.matchAll(/```sh\n(.*?)```/gs)].map(([, lines = '']) => lines);
const AGENT = 'telemcp-node-agent.service';
const PKI = 'telemcp-node-agent-pki.service';
const unavailable = systemdUnavailable() ?? missingPart('openssl')?.why ?? null;
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

/** Prints what an agent answers, waiting until there is one: `node -e … <path> [socket]`. */
const ASK = `const [path, socketPath] = process.argv.slice(1);
const ask = () => require('node:http').get({ host: '127.0.0.1', port: 9110, path, socketPath, headers: { host: 'localhost' } })
  .on('response', (answer) => answer.pipe(process.stdout))
  .on('error', (error) => (process.uptime() > 10 ? console.error(error) : setTimeout(ask, 20)));
ask();`;

/** Stops the agent while a client has sent half a request: `node -e …`, prints milliseconds. */
const STOP_HALFWAY = `const socket = require('node:net').connect(9110, '127.0.0.1', () => socket.write('GET /v1/facts HTTP/1.1\\r\\nHost: l', () => {
  const startedAt = performance.now();
  require('node:child_process').execFileSync('systemctl', ['stop', '${AGENT}']);
  console.log(performance.now() - startedAt);
  process.exit();
})).on('error', () => undefined);`;

/** What a process in the sandbox may change: `node -e … <path>…`, prints those that it could write to. */
const WRITES = `for (const path of process.argv.slice(1))
  try { require('node:fs').writeFileSync(path + '/telemcp-was-here', ''); console.log(path); } catch {}`;

const PLACES = [
  '/etc',
  '/home',
  '/opt',
  '/root',
  '/usr',
  '/usr/lib',
  '/usr/lib/telemcp',
  '/var',
  '/var/lib',
  '/var/log',
];
/** The last is nspawn's own door into the machine. */
const PRIVATE = ['/tmp', '/var/tmp', '/dev/mqueue', '/dev/hugepages', '/run/host/incoming'];

describe.skipIf(isSkipped)(
  `a host that the agent is installed on${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let machine: SystemdMachine;
    let installed: string;

    beforeAll(async () => {
      if (unavailable !== null) throw new Error(unavailable);
      machine = await bootSystemd({ loadUnits: 20 });
      execFileSync(
        process.execPath,
        ['scripts/build.ts', 'node-agent', `${machine.root}/opt/telemcp/node-agent/dist`],
        {
          cwd: ROOT,
        },
      );
      mkdirSync(`${machine.root}/opt/telemcp/packaging`);
      cpSync(`${ROOT}/packaging/systemd`, `${machine.root}/opt/telemcp/packaging/systemd`, { recursive: true });
      // First away with what may be a symlink, which would be followed out of the machine.
      rmSync(`${machine.root}/usr/bin/node`, { force: true });
      copyFileSync(process.execPath, `${machine.root}/usr/bin/node`);
      chmodSync(`${machine.root}/usr/bin/node`, 0o755);
      makeK3sTree(machine.root);
      chmodSync(`${machine.root}/var/lib/rancher`, 0o700);
      installed = await shell(`cd /opt/telemcp\n${INSTALL}`);
    });
    afterAll(() => machine?.stop());

    const shell = (lines: string) => machine.exec('sh', '-ec', lines);
    const ask = (path: string, ...socket: string[]) => machine.exec('node', '-e', ASK, path, ...socket);
    const askFacts = async (query = '') => FactsAnswer.parse(JSON.parse(await ask(`/v1/facts${query}`)));
    const show = async (unit: string, property: string) =>
      (await machine.exec('systemctl', 'show', '--value', '--property', property, unit)).trim();
    /** Runs a command where the unit's own process is, as root: what stops it there is not its user. */
    const within = async (unit: string, ...command: readonly string[]) =>
      machine.exec('nsenter', '--mount', '--target', await show(unit, 'MainPID'), ...command);
    /** Where the unit's process could make a file if its user might, besides what is made for it alone or by the kernel. */
    const writable = async (unit: string) => {
      const table = await machine.exec('cat', `/proc/${await show(unit, 'MainPID')}/mountinfo`);
      const mountPoints = [...new Set(table.split('\n').map((line) => line.split(' ')[4] ?? ''))].filter(Boolean);
      const found = (await within(unit, 'node', '-e', WRITES, ...PLACES, ...mountPoints)).trim().split('\n');
      return [...new Set(found)].filter((path) => !PRIVATE.includes(path)).sort();
    };
    const restart = (settings: string) =>
      shell(`mkdir -p /etc/telemcp; printf '${settings}' > /etc/telemcp/agent.env; systemctl restart ${AGENT}`);
    const withoutAges = (rows: readonly Missing[]) => rows.map(({ what, reason }) => `${what}: ${reason}`).sort();

    it('has it running by the five lines of README.md', async () => {
      expect(INSTALL.trim().split('\n')).toHaveLength(5);
      expect(installed).toContain('telemcp-failing.service');
      expect(await show(AGENT, 'ActiveState')).toBe('active');
      expect(await show(AGENT, 'UnitFileState')).toBe('enabled');
      const { node, families } = await askFacts();
      expect(node).toBe('telemcp-machine');
      expect(Object.keys(families).sort()).toEqual([...FAMILY_NAMES].sort());
    });

    it('has units that systemd understands to the last setting', async () => {
      const said = await shell(
        `systemd-analyze verify /etc/systemd/system/${AGENT} /etc/systemd/system/${PKI} 2>&1 || true`,
      );
      expect(said.split('\n').filter((line) => line.includes('telemcp-node-agent'))).toEqual([]);
    });

    it('shows the agent in its sandbox all that its user sees outside of it', async () => {
      const outside = await shell(`runuser -u telemcp -- node /usr/lib/telemcp/node-agent/main.js facts --json`);
      const { families: free } = FactsAnswer.parse(JSON.parse(outside));
      const { families } = await askFacts();
      const statuses = Object.entries(families).map(([family, envelope]) => [family, envelope?.status]);
      console.log('in the sandbox:', statuses.map((pair) => pair.join(' ')).join(', '));
      for (const family of FAMILY_NAMES) {
        expect(families[family]?.data, family).not.toBeNull();
        expect(families[family]?.status, family).toBe(free[family]?.status);
        expect(withoutAges(families[family]?.missing ?? []), family).toEqual(withoutAges(free[family]?.missing ?? []));
        expect(families[family]?.total, family).toBe(free[family]?.total);
      }
      for (const family of ['systemd', 'os', 'cpu', 'memory', 'filesystems', 'network', 'ports'] as const)
        expect(families[family]?.status, family).toBe('ok');
      const sizes = ({ filesystems }: typeof families) =>
        filesystems?.data?.filesystems.map(({ mountPoint, sizeBytes, status }) => ({ mountPoint, sizeBytes, status }));
      expect(sizes(families)).toEqual(sizes(free));
      expect(families.ports?.data).toEqual(free.ports?.data);
      const unit = UnitAnswer.parse(JSON.parse(await ask('/v1/systemd/units/telemcp-failing')));
      expect(unit.data?.service?.exitStatus).toBe(3);
      expect(await ask('/metrics')).toContain('telemcp_agent_family_status{');
    });

    it('gives it no right, no file to write to and no program to run', async () => {
      const pid = await show(AGENT, 'MainPID');
      const status = await machine.exec('cat', `/proc/${pid}/status`);
      const uid = (await machine.exec('id', '-u', 'telemcp')).trim();
      expect(uid).not.toBe('0');
      expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'));
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(status).toMatch(new RegExp(`^${set}:\t0{16}$`, 'm'));
      expect(await writable(AGENT)).toEqual(['/run/telemcp-agent']);
      await expect(within(AGENT, 'sh', '-c', 'true')).rejects.toThrow(/Permission denied/);
      const loader = (
        await shell('ls /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.* 2>/dev/null | head -n 1 || true')
      ).trim();
      await expect(within(AGENT, loader, '/bin/true')).rejects.toThrow();
    });

    it('is hardly exposed, as systemd counts it', async () => {
      const exposure = async (unit: string) =>
        Number(/exposure level for .*: (\d+\.\d+)/.exec(await machine.exec('systemd-analyze', 'security', unit))?.[1]);
      const [agent, pki] = [await exposure(AGENT), await exposure(PKI)];
      console.log(`systemd-analyze security: ${AGENT} ${agent}, ${PKI} ${pki}`);
      expect(agent).toBeLessThanOrEqual(1.6);
      expect(pki).toBeLessThanOrEqual(0.8);
    });

    it('has it answer where agent.env says', async () => {
      await restart('TELEMCP_AGENT_LISTEN=unix:/run/telemcp-agent/agent.sock\n');
      expect(JSON.parse(await ask('/healthz', '/run/telemcp-agent/agent.sock'))).toMatchObject({ status: 'ok' });
      const modes = await machine.exec(
        'stat',
        '--format=%A %U %G',
        '/run/telemcp-agent',
        '/run/telemcp-agent/agent.sock',
      );
      expect(modes.trim().split('\n')).toEqual(['drwxr-x--- telemcp telemcp', 'srw-rw---- telemcp telemcp']);
      for (const everywhere of ['0.0.0.0:9110', '[::]:9110']) {
        await restart(`TELEMCP_AGENT_LISTEN=${everywhere}\nTELEMCP_AGENT_INSECURE=true\n`);
        expect(JSON.parse(await ask('/healthz'))).toMatchObject({ status: 'ok' });
      }
      await restart('');
    });

    it('starts it again when it is killed', async () => {
      const pid = await show(AGENT, 'MainPID');
      await machine.exec('systemctl', 'kill', '--signal=KILL', AGENT);
      await expect.poll(() => show(AGENT, 'NRestarts'), { timeout: 15_000, interval: 200 }).toBe('1');
      await expect.poll(() => show(AGENT, 'ActiveState'), { timeout: 15_000, interval: 200 }).toBe('active');
      expect(await show(AGENT, 'MainPID')).not.toBe(pid);
      expect((await askFacts('?families=systemd')).families.systemd?.status).toBe('ok');
    });

    it('stops it within six seconds, also in the middle of a request', async () => {
      await ask('/healthz');
      expect(Number(await machine.exec('node', '-e', STOP_HALFWAY))).toBeLessThan(6000);
      expect([
        await show(AGENT, 'ActiveState'),
        await show(AGENT, 'Result'),
        await show(AGENT, 'ExecMainStatus'),
      ]).toEqual(['inactive', 'success', '0']);
      await machine.exec('systemctl', 'start', AGENT);
      await ask('/healthz');
      const startedAt = performance.now();
      await machine.exec('systemctl', 'stop', AGENT);
      expect(performance.now() - startedAt).toBeLessThan(2000);
      await machine.exec('systemctl', 'start', AGENT);
    });

    it("has root's certificates told, too, by a process that has nothing else of root", async () => {
      const before = (await askFacts('?families=certificates')).families.certificates;
      expect(before?.missing.map(({ reason }) => reason)).toContain('permission_denied');
      await shell(ADD_CERTIFICATES);
      const { certificates } = (await askFacts('?families=certificates')).families;
      expect(certificates?.source).toMatch(/^unix:\/run\/telemcp-pki\/agent\.sock /);
      expect(certificates?.missing.filter(({ reason }) => reason === 'permission_denied')).toEqual([]);
      expect(certificates?.data?.certificates.length).toBeGreaterThan(10);

      const status = await machine.exec('cat', `/proc/${await show(PKI, 'MainPID')}/status`);
      expect(status).toMatch(/^Uid:\t0\t0\t0\t0$/m);
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(status).toMatch(new RegExp(`^${set}:\t0{16}$`, 'm'));
      const sockets = "console.log(require('node:fs').readdirSync('/run', { recursive: true }).join(' '))";
      const seen = (await within(PKI, 'node', '-e', sockets)).trim().split(' ');
      expect(seen).toContain('telemcp-pki/agent.sock');
      expect(seen.filter((path) => /dbus|private|docker|containerd|journal/.test(path))).toEqual([]);
      const network = await machine.exec('cat', `/proc/${await show(PKI, 'MainPID')}/net/dev`);
      expect(
        network
          .trim()
          .split('\n')
          .slice(2)
          .map((line) => line.split(':')[0]?.trim()),
      ).toEqual(['lo']);
      expect(await writable(PKI)).toEqual(['/run/telemcp-pki']);
      await expect(within(PKI, 'sh', '-c', 'true')).rejects.toThrow(/Permission denied/);
    });
  },
);
