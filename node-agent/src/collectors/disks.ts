import type { Disk, DiskFacts } from '@telemcp/shared/facts/disks';
import { type CollectContext, type Collected, defineCollector } from '../collector.ts';
import { readDevice } from '../disks/device-files.ts';
import { isVirtual, looksLikePartition, parseDiskStats } from '../disks/diskstats.ts';
import { readNvmeControllers } from '../disks/nvme.ts';
import { type DiskSample, intervalOf, ratesOf } from '../disks/rates.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader, type HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';

/** Each costs some small files of /sys; what is beyond is in `total`. */
const MAX_DISKS = 100;

/** The last sample, so that the next collection can tell rates. */
export interface DiskMemory {
  sample: DiskSample | null;
}

const memory: DiskMemory = { sample: null };

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
  const described = await Promise.all(
    kept.map(async (found) => ({ ...found, ...(await readDevice(files, found.name)) })),
  );

  const before = memory.sample;
  const now: DiskSample = {
    atSeconds: nowSeconds,
    devices: new Map(described.map((found) => [keyOf(found), found])),
  };
  memory.sample = now;
  const intervalSeconds = intervalOf(before, now);
  const rows = described.map(({ device, name, ...found }): Disk => {
    const last = before?.devices.get(keyOf({ device, name }));
    const rates = intervalSeconds === null || last === undefined ? null : ratesOf(last, found, intervalSeconds);
    return { name: plainText(name), ...found, rates };
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

const SOUND_STATES = ['running', 'live', 'active'];

function badness({ state, raid, rates }: Disk): number {
  if ((state !== null && !SOUND_STATES.includes(state)) || (raid?.degraded ?? 0) > 0) return 3;
  if ((rates?.ioErrors ?? 0) > 0) return 2;
  return rates?.utilizationRatio ?? 0;
}
