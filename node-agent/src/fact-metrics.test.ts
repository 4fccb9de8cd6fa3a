import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { expect, test } from 'vitest';
import { goldenFacts } from '../test/golden-facts.ts';
import { certificateFor, failedService, SAMPLE_FACTS, unitNamed } from '../test/sample-facts.ts';
import { filesystemAt } from '../test/sample-storage.ts';
import { factMetrics, METRIC_FAMILIES } from './fact-metrics.ts';
import { disabledEnvelope } from './fact-store.ts';
import type { Families } from './recent-facts.ts';

const OK = { ...disabledEnvelope('os'), status: 'ok', reason: null, hint: null } as const;

function familiesWith(change: Partial<typeof SAMPLE_FACTS> = {}): Families {
  const facts = { ...SAMPLE_FACTS, ...change };
  return Object.fromEntries(Object.entries(facts).map(([family, data]) => [family, { ...OK, data }]));
}

/** Every sample as Prometheus writes it. */
function lines(families: Families): string[] {
  return factMetrics(families).flatMap(({ name, samples }) =>
    samples.map(([value, labels = {}]) => {
      const shown = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
      return `${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${value}`;
    }),
  );
}

const about = (pattern: RegExp, families: Families) => lines(families).filter((line) => pattern.test(line));

test('facts become samples in base units', () => {
  const said = lines(goldenFacts().families);
  expect(said).toEqual(
    expect.arrayContaining([
      'telemcp_certificates 30',
      'telemcp_certificate_errors{reason="parse_error"} 1',
      'telemcp_systemd_failed_units 1',
      'telemcp_systemd_unit_failed{unit="backup.service"} 1',
      'telemcp_systemd_system_state{state="degraded"} 1',
      'telemcp_systemd_system_state{state="running"} 0',
      'telemcp_reboot_required 1',
      'telemcp_time_synchronized 1',
      'telemcp_time_error_bound_seconds 0.006526931',
      'telemcp_packages_held 3',
      'telemcp_packages_broken 1',
      'telemcp_packages_updates_pending 15',
      'telemcp_packages_security_updates_pending 9',
      'telemcp_firewall_enabled{backend="ufw",basis="ruleset"} 1',
      'telemcp_filesystem_stuck{mount_point="/srv/scratch"} 1',
      'telemcp_filesystem_stuck{mount_point="/"} 0',
      'telemcp_agent_series_dropped{metric="telemcp_systemd_unit_failed"} 0',
    ]),
  );
  expect(said.filter((line) => line.startsWith('telemcp_systemd_unit_restarts_total{'))).not.toEqual([]);
  expect(new Set(said).size).toBe(said.length);
});

test('only certificates in use, with where they are, soonest first', () => {
  const certificates = [
    certificateFor('/later.crt', 30),
    certificateFor('/soon.crt', -1, { commonName: null, role: null, index: 2 }),
    certificateFor('/replaced.crt', -100, { inUse: false }),
    certificateFor('/k3s.yaml', 5, { embeddedAt: 'users[default].client-certificate-data' }),
  ];
  const families = familiesWith({ certificates: { ...SAMPLE_FACTS.certificates, certificates } });
  const of = 'telemcp_certificate_not_after_timestamp_seconds';
  expect(about(/not_after/, families)).toEqual([
    `${of}{path="/soon.crt",index="2",embedded_at="",subject_cn="",role=""} 1795266000`,
    `${of}{path="/k3s.yaml",index="0",embedded_at="users[default].client-certificate-data",subject_cn="kube-apiserver",role="apiserver"} 1795784400`,
    `${of}{path="/later.crt",index="0",embedded_at="",subject_cn="kube-apiserver",role="apiserver"} 1797944400`,
    `telemcp_agent_series_dropped{metric="${of}"} 0`,
  ]);
});

