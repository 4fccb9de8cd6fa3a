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
import type { HostSummary } from '@telemcp/shared/summary';
import { findingsOf } from './findings.ts';
import { plainText } from './plain-text.ts';
import type { Families } from './recent-facts.ts';
import { createSteadyLevels, type Limits, type SteadyLevels } from './steady-levels.ts';
import { diskFindings } from './storage-findings.ts';
import { byText, summaryFindings } from './summary-findings.ts';

const MAX_ROWS = 20;
const MAX_NAME = 200;

/** What `HostSummary` says of each. */
const LIMITS = {
  clockSeconds: [0.1, 0.5, 0.02],
  cpuUse: [0.8, 0.95, 0.05],
  cpuPressure: [0.5, 0.8, 0.05],
  memoryUse: [0.95, 0.98, 0.01],
  memoryPressure: [0.05, 0.2, 0.01],
  full: [0.85, 0.95, 0.01],
} as const satisfies Readonly<Record<string, Limits>>;
const FEW_RESTARTING = 5;

/**
 * What of these facts matters: the same object for the same state of the host, in the same order, whatever its counters, ages
 * and ratios are. `now` is Unix time, milliseconds; `steady` remembers what the summary before said of figures near a limit.
 */
export function summaryOf(
  speaker: Pick<HostSummary, 'node' | 'agentVersion'>,
  families: Families,
  now: number,
  steady: SteadyLevels = createSteadyLevels(),
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
    systemd: ofData(systemd, (data, total) => ofSystemd(data, total, steady, now)),
    certificates: ofData(certificates, ofCertificates),
    time: ofData(time, (data) => ofTime(data, steady)),
    cpu: ofData(cpu, (data) => ofCpu(data, steady)),
    memory: ofData(memory, (data) => ofMemory(data, steady)),
    filesystems: ofData(filesystems, (data) => ofFilesystems(data, steady)),
    disks: ofData(disks, ofDisks),
    network: ofData(network, ofNetwork),
    ports: ofData(ports, ofPorts),
    packages: ofData(packages, ({ installed, broken, pending }) => ({
      installed,
      broken: broken?.total ?? null,
      pendingSecurity: pending?.securityUpdates ?? null,
    })),
    firewall: ofData(firewall, ({ enabled, backend }) => ({ enabled, backend })),
    findings: summaryFindings(findingsOf(answer, now)),
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

function ofSystemd(
  { manager, failed, watched }: SystemdFacts,
  total: number | null,
  steady: SteadyLevels,
  now: number,
) {
  // A service in a loop is now waiting, now starting.
  const waiting = watched.filter((unit) => unit.subState.startsWith('auto-restart')).map((unit) => unit.name);
  const restarting = steady.recent(waiting, now).length;
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

function ofTime({ implementation, synchronized, clockErrorBoundSeconds }: TimeFacts, { level }: SteadyLevels) {
  return { implementation, synchronized, errorBound: level('clock', clockErrorBoundSeconds, LIMITS.clockSeconds) };
}

function ofCpu({ usage, pressure }: CpuFacts, { level }: SteadyLevels) {
  return {
    use: level('cpu', usage?.busyRatio, LIMITS.cpuUse),
    pressure: level('cpu pressure', pressure?.some?.avg300Ratio, LIMITS.cpuPressure),
  };
}

function ofMemory({ usedRatio, memoryPressure, oomKills }: MemoryFacts, { level }: SteadyLevels) {
  return {
    use: level('memory', usedRatio, LIMITS.memoryUse),
    pressure: level('memory pressure', memoryPressure?.full?.avg60Ratio, LIMITS.memoryPressure),
    oomKillsSinceBoot: oomKills.sinceBoot,
  };
}

function ofFilesystems({ filesystems }: FilesystemFacts, { level }: SteadyLevels) {
  const troubles = filesystems.flatMap((found) => {
    const { status, emergencyReadOnly, readOnly, usedRatio, inodesUsedRatio } = found;
    // What nobody can write to is not about to run full.
    const space = level(`space ${found.mountPoint}`, readOnly ? null : usedRatio, LIMITS.full);
    const inodes = level(`inodes ${found.mountPoint}`, readOnly ? null : inodesUsedRatio, LIMITS.full);
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

function named(names: readonly string[], total: number | null = null) {
  const sorted = names.map((name) => plainText(name, MAX_NAME)).sort(byText);
  return { total: total ?? sorted.length, names: sorted.slice(0, MAX_ROWS) };
}
