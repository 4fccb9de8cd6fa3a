import type { NetworkCounters } from '@telemcp/shared/facts/network';

/** Counters of one line of `/proc/<pid>/net/dev`. */
export type DeviceCounters = Omit<NetworkCounters, 'rxCrcErrors' | 'rxMissed'>;

/**
 * `/proc/<pid>/net/dev`: every interface in that process's network namespace, in the order of their creation. Lines of another
 * form are skipped. A name may hold anything but white space, `/` and `:`.
 */
export function parseNetDev(text: string): Map<string, DeviceCounters> {
  const devices = new Map<string, DeviceCounters>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.includes('|')) continue;
    const name = line.slice(0, colon).trim();
    // Large counters leave no space after the colon.
    const values = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (name === '' || values.length < 16 || !values.every((value) => value >= 0)) continue;
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0, , , , , ...sent] = values;
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0, , collisions = 0] = sent;
    devices.set(name, {
      rxBytes,
      rxPackets,
      rxErrors,
      rxDropped,
      txBytes,
      txPackets,
      txErrors,
      txDropped,
      collisions,
    });
  }
  return devices;
}

/**
 * Whether `seen`, read between `before` and `after`, shows the same namespace: the same interfaces, with counters that lie
 * between the two. Comparing the namespaces themselves (`/proc/1/ns/net`) would need ptrace rights. Null when nothing has been
 * received on any of them, since any two fresh namespaces look alike.
 */
export function isSameNamespace(
  before: ReadonlyMap<string, DeviceCounters>,
  seen: ReadonlyMap<string, DeviceCounters>,
  after: ReadonlyMap<string, DeviceCounters>,
): boolean | null {
  let traffic = false;
  for (const [name, low] of before) {
    const high = after.get(name);
    // Gone meanwhile: says nothing.
    if (high === undefined) continue;
    const middle = seen.get(name);
    if (middle === undefined) return false;
    // Made anew under the same name.
    if (high.rxBytes < low.rxBytes || high.txBytes < low.txBytes) continue;
    if (middle.rxBytes < low.rxBytes || middle.rxBytes > high.rxBytes) return false;
    if (middle.txBytes < low.txBytes || middle.txBytes > high.txBytes) return false;
    if (low.rxBytes > 0) traffic = true;
  }
  for (const name of seen.keys()) if (!before.has(name) && !after.has(name)) return false;
  return traffic ? true : null;
}
