import type { FamilyName } from '@telemcp/shared/family-names';
import { HostSummary } from '@telemcp/shared/summary';
import { describe, expect, test } from 'vitest';
import { golden, goldenFacts } from '../test/golden-facts.ts';
import { certificateFor, failedService, SAMPLE_FACTS, unitNamed } from '../test/sample-facts.ts';
import { diskNamed, filesystemAt } from '../test/sample-storage.ts';
import { entityTagOf } from './entity-tag.ts';
import { disabledEnvelope } from './fact-store.ts';
import type { Families } from './recent-facts.ts';
import { createSteadyLevels } from './steady-levels.ts';
import { summaryOf } from './summary.ts';

const NOW = Date.parse('2026-11-22T13:00:00Z');
const SPEAKER = { node: 'node-0007', agentVersion: '1.2.3' };
const OK = { ...disabledEnvelope('os'), status: 'ok', reason: null, hint: null } as const;

type Samples = typeof SAMPLE_FACTS;

/** The sample host, with some families' facts replaced. */
function familiesWith(change: Partial<Samples> = {}): Families {
  const facts = { ...SAMPLE_FACTS, ...change };
  return Object.fromEntries(Object.entries(facts).map(([family, data]) => [family, { ...OK, data }]));
}

const bodyOf = (families: Families, now = NOW) => JSON.stringify(summaryOf(SPEAKER, families, now));
const tagOf = (families: Families, now = NOW) => entityTagOf(bodyOf(families, now));
const summaryWith = (change: Partial<Samples>) => summaryOf(SPEAKER, familiesWith(change), NOW);

test('the golden facts make the golden summary', () => {
  const { node, agentVersion, answeredAt, families } = goldenFacts();
  expect(summaryOf({ node, agentVersion }, families, Date.parse(answeredAt))).toStrictEqual(golden('summary'));
});

test('a sound host fits in 1.6 KB, one with five troubles in 2.5, one on which a lot is wrong in 3.4', () => {
  const sound = bodyOf(familiesWith());
  expect(HostSummary.strict().parse(JSON.parse(sound)).findings).toEqual({ total: 0, worst: [] });
  expect(Buffer.byteLength(sound)).toBeLessThan(1600);
  const { systemd, certificates, os, packages, filesystems } = SAMPLE_FACTS;
  const typical = familiesWith({
    systemd: { ...systemd, failed: [failedService('backup.service')] },
    certificates: { ...certificates, certificates: [certificateFor('/etc/kubernetes/pki/apiserver.crt', 20)] },
    os: {
      ...os,
      rebootRequired: { required: true, why: 'newer kernel installed: 6.1.0-29', packages: ['linux-image'] },
    },
    packages: { ...packages, pending: { updates: 40, securityUpdates: 12, countedAt: null } },
    filesystems: { ...filesystems, filesystems: [filesystemAt('/var', { usedRatio: 0.9 })] },
  });
  expect(summaryOf(SPEAKER, typical, NOW).findings.total).toBe(5);
  expect(Buffer.byteLength(bodyOf(typical))).toBeLessThan(2500);
  const { families, answeredAt } = goldenFacts();
  expect(Buffer.byteLength(bodyOf(families, Date.parse(answeredAt)))).toBeLessThan(3400);
});

/** Numbers that matter as they are; every other one may move without a word. */
const EXACT = [
  ...['total', 'failedUnits', 'exitStatus', 'index', 'sinceBoot', 'port', 'installed', 'securityUpdates', 'degraded'],
  // 0 and 1 of these are two states, not two measurements.
  ...['reachability', 'ipVersion'],
];
/** Lists whose order follows how busy or how old things are. */
const SHUFFLED = ['disks', 'ports', 'interfaces', 'filesystems', 'failed', 'watched', 'certificates', 'timers'];

/** The same facts a minute later: counters have counted, times have passed, ratios have moved by one percent. */
function later<T>(value: T, key?: string): T;
function later(value: unknown, key = ''): unknown {
  if (typeof value === 'number') {
    if (EXACT.includes(key) || value === 0) return value;
    if (Number.isInteger(value)) return value + 1;
    return key.endsWith('Ratio') ? Math.min(1, value * 1.01) : value * 1.01;
  }
  if (typeof value === 'string') {
    const isTime = key.endsWith('At') && !Number.isNaN(Date.parse(value));
    return isTime ? new Date(Date.parse(value) + 60_000).toISOString() : value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => later(item));
    return SHUFFLED.includes(key) ? items.reverse() : items;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, later(field, name)]));
}

