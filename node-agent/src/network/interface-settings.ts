import { posix } from 'node:path';
import type { Missing } from '@telemcp/shared/envelope';
import type { NetworkInterface } from '@telemcp/shared/facts/network';
import { attempt } from '../attempt.ts';
import type { HostRoot } from '../host-root.ts';
import { plainText } from '../plain-text.ts';
import { kindOf } from './interface-kind.ts';
import type { DeviceCounters } from './net-dev.ts';

/** What sysfs says of an interface, beside its counters. */
export type InterfaceSettings = Omit<NetworkInterface, 'name' | 'bond' | 'counters' | 'rates'> & {
  rxCrcErrors: number | null;
  rxMissed: number | null;
};

/** An interface of which sysfs said nothing. */
export const UNKNOWN_SETTINGS: InterfaceSettings = {
  kind: null,
  driver: null,
  adminUp: null,
  operState: null,
  carrier: null,
  carrierChanges: null,
  speedBitsPerSecond: null,
  duplex: null,
  mtuBytes: null,
  macAddress: null,
  master: null,
  rxCrcErrors: null,
  rxMissed: null,
};

const VIRTUAL = '/sys/devices/virtual/';
/** Kinds that have a speed of their own; what bridges, VLANs and pairs say is another's, or made up. */
const WITH_SPEED: readonly (string | null)[] = ['physical', 'wireless', 'bond', 'team'];

/**
 * Settings of one interface from `/sys/class/net/<name>` (kernel documentation, sysfs-class-net). Files that refuse with EINVAL,
 * as speed and carrier of a link that is down, leave null. Carrier, speed and duplex wait for a lock that whoever sets up an
 * interface holds, and for the driver. Null when there is no such interface any more.
 */
export async function readInterfaceSettings(
  host: HostRoot,
  name: string,
  counters: DeviceCounters,
  missing: Missing[],
): Promise<InterfaceSettings | null> {
  const home = await attempt(host.resolve(`/sys/class/net/${name}`));
  if (!home.ok) {
    const { reason, message } = home.error;
    if (reason !== 'not_found') missing.push({ what: `/sys/class/net/${name}`, reason, detail: message });
    return null;
  }
  const directory = home.value;

  async function read(file: string, options: { mayHang?: boolean } = {}): Promise<string | null> {
    const path = posix.resolve(directory, file);
    const found = await attempt(host.readText(path, options));
    if (found.ok) return plainText(found.value) || null;
    const { reason, message } = found.error;
    if (reason !== 'not_found' && reason !== 'unsupported') missing.push({ what: path, reason, detail: message });
    return null;
  }
  async function readCount(file: string, options: { mayHang?: boolean } = {}): Promise<number | null> {
    const value = Number((await read(file, options)) ?? Number.NaN);
    return Number.isFinite(value) && value >= 0 ? value : null;
  }

  // Every file costs six system calls, so what another file has told already is not read.
  const isVirtual = directory.startsWith(VIRTUAL);
  const [uevent, operState, mtuBytes] = await Promise.all([read('uevent'), read('operstate'), readCount('mtu')]);
  const said = pairsOf(uevent);
  const devType = said.get('DEVTYPE');
  const hardwareType = isVirtual && devType === undefined ? await readCount('type') : null;
  const linkIndex = hardwareType === ETHERNET ? await readCount('iflink') : null;
  const isLinked = linkIndex !== null && linkIndex !== Number(said.get('IFINDEX'));
  const kind = kindOf({ devType, hardwareType, isVirtual, isLinked });
  const hasSpeed = WITH_SPEED.includes(kind);
  const none = Promise.resolve(null);
  const [carrier, macAddress, carrierChanges, speed, deviceEvent, rxCrcErrors, rxMissed, master] = await Promise.all([
    operState === 'up' ? '1' : read('carrier', { mayHang: true }),
    hasSpeed ? read('address') : none,
    hasSpeed ? readCount('carrier_changes') : none,
    hasSpeed ? readCount('speed', { mayHang: true }) : none,
    isVirtual ? none : read('../../uevent'),
    partOf(counters.rxErrors, 'statistics/rx_crc_errors'),
    partOf(counters.rxDropped, 'statistics/rx_missed_errors'),
    hasSpeed ? readMaster(host, directory) : none,
  ]);
  // -1 (2^32-1 of old kernels) stands for "not known", 0 for a driver that does not care.
  const isKnown = speed !== null && speed > 0 && speed < 4_294_967_295;
  const duplex = isKnown ? await read('duplex', { mayHang: true }) : null;
  return {
    kind,
    driver: pairsOf(deviceEvent).get('DRIVER') ?? null,
    // The kernel tells the carrier of an interface that is set up, and refuses otherwise; not to have been told is neither.
    adminUp: operState === null || hasGap('carrier') ? null : carrier !== null,
    operState,
    carrier: carrier === null ? null : carrier === '1',
    carrierChanges,
    speedBitsPerSecond: isKnown ? speed * 1_000_000 : null,
    duplex: duplex === 'full' || duplex === 'half' ? duplex : null,
    mtuBytes,
    macAddress,
    master,
    rxCrcErrors,
    rxMissed,
  };

  function hasGap(file: string): boolean {
    return missing.some(({ what }) => what === `${directory}/${file}`);
  }

  /** A counter that is a part of another is 0 with it; virtual interfaces do not keep these. */
  function partOf(whole: number, file: string): Promise<number | null> {
    if (isVirtual) return none;
    return whole === 0 ? Promise.resolve(0) : readCount(file);
  }
}

/** ARPHRD_ETHER of if_arp.h. */
const ETHERNET = 1;

/** `DRIVER=ixgbe MODALIAS=…` as names and values. */
function pairsOf(text: string | null): Map<string, string> {
  return new Map(
    (text ?? '').split(' ').map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

async function readMaster(host: HostRoot, directory: string): Promise<string | null> {
  const found = await attempt(host.resolve(`${directory}/master`));
  return found.ok ? plainText(posix.basename(found.value)) : null;
}
