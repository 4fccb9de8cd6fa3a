import type { Conntrack } from '@telemcp/shared/facts/network';
import type { HostReader } from '../host-reader.ts';

/** Counters of `/proc/<pid>/net/stat/nf_conntrack`: a line of names, a line of hexadecimal numbers for every processor. */
export function parseConntrackStat(
  text: string,
): Pick<Conntrack, 'entries' | 'dropped' | 'earlyDropped' | 'insertFailed'> | null {
  const [head = '', ...lines] = text.split('\n');
  const names = head.trim().split(/\s+/);
  const rows = lines
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length === names.length && row.every((cell) => /^[0-9a-f]{1,8}$/i.test(cell)));
  const column = (name: string) => {
    const at = names.indexOf(name);
    return at < 0 || rows.length === 0 ? null : rows.map((row) => Number.parseInt(row[at] ?? '', 16));
  };
  const sum = (name: string) => column(name)?.reduce((total, each) => total + each, 0) ?? null;
  // The number of entries is the table's, repeated on every line.
  const entries = column('entries')?.[0];
  if (entries === undefined) return null;
  return { entries, dropped: sum('drop'), earlyDropped: sum('early_drop'), insertFailed: sum('insert_failed') };
}

/** The last kernel in which one limit holds for all network namespaces, as far as this was looked at. */
const LAST_CHECKED = [6, 18] as const;

/** Whether `/proc/sys/net/netfilter/nf_conntrack_max` is the same in every network namespace under this kernel. */
export function isLimitKernelWide(release: string): boolean {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,4})/.exec(release) ?? [];
  if (major === undefined) return false;
  return Number(major) < LAST_CHECKED[0] || (Number(major) === LAST_CHECKED[0] && Number(minor) <= LAST_CHECKED[1]);
}

/**
 * The host's table of tracked connections. Files under /proc/sys/net follow the reader's namespace, so the limit is taken only
 * where that is the host's, or the kernel has one limit for all. Null where connections are not tracked.
 */
export async function readConntrack(
  files: HostReader,
  agentInHostNamespace: boolean | null,
): Promise<Conntrack | null> {
  const stat = await files.text('/proc/1/net/stat/nf_conntrack');
  const counted = stat === null ? null : parseConntrackStat(stat);
  if (counted === null) return null;
  const isHosts =
    agentInHostNamespace === true || isLimitKernelWide((await files.line('/proc/sys/kernel/osrelease')) ?? '');
  const limit = isHosts ? Number((await files.line('/proc/sys/net/netfilter/nf_conntrack_max')) ?? Number.NaN) : null;
  const max = limit !== null && Number.isSafeInteger(limit) && limit > 0 ? limit : null;
  return { ...counted, max, usedRatio: max === null ? null : Math.round((counted.entries / max) * 1e4) / 1e4 };
}