test.each([
  ['sound', familiesWith(), NOW],
  ['on which a lot is wrong', goldenFacts().families, Date.parse(goldenFacts().answeredAt)],
] as const)('on a host %s no counter, age, time or ratio changes a byte', (_, families, now) => {
  expect(later(families)).not.toEqual(families);
  expect(bodyOf(later(families), now + 60_000)).toBe(bodyOf(families, now));
});

test('what comes and goes within a moment changes nothing', () => {
  const { cpu, memory, ports, time } = SAMPLE_FACTS;
  const busy = familiesWith({
    cpu: { ...cpu, usage: cpu.usage && { ...cpu.usage, busyRatio: 0.79 }, tasksRunning: 40 },
    memory: { ...memory, usedRatio: 0.9, availableBytes: 2 ** 30 },
    ports: { ...ports, ports: ports.ports.map((port) => ({ ...port, acceptQueue: 3 })) },
    time: { ...time, clockErrorBoundSeconds: 0.09, stratum: 2, referenceName: '10.0.0.2' },
    filesystems: { ...SAMPLE_FACTS.filesystems, filesystems: [filesystemAt('/', { usedRatio: 0.84 })] },
  });
  expect(tagOf(busy)).toBe(tagOf(familiesWith()));
});

describe('what matters changes the tag', () => {
  const { systemd, certificates, time, os, cpu, memory, filesystems, disks, network, ports, packages, firewall } =
    SAMPLE_FACTS;
  const nic = goldenFacts().families.network?.data?.interfaces.find(({ kind }) => kind === 'physical');
  const mount = (change: Parameters<typeof filesystemAt>[1]) => ({
    filesystems: { ...filesystems, filesystems: [filesystemAt('/', change)] },
  });
  const certificate = (days: number, change = {}) => ({
    certificates: { ...certificates, certificates: [certificateFor('/a.crt', days, change)] },
  });
  const tcp = goldenFacts().families.network?.data?.tcp ?? null;
  const raid = {
    ...{ level: 'raid1', arrayState: 'clean', disks: 2, degraded: 1 },
    ...{ syncAction: 'idle', syncProgressRatio: null },
  };
  const changes: readonly (readonly [what: string, change: Partial<Samples>])[] = [
    ['another kernel', { os: { ...os, kernel: { ...os.kernel, release: '6.1.0-29-amd64' } } }],
    ['another distribution', { os: { ...os, distribution: { ...os.distribution, versionId: '13' } } }],
    ['a restart', { os: { ...os, bootId: 'c' } }],
    ['a restart that is wanted', { os: { ...os, rebootRequired: { required: true, why: null, packages: [] } } }],
    ['the state of systemd', { systemd: { ...systemd, manager: { ...systemd.manager, systemState: 'degraded' } } }],
    ['a failed unit', { systemd: { ...systemd, failed: [failedService('a.service')] } }],
    ['another failed unit', { systemd: { ...systemd, failed: [failedService('b.service')] } }],
    ['a restart loop', { systemd: { ...systemd, watched: [unitNamed('a.service', { subState: 'auto-restart' })] } }],
    ['a new certificate', certificate(200)],
    ['an expired certificate', certificate(-1)],
    [
      'a broken certificate',
      {
        certificates: {
          ...certificates,
          errors: [{ path: '/b.crt', embeddedAt: null, reason: 'parse_error', detail: null }],
        },
      },
    ],
    ['a clock that runs free', { time: { ...time, synchronized: false } }],
    ['a clock that may be off', { time: { ...time, clockErrorBoundSeconds: 0.11 } }],
    ['another time daemon', { time: { ...time, implementation: 'timesyncd' } }],
    ['busy processors', { cpu: { ...cpu, usage: cpu.usage && { ...cpu.usage, busyRatio: 0.8 } } }],
    ['no measure of the processors', { cpu: { ...cpu, usage: null } }],
    ['memory that is short', { memory: { ...memory, usedRatio: 0.96 } }],
    ['an OOM kill', { memory: { ...memory, oomKills: { ...memory.oomKills, sinceBoot: 1 } } }],
    ['a file system 85% full', mount({ usedRatio: 0.85 })],
    ['a file system 95% full', mount({ usedRatio: 0.95 })],
    ['inodes', mount({ inodesUsedRatio: 0.86 })],
    ['a file system that is stuck', mount({ status: 'timeout', reason: 'timeout', usedRatio: null })],
    ['a file system whose writes stopped', mount({ emergencyReadOnly: true, readOnlyCause: 'emergency_ro' })],
    ['a dead disk', { disks: { ...disks, disks: [diskNamed('sda', { state: 'offline' })] } }],
    ['an array without redundancy', { disks: { ...disks, disks: [diskNamed('sda', { raid })] } }],
    ['a lost link', { network: { ...network, interfaces: nic ? [{ ...nic, adminUp: true, carrier: false }] : [] } }],
    ['refused connections', { network: { ...network, tcp: tcp && { ...tcp, listenOverflows: 1, interval: null } } }],
    ['an open port', { ports: { ...ports, ports: [...ports.ports, ...ports.ports.map((p) => ({ ...p, port: 80 }))] } }],
    ['a package more', { packages: { ...packages, installed: 802 } }],
    ['a broken package', { packages: { ...packages, broken: { total: 1, packages: [] } } }],
    [
      'security updates',
      {
        packages: { ...packages, pending: { updates: 2, securityUpdates: 1, countedAt: null } },
      },
    ],
    ['a firewall that is off', { firewall: { ...firewall, enabled: false } }],
    ['another firewall', { firewall: { ...firewall, backend: 'nftables' } }],
  ];
  const tags = new Map(changes.map(([what, change]) => [what, tagOf(familiesWith(change))]));

  test.each(changes.map(([what]) => what))('%s', (what) => {
    const others = [...tags].filter(([name]) => name !== what).map(([, tag]) => tag);
    expect([tagOf(familiesWith()), ...others]).not.toContain(tags.get(what));
  });

  test.each(Object.keys(SAMPLE_FACTS) as FamilyName[])('%s that can no longer be seen', (family) => {
    const unavailable = { ...OK, status: 'unavailable', reason: 'timeout', data: null } as const;
    const families = { ...familiesWith(), [family]: unavailable };
    const summary = summaryOf(SPEAKER, families, NOW);
    expect([summary[family], summary.families[family]]).toEqual([null, { status: 'unavailable', reason: 'timeout' }]);
    expect(tagOf(families)).not.toBe(tagOf(familiesWith()));
  });
});

