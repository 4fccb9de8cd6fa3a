import type { Disk, DiskFacts } from '@telemcp/shared/facts/disks';
import { type CollectContext, type Collected, defineCollector } from '../collector.ts';
import { type DeviceDescription, describeDevice, readDeviceState, SOUND_STATES } from '../disks/device-files.ts';
import { type DiskStats, isVirtual, looksLikePartition, parseDiskStats } from '../disks/diskstats.ts';
import { readNvmeControllers } from '../disks/nvme.ts';
import { type DiskSample, intervalOf, ratesOf } from '../disks/rates.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader, type HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';

/** Each costs some small files of /sys; what is beyond is in `total`. */
const MAX_DISKS = 100;

/** What stays between collections: the last sample, to tell rates by, and what devices are, which hardly changes. */
export interface DiskMemory {
  sample: DiskSample | null;
  descriptions: ReadonlyMap<string, { atSeconds: number; description: DeviceDescription }>;
}

/** How long a description holds: a volume may be made larger, a disk may turn read-only. */
const DESCRIPTION_SECONDS = 60;

const memory: DiskMemory = { sample: null, descriptions: new Map() };

export const disks = defineCollector({
  family: 'disks',
  help: 'Whole block devices: traffic, utilisation and waits since the last look, SCSI and RAID state, NVMe health. No SMART.',
  hostPaths: ['/proc', '/sys'],
  busNames: [],
  ttlMs: 5000,
  timeoutMs: 3000,
  collect: (context) => collectDisks(context, memory, performance.now() / 1000),
});

/** One collection; `nowSeconds` is of a clock that only moves forward. */
export async function collectDisks(
  { host }: Pick<CollectContext, 'host'>,
  memory: DiskMemory,
  nowSeconds: number,
): Promise<Collected<DiskFacts>> {
  const files = createHostReader(host);
  const [text, whole, nvme] = await Promise.all([
    host.readText('/proc/diskstats'),
    files.names('/sys/block'),
    readNvmeControllers(host, files),
  ]);
  const all = parseDiskStats(text);
  if (all.length === 0 && text !== '') throw new FactError('parse_error', '/proc/diskstats: no device in it');
  const isWhole = wholeDevices(whole);
  const devices = all.filter(({ name }) => isWhole(name) && !isVirtual(name));
  const kept = devices.toSorted((a, b) => b.counters.busySeconds - a.counters.busySeconds).slice(0, MAX_DISKS);
  const before = memory.sample;
  const described = await Promise.all(
    kept.map(async (found) => {
      const known = knownDescription(memory, found, nowSeconds);
      const [fresh, state] = await Promise.all([
        known ?? describeDevice(files, found.name).then((description) => ({ atSeconds: nowSeconds, description })),
        readDeviceState(files, found.name),
      ]);
      return { ...found, fresh, state };
    }),
  );
  const now: DiskSample = {
    atSeconds: nowSeconds,
    devices: new Map(described.map((found) => [keyOf(found), { ...found, ioErrors: found.state.ioErrors }])),
  };
  memory.sample = now;
  // A gap is to be told every time, so what has one is read every time.
  memory.descriptions =
    files.missing.length > 0 ? new Map() : new Map(described.map((found) => [keyOf(found), found.fresh]));
  const intervalSeconds = intervalOf(before, now);
  const rows = described.map(({ device, name, counters, fresh, state }): Disk => {
    const last = before?.devices.get(keyOf({ device, name }));
    const row = { counters, ioErrors: state.ioErrors };
    const rates = intervalSeconds === null || last === undefined ? null : ratesOf(last, row, intervalSeconds);
    return { name: plainText(name), ...fresh.description, ...state, counters, rates };
  });
  return {
    source: 'file:/proc/diskstats,/sys/block',
    total: devices.length,
    truncated: devices.length > kept.length,
    missing: [...files.missing, ...nvme.missing, ...unlisted(whole, files)],
    data: {
      intervalSeconds,
      disks: rows.sort(worstFirst),
      nvmeControllers: nvme.controllers,
      excluded: {
        partitions: all.filter(({ name }) => !isWhole(name)).length,
        virtual: all.filter(({ name }) => isWhole(name) && isVirtual(name)).length,
      },
    },
  };
}

/** Null for a device that is new, among them one that came under the name of another: its counters start again. */
function knownDescription({ sample, descriptions }: DiskMemory, found: DiskStats, nowSeconds: number) {
  const key = keyOf(found);
  const known = descriptions.get(key);
  const last = sample?.devices.get(key)?.counters.readsCompleted ?? 0;
  if (known === undefined || nowSeconds - known.atSeconds >= DESCRIPTION_SECONDS) return null;
  return found.counters.readsCompleted < last ? null : known;
}

function keyOf({ device, name }: { device: string; name: string }): string {
  return `${device} ${name}`;
}

/** /sys/block holds whole devices only; where it cannot be seen, names have to do. */
function wholeDevices(names: readonly string[] | null): (name: string) => boolean {
  if (names === null) return (name) => !looksLikePartition(name);
  const known = new Set(names);
  return (name) => known.has(name.replaceAll('/', '!'));
}

/** Without /sys/block the model, state and size of every disk are null, which wants a reason. */
function unlisted(names: readonly string[] | null, { missing }: HostReader) {
  if (names !== null || missing.some(({ what }) => what === '/sys/block')) return [];
  return [{ what: '/sys/block', reason: 'not_found', detail: 'models, sizes and states are not known' } as const];
}

/** Disks in trouble first, then the busiest; by name where nothing is known of that. */
function worstFirst(a: Disk, b: Disk): number {
  return badness(b) - badness(a) || (a.name < b.name ? -1 : 1);
}

function badness({ state, raid, rates }: Disk): number {
  if ((state !== null && !SOUND_STATES.includes(state)) || (raid?.degraded ?? 0) > 0) return 3;
  if ((rates?.ioErrors ?? 0) > 0) return 2;
  return rates?.utilizationRatio ?? 0;
}
