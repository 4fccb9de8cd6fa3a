import type { OsFacts } from '@telemcp/shared/facts/os';
import type { SystemdFacts } from '@telemcp/shared/facts/systemd';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askTool, structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { type FakeAgentOptions, GOLDEN_NOW, unavailable } from '../../test/fake-agent.ts';
import { fakeFleets, numbered } from '../../test/fake-fleet.ts';
import { hostFacts } from './host-facts.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: GOLDEN_NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const startFleet = fakeFleets();
const fleet = (...options: FakeAgentOptions[]) => startFleet(...numbered(options));

/** Three nodes of which the second deviates in every family. */
const DEVIATING: FakeAgentOptions = {
  facts: {
    os: (os) => ({
      ...os,
      uptimeSeconds: 320,
      kernel: { ...os.kernel, release: '6.1.0-41-amd64' },
      rebootRequired: { required: false, why: null, packages: [] },
    }),
    time: (time) => ({
      ...time,
      synchronized: false,
      synchronizedBy: null,
      note: 'local reference only',
      lastOffsetSeconds: null,
      clockErrorBoundSeconds: null,
    }),
    systemd: (systemd) => healthy(systemd),
    certificates: (facts) => ({
      ...facts,
      certificates: facts.certificates.filter((found) => found.role === 'ca'),
      errors: [],
      revocationLists: [],
    }),
    network: (network) => ({
      ...network,
      interfaces: network.interfaces.map((nic) => ({ ...nic, mtuBytes: 1500, bond: null, counters: SOUND })),
      conntrack: { entries: 250_000, max: 262_144, usedRatio: 0.9537, dropped: 12, earlyDropped: 3, insertFailed: 1 },
    }),
    ports: ({ ports, ...rest }) => ({
      ...rest,
      ports: ports
        .filter(({ port }) => port !== 9100)
        .map((port) => ({ ...port, port: port.port === 8080 ? 8081 : port.port, acceptQueue: 0 })),
    }),
    cpu: (cpu) => ({ ...cpu, usage: null, pressureState: 'absent', pressure: null, frequency: null }),
    memory: (memory) => ({
      ...memory,
      usedRatio: 0.31,
      availableBytes: 23 * 2 ** 30,
      memoryPressure: null,
      ioPressure: null,
      pressureState: 'off',
      oomKills: { sinceBoot: null, duringInterval: null, slices: null, cgroups: null },
    }),
    filesystems: (facts) => ({
      ...facts,
      filesystems: facts.filesystems
        .filter(({ mountPoint }) => mountPoint === '/')
        .map((root) => ({ ...root, fsType: 'xfs' })),
    }),
    disks: (facts) => ({ ...facts, disks: facts.disks.filter(({ kind }) => kind === 'nvme') }),
    packages: (facts) => ({
      ...facts,
      installed: 640,
      broken: { total: 0, packages: [] },
      held: { total: 0, names: [] },
      listsChangedAt: '2026-10-30T06:00:00.000Z',
      lastUpdateSuccessAt: null,
      unattendedUpgrades: false,
      pending: null,
      pendingReason: 'unsupported',
    }),
    firewall: (facts) => ({
      ...facts,
      backend: 'ufw',
      basis: 'configuration',
      enabled: null,
      attention: [
        'ufw.conf says ENABLED=yes, but ufw.service is not active: whether its rules are loaded is not known',
      ],
      ruleset: null,
    }),
  },
};

/** Counters of an interface on which nothing was ever lost. */
const SOUND = {
  ...{ rxBytes: 1, rxPackets: 1, rxErrors: 0, rxDropped: 0, rxCrcErrors: 0, rxMissed: 0 },
  ...{ txBytes: 1, txPackets: 1, txErrors: 0, txDropped: 0, collisions: 0 },
};

function healthy(facts: SystemdFacts): SystemdFacts {
  return {
    ...facts,
    manager: { ...facts.manager, systemState: 'running', failedUnits: 0, queuedJobs: 0 },
    failed: [],
    watched: facts.watched.filter((unit) => unit.name !== 'nginx.service'),
    unitsByActiveState: { active: 241, inactive: 75 },
  };
}