test('lists are cut with their totals, sorted, and no kind of finding hides the others', () => {
  const failed = Array.from({ length: 40 }, (_, at) =>
    failedService(`${String.fromCharCode(97 + (at % 26))}${at}.service`),
  );
  const certificates = Array.from({ length: 40 }, (_, at) => certificateFor(`/${at}.crt`, -1));
  const summary = summaryWith({
    systemd: { ...SAMPLE_FACTS.systemd, failed },
    certificates: { ...SAMPLE_FACTS.certificates, certificates },
    time: { ...SAMPLE_FACTS.time, synchronized: false },
  });
  expect(summary.systemd?.failed).toMatchObject({ total: 40, names: { length: 20 } });
  expect(summary.systemd?.failed.names).toEqual([...(summary.systemd?.failed.names ?? [])].sort());
  expect(summary.certificates).toMatchObject({ total: 40, expired: 40, soonestNotAfter: null });
  expect(summary.findings.total).toBe(81);
  const kinds = summary.findings.worst.map(({ kind }) => kind);
  expect(kinds).toEqual(['certificate', 'failed unit', 'clock']);
  expect(summary.findings.worst.map(({ subject }) => subject)).toEqual([
    '/0.crt, /1.crt, /10.crt and 37 more',
    'a0.service, a26.service, b1.service and 37 more',
    'chrony',
  ]);
});

test('what happens to be near a limit, or in a loop, does not change the tag with every look', () => {
  const { cpu, systemd } = SAMPLE_FACTS;
  const steady = createSteadyLevels();
  const tags = Array.from({ length: 20 }, (_, at) => {
    const busyRatio = at % 2 === 0 ? 0.81 : 0.79;
    const subState = at % 2 === 0 ? 'auto-restart' : 'start';
    const families = familiesWith({
      cpu: { ...cpu, usage: cpu.usage && { ...cpu.usage, busyRatio } },
      systemd: { ...systemd, watched: [unitNamed('a.service', { activeState: 'activating', subState })] },
    });
    return entityTagOf(JSON.stringify(summaryOf(SPEAKER, families, NOW + at * 30_000, steady)));
  });
  expect(new Set(tags).size).toBe(1);
});

test('strings of the host are shown clean and cut', () => {
  const name = `${'x'.repeat(300)}\u001b[31m.service`;
  const summary = summaryWith({ systemd: { ...SAMPLE_FACTS.systemd, failed: [failedService(name)] } });
  expect(summary.systemd?.failed.names[0]).toMatch(/^x{199}…$/);
  expect(summary.findings.worst[0]?.subject).toMatch(/^x{199}…$/);
});

test('a family that nobody asked this agent for is null, and not among its families', () => {
  const { os } = familiesWith();
  const summary = summaryOf(SPEAKER, os === undefined ? {} : { os }, NOW);
  expect(Object.keys(summary.families)).toEqual(['os']);
  expect(HostSummary.parse(summary)).toMatchObject({ systemd: null, certificates: null, firewall: null });
});
