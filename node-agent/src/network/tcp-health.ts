import type { HostReader } from '../host-reader.ts';

/** Counters of TCP since boot; null where the kernel does not have one. */
export interface TcpCounters {
  established: number | null;
  timeWait: number | null;
  orphaned: number | null;
  sentSegments: number | null;
  retransmittedSegments: number | null;
  listenOverflows: number | null;
  listenDrops: number | null;
  syncookiesSent: number | null;
}

/** One group of `/proc/<pid>/net/{snmp,netstat}`: a line of names and a line of numbers, both beginning with the group's name. */
export function parseCounterTable(text: string, group: string): Map<string, number> {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith(`${group}: `))
    .map((line) => line.trim().split(/\s+/).slice(1));
  const table = new Map<string, number>();
  names?.forEach((name, index) => {
    const value = Number(values?.[index] ?? Number.NaN);
    if (Number.isFinite(value)) table.set(name, value);
  });
  return table;
}

/** The `TCP:` line of `/proc/<pid>/net/sockstat`, names and numbers in turn. */
export function parseSockstat(text: string): Map<string, number> {
  const table = new Map<string, number>();
  const words = /^TCP: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const value = Number(words[at + 1]);
    if (Number.isSafeInteger(value)) table.set(words[at] ?? '', value);
  }
  return table;
}

/** TCP of process 1's network namespace; null when none of the files is to be had. */
export async function readTcpCounters(files: HostReader): Promise<TcpCounters | null> {
  const [snmp, netstat, sockstat] = await Promise.all(
    ['snmp', 'netstat', 'sockstat'].map((name) => files.text(`/proc/1/net/${name}`)),
  );
  if (snmp == null && netstat == null && sockstat == null) return null;
  const tcp = parseCounterTable(snmp ?? '', 'Tcp');
  const extended = parseCounterTable(netstat ?? '', 'TcpExt');
  const sockets = parseSockstat(sockstat ?? '');
  const known = (table: Map<string, number>, name: string) => {
    const value = table.get(name);
    return value === undefined || value < 0 ? null : value;
  };
  return {
    established: known(tcp, 'CurrEstab'),
    timeWait: known(sockets, 'tw'),
    orphaned: known(sockets, 'orphan'),
    sentSegments: known(tcp, 'OutSegs'),
    retransmittedSegments: known(tcp, 'RetransSegs'),
    listenOverflows: known(extended, 'ListenOverflows'),
    listenDrops: known(extended, 'ListenDrops'),
    syncookiesSent: known(extended, 'SyncookiesSent'),
  };
}
