import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import { percent } from '../cpu/cpu-view.ts';
import type { Finding } from '../findings.ts';

/** Below this share left the kernel starts to give up what programs need; kubelet evicts pods at 100 MiB by default. */
const LEFT = { warning: 0.05, critical: 0.02 };
/** Nothing got done for want of memory: 5% is felt, at 20% a host is thrashing. */
const STALLED = { warning: 0.05, critical: 0.2 };
/** Nothing got done for want of disks. */
const DISKS_STALLED = 0.3;
const SWAP_USED = 0.8;
/** Huge pages that nobody uses, as a share of all memory: enough to be missed elsewhere. */
const IDLE_HUGEPAGES = 0.1;

/** What of memory wants attention. */
export function memoryFindings(facts: MemoryFacts): Finding[] {
  const finding = (severity: Finding['severity'], subject: string, text: string): Finding => ({
    severity,
    kind: 'memory',
    subject,
    text,
  });
  const { swap, hugepages, hungTasks } = facts;
  const left = facts.availableBytes === null ? 1 : facts.availableBytes / facts.totalBytes;
  const stalled = facts.memoryPressure?.full?.avg60Ratio ?? 0;
  const disks = facts.ioPressure?.full?.avg60Ratio ?? 0;
  const swapUsed = (swap.usedBytes ?? 0) / (swap.totalBytes || 1);
  const idle =
    hugepages === null || hugepages.free < hugepages.total ? 0 : hugepages.total * (hugepages.sizeBytes ?? 0);
  const found: (Finding | null)[] = [
    left < LEFT.warning
      ? finding(severityBy(left < LEFT.critical), 'available', `${percent(left)} of ${gib(facts.totalBytes)} left`)
      : null,
    stalled >= STALLED.warning
      ? finding(
          severityBy(stalled >= STALLED.critical),
          'pressure',
          `nothing got done for want of memory in ${percent(stalled)} of the last minute`,
        )
      : null,
    disks >= DISKS_STALLED
      ? finding('warning', 'io pressure', `nothing got done for want of disks in ${percent(disks)} of the last minute`)
      : null,
    swapUsed >= SWAP_USED
      ? finding('warning', 'swap', `${percent(swapUsed)} of ${gib(swap.totalBytes ?? 0)} used`)
      : null,
    oom(facts),
    (hungTasks ?? 0) > 0 ? finding('warning', 'hung tasks', `${hungTasks} since boot: see the kernel log`) : null,
    idle >= facts.totalBytes * IDLE_HUGEPAGES
      ? finding('note', 'huge pages', `${gib(idle)} reserved, none in use`)
      : null,
    ...(facts.memoryControllers ?? []).map(({ controller, correctedErrors, uncorrectedErrors }) => {
      if ((uncorrectedErrors ?? 0) > 0)
        return finding('critical', controller, `${uncorrectedErrors} uncorrected memory errors since boot`);
      if ((correctedErrors ?? 0) === 0) return null;
      return finding('note', controller, `${correctedErrors} corrected memory errors since boot`);
    }),
  ];
  return found.filter((each) => each !== null);
}

/** A kill just now is a warning; that there was one since boot, perhaps months ago, is only worth knowing. */
function oom({ oomKills: { sinceBoot, duringInterval, cgroups }, paging }: MemoryFacts): Finding | null {
  if ((sinceBoot ?? 0) === 0) return null;
  const isRecent = (duringInterval ?? 0) > 0;
  const worst = cgroups?.[0];
  const text = [
    isRecent ? `${duringInterval} in the last ${paging?.intervalSeconds} s` : null,
    `${sinceBoot} since boot`,
    worst === undefined ? null : `most in ${worst.podUid === null ? worst.path : `pod ${worst.podUid}`}`,
  ];
  const severity = isRecent ? 'warning' : 'note';
  return { severity, kind: 'memory', subject: 'OOM kills', text: text.filter(Boolean).join(', ') };
}

function severityBy(isCritical: boolean): Finding['severity'] {
  return isCritical ? 'critical' : 'warning';
}

/** The family in one line. */
export function memorySummary({
  totalBytes,
  availableBytes,
  usedRatio,
  swap,
  memoryPressure,
  oomKills,
}: MemoryFacts): string {
  const parts = [
    gib(totalBytes),
    usedRatio === null ? null : `${percent(usedRatio)} used`,
    availableBytes === null ? null : `${gib(availableBytes)} available`,
    swap.totalBytes === null || swap.usedBytes === null
      ? null
      : swap.totalBytes === 0
        ? 'no swap'
        : `swap ${gib(swap.usedBytes)} of ${gib(swap.totalBytes)}`,
    memoryPressure?.full == null ? null : `pressure ${percent(memoryPressure.full.avg60Ratio)}`,
    oomKills.sinceBoot === null ? null : `${oomKills.sinceBoot} OOM kills since boot`,
  ];
  return parts.filter(Boolean).join(', ');
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
