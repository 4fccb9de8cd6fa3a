import type { CertificateFacts } from '@telemcp/shared/facts/certificates';
import type { FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import type { PackageFacts } from '@telemcp/shared/facts/packages';
import type { SystemdFacts } from '@telemcp/shared/facts/systemd';
import type { FamilyName } from '@telemcp/shared/family-names';
import { plainText } from './plain-text.ts';
import type { Families } from './recent-facts.ts';

export type Labels = Record<string, string>;
export type Sample = readonly [value: number, labels?: Labels];

/** One metric in the Prometheus data model. Without samples it is not exposed: the host was not looked at, or does not say. */
export interface Metric {
  type: 'gauge' | 'counter';
  name: string;
  help: string;
  samples: readonly Sample[];
  /** Series that were left out so that their number stays bounded; undefined where that cannot happen. */
  dropped?: number;
}

/** What these metrics are made of. */
export const METRIC_FAMILIES = [
  ...(['systemd', 'certificates', 'time', 'os', 'filesystems', 'packages', 'firewall'] as const),
] satisfies readonly FamilyName[];

const MAX_CERTIFICATES = 200;
const MAX_FAILED_UNITS = 50;
const MAX_WATCHED_UNITS = 100;
const MAX_FILESYSTEMS = 100;
const MAX_LABEL = 256;
/** `SystemState` of org.freedesktop.systemd1(5). */
const SYSTEM_STATES = ['initializing', 'starting', 'running', 'degraded', 'maintenance', 'stopping'] as const;

/** Facts as metrics, those of them that other exporters do not have. */
export function factMetrics(families: Families): Metric[] {
  const { systemd, certificates, time, os, filesystems, packages, firewall } = families;
  const clock = time?.data ?? null;
  const walls = firewall?.data ?? null;
  const metrics = [
    ...(systemd?.data == null ? [] : systemdMetrics(systemd.data, systemd.total)),
    ...(certificates?.data == null ? [] : certificateMetrics(certificates.data, certificates.total)),
    gauge('telemcp_time_synchronized', 'Whether the clock is synchronized, as its daemon or the kernel says.', [
      flag(clock?.synchronized),
    ]),
    gauge('telemcp_time_error_bound_seconds', 'How far off the clock can be at most.', [
      number(clock?.clockErrorBoundSeconds),
    ]),
    gauge('telemcp_reboot_required', 'Whether the host asks for a restart.', [flag(os?.data?.rebootRequired.required)]),
    ...(filesystems?.data == null ? [] : filesystemMetrics(filesystems.data)),
    ...packageMetrics(packages?.data ?? null),
    gauge(
      'telemcp_firewall_enabled',
      "Whether a packet filter is switched on; basis: by the kernel's ruleset, the units that load one, or configuration files.",
      [flag(walls?.enabled, walls === null ? {} : { backend: walls.backend, basis: walls.basis ?? '' })],
    ),
  ];
  const dropped = metrics.flatMap((metric): Sample[] =>
    metric.dropped === undefined ? [] : [[metric.dropped, { metric: metric.name }]],
  );
  const help = 'Series of a metric that were left out so that their number stays bounded.';
  return [...metrics, gauge('telemcp_agent_series_dropped', help, dropped)].filter(({ samples }) => samples.length > 0);
}

function systemdMetrics({ manager, failed, watched }: SystemdFacts, total: number | null): Metric[] {
  const now = plainText(manager.systemState, MAX_LABEL);
  const states = [...new Set([...SYSTEM_STATES, now])];
  const services = watched.filter(({ loadState }) => loadState === 'loaded');
  return [
    gauge(
      'telemcp_systemd_system_state',
      '1 for the state systemd as a whole is in, 0 for the others.',
      states.map((state) => [state === now ? 1 : 0, { state }]),
    ),
    gauge('telemcp_systemd_failed_units', 'Units that have failed.', [[manager.failedUnits]]),
    capped(
      gauge(
        'telemcp_systemd_unit_failed',
        'Always 1, for every unit that has failed; absent for the others.',
        failed.map(({ name }) => [1, { unit: name }]),
      ),
      MAX_FAILED_UNITS,
      total,
    ),
    capped(
      counter(
        'telemcp_systemd_unit_restarts_total',
        'Times systemd started a watched service again by itself, since it was started by hand.',
        services.flatMap(({ name, service }): Sample[] =>
          service === null ? [] : [[service.restarts, { unit: name }]],
        ),
      ),
      MAX_WATCHED_UNITS,
    ),
  ];
}

function certificateMetrics({ certificates, errors }: CertificateFacts, total: number | null): Metric[] {
  const inUse = certificates.filter((certificate) => certificate.inUse);
  const soonestFirst = inUse.sort((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  const beyond = Math.max(0, (total ?? 0) - certificates.length);
  const reasons = new Map<string, number>();
  for (const { reason } of errors) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [
    gauge('telemcp_certificates', 'Certificates found, those included that are no longer in use.', [
      [total ?? certificates.length],
    ]),
    capped(
      gauge(
        'telemcp_certificate_not_after_timestamp_seconds',
        'When a certificate in use expires, Unix time.',
        soonestFirst.map(({ path, index, embeddedAt, commonName, role, notAfter }) => [
          Date.parse(notAfter) / 1000,
          { path, index: `${index}`, embedded_at: embeddedAt ?? '', subject_cn: commonName ?? '', role: role ?? '' },
        ]),
      ),
      MAX_CERTIFICATES,
      inUse.length + beyond,
    ),
    gauge(
      'telemcp_certificate_errors',
      'Files, or parts of them, that look like certificates and could not be read; absent where there are none.',
      [...reasons].sort().map(([reason, count]) => [count, { reason }]),
    ),
  ];
}

function filesystemMetrics({ filesystems }: FilesystemFacts): Metric[] {
  const asked = filesystems.filter(({ status }) => status === 'ok' || status === 'timeout');
  return [
    capped(
      gauge(
        'telemcp_filesystem_stuck',
        '1 for a local file system that does not answer, 0 for one that does; absent for those that are never asked.',
        asked
          .map(({ status, mountPoint }): [number, Labels] => [
            status === 'timeout' ? 1 : 0,
            { mount_point: mountPoint },
          ])
          .sort(([a], [b]) => b - a),
      ),
      MAX_FILESYSTEMS,
    ),
    capped(
      gauge(
        'telemcp_filesystem_emergency_read_only',
        'Always 1, for every file system whose writes the kernel stopped after an error; absent for the others.',
        filesystems.flatMap(({ emergencyReadOnly, mountPoint }): Sample[] =>
          emergencyReadOnly ? [[1, { mount_point: mountPoint }]] : [],
        ),
      ),
      MAX_FILESYSTEMS,
    ),
  ];
}

function packageMetrics(facts: PackageFacts | null): Metric[] {
  return [
    gauge('telemcp_packages_held', 'Packages that the operator keeps from being upgraded.', [
      number(facts?.held?.total),
    ]),
    gauge('telemcp_packages_broken', 'Packages whose installation failed or was not finished.', [
      number(facts?.broken?.total),
    ]),
    gauge('telemcp_packages_updates_pending', 'Updates that wait to be installed, as the host itself counted them.', [
      number(facts?.pending?.updates),
    ]),
    gauge('telemcp_packages_security_updates_pending', 'Those of the pending updates that are for security.', [
      number(facts?.pending?.securityUpdates),
    ]),
  ];
}

/** Labels come from the host: cleaned as everything that is shown. The first of those that are then alike is kept. */
function capped(metric: Metric, limit: number, total: number | null = null): Metric {
  const unique = new Map<string, Sample>();
  for (const [value, labels = {}] of metric.samples) {
    const clean = Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, plainText(text, MAX_LABEL)]));
    const key = JSON.stringify(clean);
    if (!unique.has(key)) unique.set(key, [value, clean]);
  }
  const samples = [...unique.values()].slice(0, limit);
  return { ...metric, samples, dropped: Math.max(total ?? 0, metric.samples.length) - samples.length };
}

function gauge(name: string, help: string, samples: readonly (Sample | null)[]): Metric {
  return { type: 'gauge', name, help, samples: samples.filter((sample) => sample !== null) };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { type: 'counter', name, help, samples };
}

function number(value: number | null | undefined): Sample | null {
  return value == null ? null : [value];
}

function flag(value: boolean | null | undefined, labels: Labels = {}): Sample | null {
  return value == null ? null : [value ? 1 : 0, labels];
}
