import type { Disk } from '@telemcp/shared/facts/disks';
import type { HostReader } from '../host-reader.ts';
import { kindOf } from './diskstats.ts';

/** What does not change while a device is there, but for being made larger or read-only. */
export type DeviceDescription = Pick<Disk, 'kind' | 'mappedName' | 'model' | 'sizeBytes' | 'rotational' | 'readOnly'>;

/** How a device is right now. */
export type DeviceState = Pick<Disk, 'state' | 'ioErrors' | 'raid'>;

/** States of a device that nothing is the matter with, in the words of SCSI, NVMe and the device mapper. */
export const SOUND_STATES: readonly string[] = ['running', 'live', 'active', 'created'];

const SECTOR_BYTES = 512;

/** What a device is, by its directory in /sys/block. Files that its kind does not have are not asked for. */
export async function describeDevice(files: HostReader, name: string): Promise<DeviceDescription> {
  const line = lineOf(files, name);
  const kind = kindOf(name);
  const hasModel = kind === 'scsi' || kind === 'nvme' || kind === 'other';
  const [size, ro, rotational, mapped, vendor, model] = await Promise.all([
    line('size'),
    line('ro'),
    line('queue/rotational'),
    kind === 'device_mapper' ? line('dm/name') : null,
    kind === 'scsi' ? line('device/vendor') : null,
    hasModel ? line('device/model') : kind === 'mmc' ? line('device/name') : null,
  ]);
  const sectors = wholeNumber(size);
  return {
    kind,
    mappedName: mapped,
    // Every SATA disk says ATA for its vendor.
    model: [vendor === 'ATA' ? null : vendor, model].filter(Boolean).join(' ') || null,
    sizeBytes: sectors === null ? null : sectors * SECTOR_BYTES,
    rotational: flag(rotational),
    readOnly: flag(ro),
  };
}

/** How a device is, by its directory in /sys/block. */
export async function readDeviceState(files: HostReader, name: string): Promise<DeviceState> {
  const line = lineOf(files, name);
  const kind = kindOf(name);
  const [state, suspended, errors, raid] = await Promise.all([
    kind === 'scsi' || kind === 'nvme' ? line('device/state') : null,
    kind === 'device_mapper' ? line('dm/suspended') : null,
    kind === 'scsi' ? line('device/ioerr_cnt') : null,
    kind === 'md_raid' ? readRaid(line) : null,
  ]);
  return {
    state: suspended === null ? state : suspended === '1' ? 'suspended' : 'active',
    ioErrors: hexNumber(errors),
    raid,
  };
}

type ReadLine = (file: string) => Promise<string | null>;

function lineOf(files: HostReader, name: string): ReadLine {
  const directory = `/sys/block/${name.replaceAll('/', '!')}`;
  return (file) => files.line(`${directory}/${file}`);
}

async function readRaid(line: ReadLine): Promise<Disk['raid']> {
  const [level, arrayState, disks, degraded, syncAction] = await Promise.all([
    line('md/level'),
    line('md/array_state'),
    line('md/raid_disks'),
    line('md/degraded'),
    line('md/sync_action'),
  ]);
  const isIdle = syncAction === null || syncAction === 'idle';
  return {
    level,
    arrayState,
    // While an array is reshaped this reads `4 (3)`.
    disks: wholeNumber(disks?.split(' ')[0] ?? null),
    degraded: wholeNumber(degraded),
    syncAction,
    syncProgressRatio: isIdle ? null : parseSyncCompleted((await line('md/sync_completed')) ?? ''),
  };
}

/** `sync_completed` of an array, `12345 / 98304` sectors; null for `none`, `delayed` and whatever else. */
export function parseSyncCompleted(text: string): number | null {
  const [, done, all] = /^(\d{1,18}) \/ (\d{1,18})$/.exec(text) ?? [];
  const ratio = Number(done) / Number(all);
  return ratio >= 0 && ratio <= 1 ? Math.round(ratio * 1000) / 1000 : null;
}

function wholeNumber(text: string | null): number | null {
  const value = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function hexNumber(text: string | null): number | null {
  return text !== null && /^0x[0-9a-f]{1,12}$/i.test(text) ? Number(text) : null;
}

function flag(text: string | null): boolean | null {
  return text === '1' ? true : text === '0' ? false : null;
}