test('what could not be looked at, and what the host does not say, has no sample', () => {
  expect(factMetrics({})).toEqual([]);
  const unseen = FAMILY_NAMES.map((family) => [family, disabledEnvelope(family)]);
  expect(factMetrics(Object.fromEntries(unseen))).toEqual([]);
  const { time, os, packages, firewall, filesystems } = SAMPLE_FACTS;
  const silent = familiesWith({
    time: { ...time, synchronized: null, clockErrorBoundSeconds: null },
    os: { ...os, rebootRequired: { required: null, why: null, packages: [] } },
    packages: { ...packages, held: null, broken: null, pending: null },
    firewall: { ...firewall, enabled: null },
    filesystems: { ...filesystems, filesystems: [filesystemAt('/nfs', { status: 'skipped_network_fs' })] },
  });
  expect(
    about(/time|reboot|packages|firewall|filesystem_stuck\{/, silent).filter((l) => !/dropped|stamp/.test(l)),
  ).toEqual([]);
});

test('the number of series is bounded, and what was cut is said', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => at);
  const families = familiesWith({
    systemd: {
      ...SAMPLE_FACTS.systemd,
      failed: many(100).map((at) => failedService(`f${at}.service`)),
      watched: many(150).map((at) => failedService(`w${at}.service`)),
    },
    certificates: {
      ...SAMPLE_FACTS.certificates,
      certificates: many(300).map((at) => certificateFor(`/${at}.crt`, 300 - at)),
    },
    filesystems: {
      ...SAMPLE_FACTS.filesystems,
      filesystems: [...many(150).map((at) => filesystemAt(`/${at}`)), filesystemAt('/dead', { status: 'timeout' })],
    },
  });
  const { systemd, certificates } = families;
  if (systemd) systemd.total = 120;
  if (certificates) certificates.total = 1000;
  expect(about(/series_dropped/, families)).toEqual([
    'telemcp_agent_series_dropped{metric="telemcp_systemd_unit_failed"} 70',
    'telemcp_agent_series_dropped{metric="telemcp_systemd_unit_restarts_total"} 50',
    'telemcp_agent_series_dropped{metric="telemcp_certificate_not_after_timestamp_seconds"} 800',
    'telemcp_agent_series_dropped{metric="telemcp_filesystem_stuck"} 51',
    'telemcp_agent_series_dropped{metric="telemcp_filesystem_emergency_read_only"} 0',
  ]);
  expect(lines(families).length).toBeLessThan(550);
  expect(about(/stuck\{/, families)[0]).toBe('telemcp_filesystem_stuck{mount_point="/dead"} 1');
  expect(about(/not_after_timestamp_seconds\{path="\/299/, families)).toHaveLength(1);
});

test('strings of the host cannot break a line, grow without end, or make two series alike', () => {
  const failed = ['a\u001b[31m.service', 'a.service', `${'x'.repeat(1000)}\n`].map((name) => failedService(name));
  const families = familiesWith({ systemd: { ...SAMPLE_FACTS.systemd, failed } });
  expect(about(/unit_failed/, families)).toEqual([
    'telemcp_systemd_unit_failed{unit="a.service"} 1',
    `telemcp_systemd_unit_failed{unit="${'x'.repeat(255)}…"} 1`,
    'telemcp_agent_series_dropped{metric="telemcp_systemd_unit_failed"} 1',
  ]);
});

test('watched units that do not exist have no restarts, and a state unknown here is a state', () => {
  const watched = [
    failedService('a.service'),
    unitNamed('b.timer'),
    unitNamed('c.service', { loadState: 'not-found' }),
  ];
  const manager = { ...SAMPLE_FACTS.systemd.manager, systemState: 'odd' };
  const families = familiesWith({ systemd: { ...SAMPLE_FACTS.systemd, watched, manager } });
  expect(about(/restarts_total\{unit/, families)).toEqual(['telemcp_systemd_unit_restarts_total{unit="a.service"} 5']);
  expect(about(/state.* 1$/, families)).toEqual(['telemcp_systemd_system_state{state="odd"} 1']);
});

test('a scrape collects what the metrics are made of and nothing else', () => {
  const all = goldenFacts().families;
  const needed = Object.fromEntries(METRIC_FAMILIES.map((family) => [family, all[family]]));
  expect(factMetrics(needed)).toEqual(factMetrics(all));
  for (const family of METRIC_FAMILIES)
    expect(factMetrics({ ...all, [family]: undefined })).not.toEqual(factMetrics(all));
});
