import type { CertificateFacts } from '@telemcp/shared/facts/certificates';
import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { DiskFacts } from '@telemcp/shared/facts/disks';
import type { FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import type { NetworkFacts } from '@telemcp/shared/facts/network';
import type { OsFacts } from '@telemcp/shared/facts/os';
import type { PortsFacts } from '@telemcp/shared/facts/ports';
import type { SystemdFacts } from '@telemcp/shared/facts/systemd';
import type { TimeFacts } from '@telemcp/shared/facts/time';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import type { HostSummary, SummaryFinding } from '@telemcp/shared/summary';
import { type Finding, findingsOf, SEVERITIES } from './findings.ts';
import { plainText } from './plain-text.ts';
import type { Families } from './recent-facts.ts';
import { steadyText } from './steady-text.ts';
import { diskFindings } from './storage-findings.ts';

const MAX_ROWS = 20;
const MAX_FINDINGS = 20;
const MAX_FINDINGS_OF_KIND = 5;
const MAX_NAME = 200;
const MAX_TEXT = 160;

/** From which value on a figure is high, and from which critical; what `HostSummary` says of each. */
const LIMITS = {
  clockSeconds: [0.1, 0.5],
  cpuUse: [0.8, 0.95],
  cpuPressure: [0.5, 0.8],
  memoryUse: [0.95, 0.98],
  memoryPressure: [0.05, 0.2],
  full: [0.85, 0.95],
} as const;
const FEW_RESTARTING = 5;

/**
 * What of these facts matters: the same object for the same state of the host, in the same order, whatever its counters, ages
 * and ratios are. `now` is Unix time, milliseconds.
 */
export function summaryOf(
  speaker: Pick<HostSummary, 'node' | 'agentVersion'>,
  families: Families,
  now: number,
): HostSummary {
  const { systemd, certificates, time, os, cpu, memory, filesystems, disks, network, ports, packages, firewall } =
    families;
  const answer = { ...speaker, answeredAt: new Date(now).toISOString(), families };
  return {
    ...speaker,
    families: Object.fromEntries(
      FAMILY_NAMES.flatMap((name) => {
        const envelope = families[name];
        return envelope === undefined ? [] : [[name, { status: envelope.status, reason: envelope.reason }]];
      }),
    ),
    os: ofData(os, ofOs),
    systemd: ofData(systemd, ofSystemd),
    certificates: ofData(certificates, ofCertificates),
    time: ofData(time, ofTime),
    cpu: ofData(cpu, ofCpu),
    memory: ofData(memory, ofMemory),
    filesystems: ofData(filesystems, ofFilesystems),
    disks: ofData(disks, ofDisks),
    network: ofData(network, ofNetwork),
    ports: ofData(ports, ofPorts),
    packages: ofData(packages, ({ installed, broken, pending }) => ({
      installed,
      broken: broken?.total ?? null,
      pendingSecurity: pending?.securityUpdates ?? null,
    })),
    firewall: ofData(firewall, ({ enabled, backend }) => ({ enabled, backend })),
    findings: ofFindings(findingsOf(answer, now).filter(isNews)),
  };
}

function ofData<T, S>(
  envelope: { data: T | null; total: number | null } | undefined,
  summarise: (data: T, total: number | null) => S,
): S | null {
  return envelope?.data == null ? null : summarise(envelope.data, envelope.total);
}

function ofOs({ distribution: { id, versionId }, kernel, bootId, rebootRequired }: OsFacts) {
  return {
    distribution: { id, versionId },
    kernelRelease: kernel.release,
    bootId,
    rebootRequired: rebootRequired.required,
  };
}

function ofSystemd({ manager, failed, watched }: SystemdFacts, total: number | null) {
  const restarting = watched.filter((unit) => unit.subState.startsWith('auto-restart')).length;
  return {
    systemState: manager.systemState,
    failed: named(
      failed.map((unit) => unit.name),
      total,
    ),
    autoRestarting: restarting === 0 ? 'none' : restarting <= FEW_RESTARTING ? 'few' : 'many',
  } as const;
}

function ofCertificates({ certificates, errors }: CertificateFacts, total: number | null) {
  const inUse = certificates.filter((certificate) => certificate.inUse);
  const [soonest = null] = inUse
    .filter(({ expired }) => !expired)
    .map(({ notAfter }) => notAfter)
    .sort();
  return {
    total: total ?? certificates.length,
    expired: inUse.filter(({ expired }) => expired).length,
    soonestNotAfter: soonest,
    errors: errors.length,
  };
}

function ofTime({ implementation, synchronized, clockErrorBoundSeconds }: TimeFacts) {
  return { implementation, synchronized, errorBound: level(clockErrorBoundSeconds, LIMITS.clockSeconds) };
}

function ofCpu({ usage, pressure }: CpuFacts) {
  return {
    use: level(usage?.busyRatio, LIMITS.cpuUse),
    pressure: level(pressure?.some?.avg300Ratio, LIMITS.cpuPressure),
  };
}

function ofMemory({ usedRatio, memoryPressure, oomKills }: MemoryFacts) {
  return {
    use: level(usedRatio, LIMITS.memoryUse),
    pressure: level(memoryPressure?.full?.avg60Ratio, LIMITS.memoryPressure),
    oomKillsSinceBoot: oomKills.sinceBoot,
  };
}

function ofFilesystems({ filesystems }: FilesystemFacts) {
  const troubles = filesystems.flatMap((found) => {
    const { status, emergencyReadOnly, readOnly, usedRatio, inodesUsedRatio } = found;
    // What nobody can write to is not about to run full.
    const [space, inodes] = [usedRatio, inodesUsedRatio].map((ratio) => (readOnly ? null : level(ratio, LIMITS.full)));
    const trouble = [
      ...(status === 'timeout' ? (['stuck'] as const) : []),
      ...(emergencyReadOnly ? (['emergency_read_only'] as const) : []),
      ...(space === 'critical' ? (['space_95_percent'] as const) : []),
      ...(space === 'high' ? (['space_85_percent'] as const) : []),
      ...(inodes === 'critical' ? (['inodes_95_percent'] as const) : []),
      ...(inodes === 'high' ? (['inodes_85_percent'] as const) : []),
    ];
    return trouble.map((each) => ({ mountPoint: plainText(found.mountPoint, MAX_NAME), trouble: each }));
  });
  const sorted = troubles.sort((a, b) => byText(a.mountPoint, b.mountPoint) || byText(a.trouble, b.trouble));
  return { total: troubles.length, troubles: sorted.slice(0, MAX_ROWS) };
}

function ofDisks(facts: DiskFacts) {
  const degraded = facts.disks.filter(({ raid }) => (raid?.degraded ?? 0) > 0).map(({ name }) => name);
  const critical = diskFindings(facts).filter(({ severity }) => severity === 'critical');
  const failing = critical.map(({ subject }) => subject).filter((name) => !degraded.includes(name));
  return { failing: named([...new Set(failing)]), degraded: named(degraded) };
}

const LINKS: readonly (string | null)[] = ['physical', 'wireless', 'bond', 'team'];

function ofNetwork({ interfaces, tcp }: NetworkFacts) {
  const down = interfaces.filter(
    ({ kind, adminUp, carrier }) => LINKS.includes(kind) && adminUp === true && carrier === false,
  );
  const overflows = tcp?.listenOverflows ?? null;
  return {
    linksDown: named(down.map(({ name }) => name)),
    listenOverflows: overflows === null ? null : overflows > 0,
  };
}

function ofPorts({ ports }: PortsFacts) {
  return { openTcp: ports.filter(({ protocol, scope }) => protocol === 'tcp' && scope !== 'loopback').length };
}

/**
 * Not so: a family that could not be seen, which `families` says; and notes on ports, which are about queues that fill and empty
 * within milliseconds.
 */
function isNews({ severity, kind }: Finding): boolean {
  return !(kind === 'not seen' && severity === 'warning') && !(kind === 'port' && severity === 'note');
}

/** Ordered by what they say: the families' own order follows how busy or how old things are. */
function ofFindings(findings: readonly Finding[]): HostSummary['findings'] {
  const said = new Map<string, SummaryFinding>();
  for (const { severity, kind, subject, text } of findings) {
    const finding = {
      severity,
      kind,
      subject: plainText(subject, MAX_NAME),
      text: plainText(steadyText(kind === 'certificate' ? withoutHint(text) : text), MAX_TEXT),
    };
    said.set(JSON.stringify(finding), finding);
  }
  const sorted = [...said.values()].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      byText(a.kind, b.kind) ||
      byText(a.subject, b.subject) ||
      byText(a.text, b.text),
  );
  const seen = new Map<string, number>();
  const worst = sorted.filter(({ severity, kind }) => {
    const key = `${severity} ${kind}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return (seen.get(key) ?? 0) <= MAX_FINDINGS_OF_KIND;
  });
  return { total: sorted.length, worst: worst.slice(0, MAX_FINDINGS) };
}

/** How a certificate is renewed is long, and with the certificate itself. */
function withoutHint(text: string): string {
  return text.replace(/\): .*$/s, ')');
}

function level(
  value: number | null | undefined,
  [high, critical]: readonly [number, number],
): 'ok' | 'high' | 'critical' | null {
  if (value == null) return null;
  return value >= critical ? 'critical' : value >= high ? 'high' : 'ok';
}

function named(names: readonly string[], total: number | null = null) {
  const sorted = names.map((name) => plainText(name, MAX_NAME)).sort(byText);
  return { total: total ?? sorted.length, names: sorted.slice(0, MAX_ROWS) };
}

/** By code unit: the same on every host, whatever its locale. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
