import type { Disk, DiskFacts, NvmeController } from '@telemcp/shared/facts/disks';
import type { Filesystem, FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import { SOUND_STATES } from './disks/device-files.ts';
import type { Finding } from './findings.ts';

/** The kubelet deletes images from 85 % on and evicts pods at 90 %; at 95 % programs are about to fail. */
const FULL = { warning: 0.85, critical: 0.95 } as const;
/** The kubelet evicts at 95 % of the inodes. */
const INODES = { warning: 0.9, critical: 0.95 } as const;
/** A disk busy all the time is only then a bottleneck when requests wait for it; a healthy one answers within some 20 ms. */
const SLOW = { utilizationRatio: 0.95, averageWaitMs: 100 } as const;

/** File systems that lost writes, hang, are read-only against the will of /etc/fstab, or run full. */
export function filesystemFindings(facts: FilesystemFacts | null): Finding[] {
  return (facts?.filesystems ?? []).flatMap((found): Finding[] => {
    const finding = { kind: 'file system', subject: found.mountPoint };
    if (found.emergencyReadOnly) {
      const text = `writes stopped by the kernel after an error (${found.readOnlyCause}): ${found.device}, see the kernel log`;
      return [{ severity: 'critical', ...finding, text }];
    }
    if (found.status === 'timeout' && found.reason === 'too_many') {
      return [{ severity: 'warning', ...finding, text: `${found.device} ${found.detail ?? ''}`.trim() }];
    }
    if (found.status === 'timeout') {
      return [{ severity: 'critical', ...finding, text: `hangs: ${found.device} ${found.detail ?? ''}`.trim() }];
    }
    if (found.readOnlyCause === 'fstab_says_rw') {
      return [{ severity: 'warning', ...finding, text: 'read-only, though /etc/fstab wants it writable' }];
    }
    return fullness(found).map((full) => ({ ...finding, ...full }));
  });
}

/** What nobody can write to is not about to run full. */
function fullness({ readOnly, usedRatio, inodesUsedRatio, availableBytes, inodesFree }: Filesystem) {
  if (readOnly) return [];
  const level = (ratio: number | null, limit: typeof FULL | typeof INODES) =>
    ratio === null || ratio < limit.warning ? null : ratio < limit.critical ? 'warning' : 'critical';
  const space = level(usedRatio, FULL);
  const inodes = level(inodesUsedRatio, INODES);
  const percent = (ratio: number | null) => `${Math.ceil((ratio ?? 0) * 100)}%`;
  const left = `${((availableBytes ?? 0) / 2 ** 30).toFixed(1)} GiB left`;
  return [
    ...(space === null ? [] : [{ severity: space, text: `${percent(usedRatio)} full, ${left}` } as const]),
    ...(inodes === null
      ? []
      : [{ severity: inodes, text: `${percent(inodesUsedRatio)} of its inodes used, ${inodesFree} left` } as const]),
  ];
}

/** Disks and arrays that failed, answer no more, or are slow; NVMe controllers that are not live or too hot. */
export function diskFindings(facts: DiskFacts | null): Finding[] {
  if (facts === null) return [];
  return [
    ...facts.disks.flatMap((disk) =>
      diskTroubles(disk, facts.intervalSeconds).map((found) => ({ kind: 'disk', subject: disk.name, ...found })),
    ),
    ...facts.nvmeControllers.flatMap((controller) =>
      nvmeTroubles(controller).map((found) => ({ kind: 'disk', subject: controller.name, ...found })),
    ),
  ];
}

type Trouble = Pick<Finding, 'severity' | 'text'>;

/** A transport that comes back by itself, or a snapshot being taken. */
const PASSING_STATES = ['blocked', 'created-blocked', 'quiesce', 'suspended', 'resetting', 'connecting', 'new'];

function stateTrouble(state: string | null): Trouble[] {
  if (state === null || SOUND_STATES.includes(state)) return [];
  return [{ severity: PASSING_STATES.includes(state) ? 'warning' : 'critical', text: `is ${state}` }];
}

function diskTroubles({ kind, state, raid, rates, counters }: Disk, seconds: number | null): Trouble[] {
  // The state of an NVMe disk is its controller's, which is told there.
  const troubles = kind === 'nvme' ? [] : stateTrouble(state);
  if (raid !== null) troubles.push(...raidTroubles(raid));
  if (rates === null) return troubles;
  if (rates.ioErrors !== null && rates.ioErrors > 0) {
    troubles.push({ severity: 'warning', text: `${rates.ioErrors} commands failed within ${seconds} s` });
  }
  const waits = rates.averageWaitMs;
  if (rates.utilizationRatio >= SLOW.utilizationRatio && waits === null && counters.inFlight > 0) {
    const text = `answers no more: ${counters.inFlight} requests under way, none completed within ${seconds} s`;
    troubles.push({ severity: 'critical', text });
  } else if (rates.utilizationRatio >= SLOW.utilizationRatio && waits !== null && waits >= SLOW.averageWaitMs) {
    const busy = Math.floor(rates.utilizationRatio * 100);
    troubles.push({ severity: 'warning', text: `busy ${busy}% of the time, requests wait ${Math.round(waits)} ms` });
  }
  return troubles;
}

function raidTroubles({
  level,
  arrayState,
  degraded,
  disks,
  syncAction,
  syncProgressRatio,
}: NonNullable<Disk['raid']>) {
  const troubles: Trouble[] = [];
  const action = syncAction === null || syncAction === 'idle' ? null : syncAction;
  const progress = syncProgressRatio === null ? '' : ` ${Math.floor(syncProgressRatio * 100)}%`;
  if (degraded !== null && degraded > 0) {
    const text = [
      `degraded ${level ?? 'array'}: ${degraded} of ${disks ?? '?'} disks missing`,
      action && `${action}${progress}`,
    ];
    troubles.push({ severity: 'critical', text: text.filter(Boolean).join(', ') });
  }
  if (arrayState === 'broken' || arrayState === 'inactive')
    troubles.push({ severity: 'critical', text: `is ${arrayState}` });
  return troubles;
}

function nvmeTroubles({ state, temperatureCelsius, criticalCelsius }: NvmeController): Trouble[] {
  const hot = temperatureCelsius !== null && criticalCelsius !== null && criticalCelsius > 0;
  if (!hot || temperatureCelsius < criticalCelsius - 5) return stateTrouble(state);
  const severity = temperatureCelsius >= criticalCelsius ? 'critical' : 'warning';
  const text = `${Math.round(temperatureCelsius)} °C, critical from ${Math.round(criticalCelsius)} °C on`;
  return [...stateTrouble(state), { severity, text } as const];
}
