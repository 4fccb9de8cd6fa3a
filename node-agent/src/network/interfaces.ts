import type { Missing } from '@telemcp/shared/envelope';
import type { NetworkBond, NetworkInterface } from '@telemcp/shared/facts/network';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';
import { plainText } from '../plain-text.ts';
import { parseBonding } from './bonding.ts';
import { peerOf } from './interface-kind.ts';
import { readInterfaceSettings, UNKNOWN_SETTINGS } from './interface-settings.ts';
import type { DeviceCounters } from './net-dev.ts';

/** Interfaces that are described; a node has a handful besides those of its pods. */
const MAX_INTERFACES = 64;

export interface FoundInterfaces {
  interfaces: Omit<NetworkInterface, 'rates'>[];
  hidden: Record<string, number>;
  /** Interfaces that are not hidden. */
  total: number;
}

/** Sorts out which interfaces are of the host and which belong to pods. */
function sortOut(names: Iterable<string>): { shown: string[]; hidden: Record<string, number> } {
  const shown: string[] = [];
  const hidden: Record<string, number> = {};
  for (const name of names) {
    const peer = peerOf(name);
    if (peer === null) shown.push(name);
    else hidden[peer] = (hidden[peer] ?? 0) + 1;
  }
  return { shown, hidden };
}

/**
 * The host's interfaces with counters of `devices` and, where `sysfs` shows the same namespace, their settings. Read one interface
 * after the other: drivers answer under one lock of the kernel.
 */
export async function readInterfaces(
  host: HostRoot,
  files: HostReader,
  devices: ReadonlyMap<string, DeviceCounters>,
  sysfs: boolean,
): Promise<FoundInterfaces> {
  const { shown, hidden } = sortOut(devices.keys());
  const bonds = new Set(await files.names('/proc/1/net/bonding'));
  const interfaces: FoundInterfaces['interfaces'] = [];
  for (const name of shown.slice(0, MAX_INTERFACES)) {
    const counters = devices.get(name);
    if (counters === undefined) continue;
    const missing: Missing[] = [];
    const settings = sysfs ? await readInterfaceSettings(host, name, counters, missing) : null;
    files.missing.push(...missing);
    const { rxCrcErrors, rxMissed, ...rest } = settings ?? UNKNOWN_SETTINGS;
    const bond = bonds.has(name) ? await readBond(files, name) : null;
    interfaces.push({ name: plainText(name), ...rest, bond, counters: { ...counters, rxCrcErrors, rxMissed } });
  }
  return { interfaces, hidden, total: shown.length };
}

async function readBond(files: HostReader, name: string): Promise<NetworkBond | null> {
  const text = await files.text(`/proc/1/net/bonding/${name}`);
  return text === null ? null : parseBonding(text);
}

/** Whether `/sys/class/net` lists what process 1 has; pods' interfaces, which come and go meanwhile, do not count. */
export function listsSame(names: readonly string[], devices: ReadonlyMap<string, DeviceCounters>): boolean {
  const inSysfs = new Set(sortOut(names).shown);
  const { shown } = sortOut(devices.keys());
  return shown.every((name) => inSysfs.has(name));
}
