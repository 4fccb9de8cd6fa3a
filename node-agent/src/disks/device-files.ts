import type { Disk } from '@telemcp/shared/facts/disks';
import type { HostReader } from '../host-reader.ts';
import { kindOf } from './diskstats.ts';

/** What /sys says of a device besides its traffic. */
export type DeviceFacts = Omit<Disk, 'name' | 'counters' | 'rates'>;

const SECTOR_BYTES = 512;

/** One device by its directory in /sys/block. Files that its kind does not have are not asked for. */
export async function readDevice(files: HostReader, name: string): Promise<DeviceFacts> {
  const directory = `/sys/block/${name.replaceAll('/', '!')}`;
  const line = (file: string) => files.line(`${directory}/${file}`);
  const kind = kindOf(name);
  const hasDriver = kind !== 'device_mapper' && kind !== 'md_raid';
  const isScsi = kind === 'scsi';
  const [size, ro, rotational, mapped, suspended, vendor, model, state, errors, raid] = await Promise.all([
    line('size'),
    line('ro'),
    line('queue/rotational'),
    kind === 'device_mapper' ? line('dm/name') : null,
    kind === 'device_mapper' ? line('dm/suspended') : null,
    isScsi ? line('device/vendor') : null,
    hasDriver && kind !== 'virtio' && kind !== 'xen' ? line(kind === 'mmc' ? 'device/name' : 'device/model') : null,
    isScsi || kind === 'nvme' ? line('device/state') : null,
    isScsi ? line('device/ioerr_cnt') : null,
    kind === 'md_raid' ? readRaid(files, `${directory}/md`) : null,
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
    state: suspended === null ? state : suspended === '1' ? 'suspended' : 'active',
    ioErrors: hexNumber(errors),
    raid,
  };
}

async function readRaid(files: HostReader, directory: string): Promise<Disk['raid']> {
  const [level, arrayState, disks, degraded, syncAction, completed] = await Promise.all(
    ['level', 'array_state', 'raid_disks', 'degraded', 'sync_action', 'sync_completed'].map((file) =>
      files.line(`${directory}/${file}`),
    ),
  );
  return {
    level: level ?? null,
    arrayState: arrayState ?? null,
    // While an array is reshaped this reads `4 (3)`.
    disks: wholeNumber(disks?.split(' ')[0] ?? null),
    degraded: wholeNumber(degraded ?? null),
    syncAction: syncAction ?? null,
    syncProgressRatio: parseSyncCompleted(completed ?? ''),
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
