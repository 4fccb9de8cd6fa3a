import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FactsAnswer, UnitAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeK3sTree } from '../node-agent/test/certificate-corpus.ts';
import { missingPart } from '../scripts/parts.ts';
import { freePort, type Program, startProgram } from './real/program.ts';
import { bootSystemd, type SystemdMachine, systemdUnavailable } from './real/systemd-machine.ts';
import { bridgeCommand, startBridge } from './real/tiers.ts';
import { type ReadablePlace, readablePlace } from './real/unprivileged.ts';

const run = promisify(execFile);
const AGENT = new URL('../node-agent/src/main.ts', import.meta.url).pathname;
const unavailable = systemdUnavailable() ?? missingPart('iproute2')?.why ?? missingPart('openssl')?.why ?? null;
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

const MAX_OUTPUT = 16 * 1024 * 1024;

const NOBODY = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--bounding-set=-all', '--no-new-privs'];
/** uid 0 that may do nothing but what its files' modes allow; in the group of the agent that asks it. */
const BARE_ROOT = ['--regid', '65534', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'];
/** The machine's bus lies where only root may pass; an open directory is how a mount of it looks to the agent. */
const BUS = 'unix:path=/proc/self/fd/3/system_bus_socket';

/** The agent where `nobody` can run it, wherever this checkout lies. */
let place: ReadablePlace;
beforeAll(async () => {
  place = await readablePlace("import './node-agent/src/main.ts';");
});
afterAll(() => place.remove());

describe.skipIf(isSkipped)(
  `an agent without rights that delegates what needs root${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let machine: SystemdMachine;
    let directory: string;
    let pki: string;
    let socket: string;
    let busDirectory: number;
    let main: Program;
    let keeper: Program;
    let url: string;

    beforeAll(async () => {
      if (unavailable !== null) throw new Error(unavailable);
      machine = await bootSystemd({ loadUnits: 10 });
      busDirectory = openSync(`${machine.root}/run/dbus`, 'r');
      directory = mkdtempSync(join(tmpdir(), 'telemcp-roles-'));
      chmodSync(directory, 0o755);
      pki = join(directory, 'host');
      mkdirSync(pki, { mode: 0o700 });
      makeK3sTree(pki);
      // What the pod's emptyDir is: both write to it as the group.
      mkdirSync(join(directory, 'run'));
      chownSync(join(directory, 'run'), 0, 65_534);
      chmodSync(join(directory, 'run'), 0o770);
      socket = join(directory, 'run/pki.sock');
      keeper = await startKeeper();
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      main = await startProgram('setpriv', [...NOBODY, place.node, place.program, 'serve'], {
        readyUrl: `${url}/healthz`,
        descriptors: [busDirectory],
        env: {
          TELEMCP_AGENT_LISTEN: `127.0.0.1:${port}`,
          TELEMCP_DBUS_ADDRESS: BUS,
          TELEMCP_NODE_NAME: 'node-1',
          TELEMCP_AGENT_DELEGATES: `certificates=unix:${socket}`,
        },
      });
    });
    afterAll(async () => {
      await main?.stop();
      await keeper?.stop();
      if (busDirectory !== undefined) closeSync(busDirectory);
      await machine?.stop();
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    });

    const startKeeper = () =>
      startProgram('setpriv', [...BARE_ROOT, place.node, place.program, 'serve'], {
        readyUrl: 'log:listening on unix:',
        env: {
          TELEMCP_AGENT_LISTEN: `unix:${socket}`,
          TELEMCP_AGENT_FAMILIES: 'certificates',
          TELEMCP_HOST_ROOT: pki,
          TELEMCP_NODE_NAME: 'keeper',
        },
      });
    const ask = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
    const statusOf = (program: Program) => readFile(`/proc/${program.pid}/status`, 'utf8');

    it('answers every family, the delegated one as the other agent saw it', async () => {
      const { node, families } = FactsAnswer.parse(await ask('/v1/facts'));
      expect(node).toBe('node-1');
      expect(Object.keys(families).sort()).toEqual([...FAMILY_NAMES].sort());
      for (const [family, envelope] of Object.entries(families))
        expect(envelope?.data, `${family}: ${JSON.stringify(envelope?.missing)}`).not.toBeNull();
      const { certificates, systemd } = families;
      expect(certificates?.source).toMatch(new RegExp(`^unix:${socket} `));
      expect(certificates?.data?.certificates.length).toBeGreaterThan(10);
      expect(certificates?.missing.filter(({ reason }) => reason === 'permission_denied')).toEqual([]);
      expect(systemd?.data?.failed.map(({ name }) => name)).toEqual(['telemcp-failing.service']);
      expect(UnitAnswer.parse(await ask('/v1/systemd/units/telemcp-failing')).data?.service?.exitStatus).toBe(3);
    });

    it('is root nowhere on the bus, and has no capability anywhere', async () => {
      await ask('/v1/facts');
      const [mine, theirs] = await Promise.all([statusOf(main), statusOf(keeper)]);
      expect(mine).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      expect(theirs).toMatch(/^Uid:\t0\t0\t0\t0$/m);
      for (const status of [mine, theirs])
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
          expect(status).toMatch(new RegExp(`^${set}:\t0{16}$`, 'm'));
      expect(await socketsOf(main.pid)).toContain('system_bus_socket');
      expect(await socketsOf(keeper.pid)).toContain('pki.sock');
      expect(await socketsOf(keeper.pid)).not.toContain('system_bus_socket');
      expect((await stat(socket)).mode & 0o777).toBe(0o660);
    });

    it('cannot read by itself what it delegates', async () => {
      const env = { ...process.env, TELEMCP_HOST_ROOT: pki, TELEMCP_NODE_NAME: 'x' };
      const looking = run('setpriv', [...NOBODY, place.node, place.program, 'facts', 'certificates', '--json'], {
        env,
      });
      const { stdout } = await looking.catch((error: { stdout: string }) => error);
      const { certificates } = FactsAnswer.parse(JSON.parse(stdout)).families;
      expect(certificates?.data?.certificates ?? []).toEqual([]);
      expect(certificates?.reason).toBe('permission_denied');
    });

    it('may not start a unit over the bus it reads from; root without any capability may', async () => {
      const start = [
        'call',
        'org.freedesktop.systemd1',
        '/org/freedesktop/systemd1',
        'org.freedesktop.systemd1.Manager',
      ];
      const asked = ['busctl', `--address=unix:path=/run/dbus/system_bus_socket`, ...start, 'StartUnit', 'ss'];
      const unit = ['telemcp-tick.service', 'replace'];
      const before = UnitAnswer.parse(await ask('/v1/systemd/units/telemcp-tick.service')).data?.stateChangedAt;
      await expect(machine.exec('setpriv', ...NOBODY, ...asked, ...unit)).rejects.toThrow(
        /Access denied|AccessDenied|authentication required/i,
      );
      expect(UnitAnswer.parse(await ask('/v1/systemd/units/telemcp-tick.service')).data?.stateChangedAt).toBe(before);
      expect(await machine.exec('setpriv', ...BARE_ROOT, ...asked, ...unit)).toMatch(
        /^o "\/org\/freedesktop\/systemd1\/job\//,
      );
    });

    it('does not start as root with a bus, and without one leaves the default bus alone', async () => {
      const env = { ...process.env, TELEMCP_DBUS_ADDRESS: machine.busAddress };
      for (const command of ['serve', 'facts'])
        await expect(run(process.execPath, [AGENT, command], { env })).rejects.toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/TELEMCP_DBUS_ADDRESS: not for root\. .*start and stop units.*65534/),
        });
      const root = { ...process.env, TELEMCP_HOST_ROOT: machine.root };
      const { stdout } = await run(process.execPath, [AGENT, 'facts', 'os', 'systemd', '--json'], { env: root });
      const { systemd, os } = FactsAnswer.parse(JSON.parse(stdout)).families;
      expect(systemd).toMatchObject({ status: 'unavailable', reason: 'not_configured', data: null });
      expect(systemd?.hint).toContain('TELEMCP_AGENT_ALLOW_ROOT_BUS=true');
      expect(os?.data).not.toBeNull();
      const allowed = { ...env, TELEMCP_AGENT_ALLOW_ROOT_BUS: 'true' };
      const asked = await run(process.execPath, [AGENT, 'facts', 'systemd', '--json'], { env: allowed });
      expect(FactsAnswer.parse(JSON.parse(asked.stdout)).families.systemd?.data).not.toBeNull();
    });

    it('says why a family is missing while the other agent is gone or closed to it, and has it again after', async () => {
      const env = { ...process.env, TELEMCP_AGENT_DELEGATES: `certificates=unix:${socket}` };
      const look = async () => {
        const looking = run('setpriv', [...NOBODY, place.node, place.program, 'facts', 'certificates', '--json'], {
          env,
          maxBuffer: MAX_OUTPUT,
        });
        const { stdout } = await looking.catch((error: { stdout: string }) => error);
        return FactsAnswer.parse(JSON.parse(stdout)).families.certificates;
      };
      await keeper.stop();
      const gone = await look();
      expect(gone).toMatchObject({ status: 'unavailable', reason: 'unreachable', data: null });
      expect(gone?.hint).toContain(`TELEMCP_AGENT_LISTEN=unix:${socket}`);
      keeper = await startKeeper();
      expect((await look())?.data).not.toBeNull();
      chmodSync(socket, 0o600);
      const closed = await look();
      expect(closed).toMatchObject({ status: 'unavailable', reason: 'permission_denied', data: null });
      expect(closed?.hint).toContain('group');
      chmodSync(socket, 0o660);
    });

    it('can be asked by a bridge over a unix socket, too', async () => {
      const bridge = await startBridge({ TELEMCP_AGENT_URLS: `unix:${socket}` });
      try {
        const { stdout } = await bridgeCommand(['ask', 'host.certificates', '--url', bridge.url]);
        expect(stdout).toMatch(/^certificates on keeper · .*1 expired|^certificates · as of/);
        const ready = await (await fetch(bridge.url.replace(/mcp$/, 'readyz'))).json();
        expect(ready).toMatchObject({
          upstreams: [{ name: 'agent keeper', address: `unix:${socket}`, reachable: true }],
        });
      } finally {
        await bridge.stop();
      }
    });
  },
);

/** What ss(8) says of the unix sockets that a process holds, and of those at their other ends. */
async function socketsOf(pid: number): Promise<string> {
  const held = readdirSync(`/proc/${pid}/fd`).flatMap(
    (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
  );
  const { stdout } = await run('ss', ['--unix', '--all', '--numeric'], { maxBuffer: MAX_OUTPUT });
  const isOfOurs = (line: string) => line.split(/\s+/).some((word) => held.includes(word));
  return stdout.split('\n').filter(isOfOurs).join('\n');
}
