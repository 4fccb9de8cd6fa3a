import { readFileSync } from 'node:fs';
import { FirewallFacts } from '@telemcp/shared/facts/firewall';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { firewall } from '../node-agent/src/collectors/firewall.ts';
import type { SystemBus } from '../node-agent/src/dbus/bus.ts';
import { createSystemBus } from '../node-agent/src/dbus/dbus-connection.ts';
import { FactError } from '../node-agent/src/fact-error.ts';
import { parseNftChains } from '../node-agent/src/firewall/nft-chains.ts';
import { parseNftablesConf } from '../node-agent/src/firewall/nftables-conf.ts';
import { createHostRoot } from '../node-agent/src/host-root.ts';
import { nftUnavailable, withRules } from './real/nft.ts';
import { bootSystemd, type SystemdMachine, systemdUnavailable } from './real/systemd-machine.ts';

const unavailable = nftUnavailable();
const withoutMachine = unavailable ?? systemdUnavailable();
const mustRun = process.env.TELEMCP_TEST_NO_SKIP !== undefined;
const FIXTURES = new URL('../node-agent/test/fixtures/', import.meta.url);
const KUBERNETES = readFileSync(new URL('nft/kubernetes.nft', FIXTURES), 'utf8');
const PACKAGING = new URL('../packaging/systemd/', import.meta.url);
const LIST = 'nft -j list chains';

const title = (what: string, why: string | null) => `${what}${why === null ? '' : ` (${why})`}`;