describe('host.facts', () => {
  it.each(FAMILY_NAMES)('tells the %s facts of one node', async (family) => {
    const { agents, fakes } = await fleet({});
    const asked = await askTool(hostFacts, { family, node: 'node-0007' }, agents);
    await expect(asked.text).toMatchFileSnapshot(`../../test/golden/host-facts-${family}.txt`);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    expect(fakes[0]?.requests).toEqual([`/v1/facts/${family}`]);
  });

  it.each(FAMILY_NAMES)('rolls the %s facts up over the fleet', async (family) => {
    const { agents } = await fleet({}, DEVIATING, {});
    const asked = await askTool(hostFacts, { family }, agents);
    await expect(asked.text).toMatchFileSnapshot(`../../test/golden/host-facts-${family}-fleet.txt`);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
  });

  it.each(['network', 'ports'] as const)('tells the %s facts in 400 tokens, of one node and of 100', async (family) => {
    const { agents: one } = await fleet({});
    expect((await askTool(hostFacts, { family }, one)).tokens).toBeLessThanOrEqual(400);
    const many = Array.from({ length: 100 }, (_, at) => (at % 33 === 7 ? DEVIATING : {}));
    const { agents: all } = await fleet(...many);
    expect((await askTool(hostFacts, { family }, all)).tokens).toBeLessThanOrEqual(400);
  });

  it('finds rows by text in any case, also of what needs no attention', async () => {
    const { agents } = await fleet({});
    const { answer } = await askTool(hostFacts, { family: 'systemd', filter: 'CHRON*running' }, agents);
    expect(answer.tables).toEqual([]);
    const found = await askTool(hostFacts, { family: 'systemd', filter: 'CHRON*.service' }, agents);
    expect(found.answer.tables[0]?.rows.map((row) => row[0])).toEqual(['chrony.service']);
    expect(found.answer.summary).toMatch(/^1 row with "CHRON\*\.service"; degraded/);
  });

  it('finds properties by name, common ones as well', async () => {
    const { agents } = await fleet({}, DEVIATING, {});
    const { answer } = await askTool(hostFacts, { family: 'os', filter: 'kernel' }, agents);
    expect(answer.tables).toEqual([
      {
        columns: ['property', 'majority', 'nodes', 'others'],
        rows: [
          ['rebootRequired', 'yes: newer kernel installed: 6.1.0-41-amd64', 2, 'no: node-0002'],
          ['kernel', '6.1.0-28-amd64', 2, '6.1.0-41-amd64: node-0002'],
        ],
      },
    ]);
    const common = await askTool(hostFacts, { family: 'os', filter: 'CGROUP' }, agents);
    expect(common.answer.tables[0]?.common).toEqual({ cgroup: 'v2' });
  });

  it('finds a clock that is wrong although its daemon is content', async () => {
    const { agents } = await fleet({}, { clockAheadSeconds: 90 }, { clockAheadSeconds: -40 });
    const { answer } = await askTool(hostFacts, { family: 'time' }, agents);
    expect(answer.summary).toBe('all synchronized');
    expect(answer.notes).toEqual([
      expect.stringMatching(
        /^against the clock of this bridge, 2 nodes off: node-0002 (89\.\d|90)s ahead, node-0003 40s behind$/,
      ),
    ]);
  });

  it.each([
    [null, 'unknown', 'not known whether synchronized, time daemon: unknown, off by 6.53ms at most'],
    [false, 'chrony', 'NOT synchronized, time daemon: chrony, off by 6.53ms at most'],
    [true, 'none', 'synchronized, time daemon: none, off by 6.53ms at most'],
  ] as const)('says of a clock that is %s by %s what it is', async (synchronized, implementation, summary) => {
    const { agents } = await fleet({ facts: { time: (time) => ({ ...time, synchronized, implementation }) } });
    const { answer } = await askTool(hostFacts, { family: 'time' }, agents);
    expect(answer.summary).toBe(summary);
  });

  it('does not read "not known" as fine', async () => {
    const { agents } = await fleet(
      { facts: { time: (time) => ({ ...time, synchronized: null, synchronizedBy: null, implementation: 'unknown' }) } },
      { facts: { os: (os) => ({ ...os, rebootRequired: { required: null, why: null, packages: [] } }) } },
    );
    const time = await askTool(hostFacts, { family: 'time' }, agents);
    expect(time.answer.summary).toBe('1 not known, 1 synchronized');
    const os = await askTool(hostFacts, { family: 'os' }, agents);
    expect(os.answer.summary).toBe('reboot pending on 1, not known on 1; one kernel on all');
  });

  it.each([
    [[null, null], 'whether a reboot is pending is not known on any; one kernel on all'],
    [[null, false], 'no reboot pending on 1, not known on 1; one kernel on all'],
    [[false, false], 'no reboot pending; one kernel on all'],
    [[true, false], 'reboot pending on 1; one kernel on all'],
  ])('sums pending reboots %j up without making any up', async (known, summary) => {
    const { agents } = await fleet(
      ...known.map((required) => ({
        facts: { os: (os: OsFacts) => ({ ...os, rebootRequired: { required, why: null, packages: [] } }) },
      })),
    );
    const { answer } = await askTool(hostFacts, { family: 'os' }, agents);
    expect(answer.summary).toBe(summary);
  });

  it('says that units flap which the family does not list, and leads to them', async () => {
    const flapping: FakeAgentOptions = {
      facts: {
        systemd: (facts) => ({ ...healthy(facts), unitsByActiveState: { active: 9, activating: 2, reloading: 1 } }),
      },
    };
    const { agents } = await fleet(flapping);
    const one = await askTool(hostFacts, { family: 'systemd' }, agents);
    expect(one.answer.notes).toContain('3 units starting, stopping or restarting, not among these rows');
    expect(one.text).toContain('next: systemd_status(unit="*", node="node-0007")');
    const { agents: several } = await fleet(flapping, {});
    const all = await askTool(hostFacts, { family: 'systemd' }, several);
    expect(all.answer.notes).toContain('units starting, stopping or restarting, not among these rows: node-0001 3');
  });

  it('does not let a unit that is in none of its lists be taken for absent', async () => {
    const { agents } = await fleet({});
    const { text } = await askTool(hostFacts, { family: 'systemd', filter: 'cron.service' }, agents);
    expect(text).toContain('0 rows with "cron.service"');
    expect(text).toContain(
      'note: here are failed and watched units, timers and sockets only; systemd.status finds any unit',
    );
  });

  it('says which nodes could not look, and what can be done', async () => {
    const { agents } = await fleet(
      {},
      { envelope: unavailable('timeout', 'time: nothing after 3500 ms', 'Look at the load of the host.') },
      { envelope: { status: 'disabled', reason: 'not_configured', hint: 'Switch it on.', data: null, missing: [] } },
    );
    const { text } = await askTool(hostFacts, { family: 'time' }, agents);
    expect(text).toContain('asked 3, answered 1: synchronized by chrony');
    expect(text).toContain('no answer: node-0002 timeout: time: nothing after 3500 ms, node-0003 disabled');
    expect(text).toContain('note: timeout: Look at the load of the host.');
    expect(text).toContain('note: not_configured: Switch it on.');
  });

  it('tells five gaps and counts the rest', async () => {
    const missing = Array.from({ length: 9 }, (_, index) => ({
      what: `unit-${index}.service`,
      reason: 'timeout' as const,
      detail: null,
    }));
    const { agents } = await fleet({ envelope: { status: 'partial', reason: 'timeout', missing } });
    const { answer } = await askTool(hostFacts, { family: 'systemd' }, agents);
    expect(answer.notes?.filter((note) => note.startsWith('could not read'))).toHaveLength(5);
    expect(answer.notes).toContain('4 more gaps like these');
  });

  it.each(FAMILY_NAMES)('takes %s of a newer agent, without what it does not know', async (family) => {
    const { agents } = await fleet({ fault: 'newer' });
    const { text, answer } = await askTool(hostFacts, { family }, agents);
    expect(answer.coverage).toBeUndefined();
    expect(text).not.toContain('addedLater');
    expect(text).not.toContain('quantum_entangled');
  });

  it('names the families there are when asked for another', async () => {
    const { agents } = await fleet({});
    await expect(askTool(hostFacts, { family: 'weather' }, agents)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/^family: .*systemd/),
    });
  });

  it('costs a model little', () => {
    expect(tokensOfTool(hostFacts)).toBeLessThanOrEqual(250);
    expect(hostFacts.description.split(/\s+/).length).toBeLessThanOrEqual(50);
  });
});
