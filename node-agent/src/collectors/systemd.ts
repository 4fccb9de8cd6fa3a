import type { Missing } from '@telemcp/shared/envelope';
import type { SystemdUnitRow } from '@telemcp/shared/facts/systemd';
import { defineCollector } from '../collector.ts';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { readManager } from '../systemd/systemd-manager.ts';
import { createSystemdReader, type ListedUnit, type SystemdReader } from '../systemd/systemd-reader.ts';
import { readDetails, type UnitDetails } from '../systemd/systemd-unit-details.ts';
import { byUrgency } from '../systemd/systemd-units.ts';
import { findWatched } from '../systemd/systemd-watch.ts';

const MAX_FAILED = 100;
const MAX_WATCHED = 100;
const MAX_TIMERS = 60;
const MAX_SOCKETS = 60;

/** What a node stands or falls with, under the names that distributions give it; a name without a type is a service. */
export const WATCHED_UNITS: readonly string[] = [
  ...['kubelet', 'containerd', 'crio', 'docker', 'cri-docker', 'k3s', 'k3s-agent', 'rke2-server', 'rke2-agent'],
  ...['k0scontroller', 'k0sworker', 'snap.microk8s.daemon-*.service', 'etcd'],
  ...['chronyd', 'chrony', 'systemd-timesyncd', 'ntpd', 'ntpsec', 'sshd', 'ssh'],
  ...['NetworkManager', 'systemd-networkd', 'systemd-resolved', 'firewalld', 'nftables', 'ufw'],
  ...['nginx', 'haproxy', 'keepalived', 'auditd', 'iscsid', 'multipathd', 'rpcbind'],
  ...['unattended-upgrades', 'apt-daily-upgrade.timer', 'dnf-automatic.timer', 'fstrim.timer'],
];

/** `total` and `truncated` count failed units. */
export const systemd = defineCollector({
  family: 'systemd',
  help: 'State of systemd, failed units first, watched units also when absent, timers and sockets; over the system bus.',
  hostPaths: ['/run/dbus', '/proc/1/comm'],
  busNames: ['org.freedesktop.systemd1'],
  ttlMs: 2000,
  timeoutMs: 5000,
  collect: async ({ bus, host, settings, signal }) => {
    const reader = createSystemdReader(bus, signal);
    const [manager, listed] = await Promise.all([readManager(reader), reader.list()]).catch(async (error: unknown) => {
      throw await sayIfNoSystemd(error, host);
    });
    const watched = await findWatched(bus, reader, settings.watchUnits ?? WATCHED_UNITS, listed);
    const existing = listed.filter(({ row }) => !isAbsent(row)).sort((a, b) => byUrgency(a.row, b.row));
    const failed = first(
      MAX_FAILED,
      existing.filter(({ row }) => row.activeState === 'failed'),
    );
    const timers = first(
      MAX_TIMERS,
      existing.filter(({ row }) => row.name.endsWith('.timer')),
    );
    const sockets = first(
      MAX_SOCKETS,
      existing.filter(({ row }) => row.name.endsWith('.socket')),
    );
    const residents = first(MAX_WATCHED, watched.resident);
    const read = await readOnce(
      reader,
      [failed, timers, sockets, residents].flatMap((group) => group.shown),
    );
    const inDetail = ({ shown }: Group) => shown.flatMap(({ row }) => read.get(row.name)?.unit ?? []);
    return {
      source: 'dbus:org.freedesktop.systemd1',
      total: failed.total,
      truncated: failed.shown.length < failed.total,
      missing: [
        ...[...read.values(), ...watched.others].flatMap(({ missing }) => missing),
        ...watched.missing,
        ...cut('watched units', residents),
        ...cut('timers', timers),
        ...cut('sockets', sockets),
      ],
      data: {
        manager,
        failed: inDetail(failed),
        watched: [...inDetail(residents), ...watched.others.map(({ unit }) => unit)].sort(byPresence),
        timers: inDetail(timers),
        sockets: inDetail(sockets),
        unitsByActiveState: countByActiveState(existing),
      },
    };
  },
});

/** The first units of a kind, and how many there are. */
interface Group {
  shown: readonly ListedUnit[];
  total: number;
}

function first(limit: number, units: readonly ListedUnit[]): Group {
  return { shown: units.slice(0, limit), total: units.length };
}

/** Details by name; every unit is read once, however many of the groups it is in. */
async function readOnce(reader: SystemdReader, units: readonly ListedUnit[]): Promise<Map<string, UnitDetails>> {
  const unique = new Map(units.map((unit) => [unit.row.name, unit]));
  return new Map(
    await Promise.all([...unique].map(async ([name, unit]) => [name, await readDetails(reader, unit)] as const)),
  );
}

/** Named by others, as in `After=`, but without a unit file: it is not part of this host. */
function isAbsent({ loadState, activeState }: SystemdUnitRow): boolean {
  return loadState === 'not-found' && activeState === 'inactive';
}

function byPresence(a: SystemdUnitRow, b: SystemdUnitRow): number {
  return Number(isAbsent(a)) - Number(isAbsent(b)) || byUrgency(a, b);
}

function countByActiveState(units: readonly ListedUnit[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { row } of units) counts[row.activeState] = (counts[row.activeState] ?? 0) + 1;
  return counts;
}

function cut(what: string, { shown, total }: Group): Missing[] {
  if (shown.length === total) return [];
  return [{ what, reason: 'too_many', detail: `${shown.length} of ${total} read` }];
}

/**
 * A bus that is not there has a plain cause on a host that runs another init. The name of PID 1 decides, which systemd always
 * sets: the directory that sd_booted(3) looks at is not visible in a pod that mounts only the bus.
 */
async function sayIfNoSystemd(error: unknown, host: HostRoot): Promise<unknown> {
  if (!(error instanceof FactError) || (error.reason !== 'not_found' && error.reason !== 'unreachable')) return error;
  const init = await host.readText('/proc/1/comm').catch(() => null);
  if (init === null || init === 'systemd') return error;
  return new FactError('no_systemd', `PID 1 of this host is ${JSON.stringify(init)}, not systemd`, {
    hint: 'This host has no systemd units to report; switch the family off here to say so once and for all.',
    cause: error,
  });
}