describe.skipIf(unavailable !== null && !mustRun)(title('a real nft', unavailable), () => {
  it('says who owns the chains of a Kubernetes node with Docker', () => {
    const output = withRules(KUBERNETES, LIST);
    const list = parseNftChains(output);
    expect(list).toEqual(
      parseNftChains(readFileSync(new URL('root-kubeadm/run/telemcp/nft-chains.json', FIXTURES), 'utf8')),
    );
    expect(Object.fromEntries(list.owners.map(({ owner, chains }) => [owner, chains]))).toEqual({
      'kube-proxy': 13,
      iptables: 6,
      calico: 5,
      docker: 4,
      cni: 1,
      fail2ban: 1,
      other: 1,
    });
    expect(list.baseChains[0]).toEqual({
      family: 'inet',
      table: 'host',
      name: 'input',
      type: 'filter',
      hook: 'input',
      priority: 5,
      policy: 'drop',
    });
  });

  it("agrees with nft's own text on how many chains and base chains there are", () => {
    const list = parseNftChains(withRules(KUBERNETES, LIST));
    const text = withRules(KUBERNETES, 'nft list chains');
    expect(list.chains).toBe(text.match(/^\tchain /gm)?.length);
    expect(list.baseChainCount).toBe(text.match(/^\t\ttype .* hook /gm)?.length);
    expect(list.tables).toBe(text.match(/^table /gm)?.length);
  });

  it('takes the whole rules as well, and nothing at all', () => {
    expect(parseNftChains(withRules(KUBERNETES, 'nft -j list ruleset'))).toEqual(
      parseNftChains(withRules(KUBERNETES, LIST)),
    );
    expect(parseNftChains(withRules('', LIST))).toMatchObject({ chains: 0, baseChains: [], owners: [] });
  });

  it('writes rules that the reader of /etc/nftables.conf counts as nft does', () => {
    const written = parseNftablesConf(withRules(KUBERNETES, 'nft list ruleset'));
    const listed = withRules(KUBERNETES, 'nft -j list ruleset');
    expect(written.rules).toBe(listed.match(/{"rule": /g)?.length);
    expect(written).toEqual(parseNftablesConf(KUBERNETES));
  });

  it('lists 20,000 chains of services in less than the agent reads, and soon', () => {
    const services = Array.from(
      { length: 20_000 },
      (_, index) => `  chain KUBE-SVC-${String(index).padStart(16, 'A')} { }`,
    );
    const output = withRules(`${KUBERNETES}\ntable ip nat {\n${services.join('\n')}\n}\n`, LIST);
    expect(output.length).toBeLessThan(4 * 1024 * 1024);
    const startedAt = performance.now();
    const list = parseNftChains(output);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(list).toMatchObject({ chains: 20_031, baseChainCount: 8 });
    expect(list.owners[0]).toEqual({ owner: 'kube-proxy', tables: 2, chains: 20_013, baseChains: 0 });
  });

  it('is refused when cut short, wherever that is', () => {
    const output = withRules(KUBERNETES, LIST).trimEnd();
    for (let length = 0; length < output.length; length += 7) {
      expect(() => parseNftChains(output.slice(0, length))).toThrow(FactError);
    }
  });
});

describe.skipIf(withoutMachine !== null && !mustRun)(title('the units for plain hosts', withoutMachine), () => {
  let machine: SystemdMachine;
  let bus: SystemBus;
  const unitFile = (name: string) => readFileSync(new URL(name, PACKAGING), 'utf8');

  beforeAll(async () => {
    if (withoutMachine !== null) throw new Error(withoutMachine);
    machine = await bootSystemd({
      loadUnits: 0,
      files: {
        '/etc/systemd/system/telemcp-nft.service': unitFile('telemcp-nft.service'),
        '/etc/systemd/system/telemcp-nft-directory.service': unitFile('telemcp-nft-directory.service'),
        '/etc/systemd/system/telemcp-nft.timer': unitFile('telemcp-nft.timer'),
        '/etc/nftables.conf': KUBERNETES,
      },
    });
    bus = createSystemBus({ address: machine.busAddress });
  });
  afterAll(async () => {
    bus?.close();
    await machine?.stop();
  });

  const collect = async () => {
    const signal = AbortSignal.timeout(firewall.timeoutMs);
    const host = createHostRoot(machine.root, signal);
    const settings = {
      nodeName: 'machine',
      certificatePaths: undefined,
      watchUnits: undefined,
      chronyAddress: { host: '127.0.0.1', port: 9 },
    };
    const found = await firewall.collect({ bus, host, settings, signal });
    return { ...found, data: FirewallFacts.parse(found.data) };
  };

  it('are understood by systemd to the last setting', async () => {
    const verify =
      'systemd-analyze verify /etc/systemd/system/telemcp-nft.service /etc/systemd/system/telemcp-nft.timer 2>&1';
    const said = await machine.exec('sh', '-c', `${verify} || true`);
    expect(said.split('\n').filter((line) => line.includes('telemcp-nft'))).toEqual([]);
  });

  it('are not there: the agent goes by services and files, and says so', async () => {
    const before = (await collect()).data;
    expect(before.ruleset).toBeNull();
    // A kernel that has loaded modules of iptables, as one with Docker has, leaves open whether somebody set rules.
    expect([before.backend, before.enabled]).toBeOneOf([
      ['none', false],
      ['iptables-nft', null],
      ['iptables-legacy', null],
    ]);
    await machine.exec('systemctl', 'start', 'nftables.service');
    const { data } = await collect();
    expect(data).toMatchObject({
      backend: 'nftables',
      enabled: true,
      basis: 'units',
      defaults: { ipv4: { input: 'drop', forward: 'drop', output: 'accept' } },
      running: { units: [{ name: 'nftables.service', activeState: 'active', subState: 'exited' }] },
    });
    expect(data.notes[0]).toContain('telemcp-nft.timer');
  });

  it('give the agent the base chains of the running kernel as soon as the timer is started', async () => {
    await machine.exec('systemctl', 'start', 'telemcp-nft.timer');
    const { data, missing, source } = await vi.waitFor(
      async () => {
        const found = await collect();
        expect(found.data.ruleset).not.toBeNull();
        return found;
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(missing).toEqual([]);
    expect(source).toBe('file:/run/telemcp/nft-chains.json');
    expect(data).toMatchObject({
      backend: 'nftables',
      enabled: true,
      basis: 'ruleset',
      ruleset: { chains: 31, stale: false },
    });
    expect(data.ruleset?.baseChains).toContainEqual({
      family: 'inet',
      table: 'host',
      name: 'input',
      type: 'filter',
      hook: 'input',
      priority: 5,
      policy: 'drop',
    });
    expect(data.ruleset?.writtenSecondsAgo).toBeLessThan(60);
    const elapses = await machine.exec(
      'systemctl',
      'show',
      '--value',
      '-p',
      'NextElapseUSecMonotonic',
      'telemcp-nft.timer',
    );
    expect(elapses.trim()).not.toBe('infinity');
  });

  it('leave a file that anybody may read in a directory of root', async () => {
    const paths = ['/run/telemcp', '/run/telemcp/nft-chains.json'];
    expect((await machine.exec('stat', '--format=%a %U %F', ...paths)).trim().split('\n')).toEqual([
      '755 root directory',
      '644 root regular file',
    ]);
    expect((await machine.exec('ls', '-A', '/run/telemcp')).trim()).toBe('nft-chains.json');
    const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    expect(await machine.exec(...asNobody, 'cat', '/run/telemcp/nft-chains.json')).toContain('"f2b-chain"');
  });

  it('follow the rules, and never show half a list', async () => {
    await machine.exec('nft', 'add chain inet host extra { type filter hook input priority 20; policy drop; }');
    const renewing = machine.exec(
      'sh',
      '-c',
      'set -e; for i in 1 2 3 4 5 6 7 8; do systemctl reset-failed; systemctl start telemcp-nft.service; done',
    );
    let looks = 0;
    let isDone = false;
    const done = renewing.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const { missing, data } = await collect();
      expect(missing).toEqual([]);
      expect([31, 32]).toContain(data.ruleset?.chains);
      looks += 1;
    }
    await done;
    expect(looks).toBeGreaterThan(5);
    expect((await collect()).data.ruleset?.chains).toBe(32);
  });

  it('keep the last list when nft fails, and it grows stale rather than wrong', async () => {
    const dropIn = '/run/systemd/system/telemcp-nft.service.d/broken.conf';
    const broken = '[Service]\\nExecStart=\\nExecStart=/bin/sh -c "echo half; exit 1"\\n';
    await machine.exec(
      'sh',
      '-c',
      `mkdir -p ${dropIn.replace(/\/[^/]*$/, '')} && printf '${broken}' > ${dropIn} && systemctl daemon-reload`,
    );
    await machine.exec('systemctl', 'stop', 'telemcp-nft.timer');
    await expect(machine.exec('systemctl', 'start', 'telemcp-nft.service')).rejects.toThrow();
    expect((await collect()).data.ruleset?.chains).toBe(32);
    await machine.exec('touch', '--date', '10 minutes ago', '/run/telemcp/nft-chains.json');
    const { data, missing } = await collect();
    expect(data).toMatchObject({ basis: 'units', ruleset: { stale: true } });
    expect(missing).toMatchObject([{ what: '/run/telemcp/nft-chains.json', reason: 'timeout' }]);
    // What the failed run left half written is no part of the next list.
    await machine.exec('sh', '-ec', `rm ${dropIn}; systemctl daemon-reload; systemctl start telemcp-nft.service`);
    expect((await collect()).data).toMatchObject({ basis: 'ruleset', ruleset: { chains: 32, stale: false } });
  });

  it('run with CAP_NET_ADMIN alone, on a file system they cannot write to', async () => {
    const shown = await machine.exec(
      'systemctl',
      'show',
      'telemcp-nft.service',
      '-p',
      'CapabilityBoundingSet',
      '-p',
      'NoNewPrivileges',
      '-p',
      'ProtectSystem',
    );
    expect(shown.trim().split('\n').sort()).toEqual([
      'CapabilityBoundingSet=cap_net_admin',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
    ]);
  });
});
