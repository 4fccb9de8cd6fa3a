import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import { memInfoFields } from './meminfo.ts';

/** Counters of `/proc/vmstat` at a moment of a clock that only moves forward, milliseconds. */
export interface VmstatSample {
  atMs: number;
  counters: ReadonlyMap<string, number>;
}

/** Every line `name number` of /proc/vmstat. */
export function parseVmstat(text: string): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    const value = line.slice(space + 1);
    if (space > 0 && /^\d{1,20}$/.test(value)) counters.set(line.slice(0, space), Number(value));
  }
  return counters;
}

/** How far a counter went between two samples; null when either has none, or it was set back. */
export function grownBetween(earlier: VmstatSample, later: VmstatSample, counter: string): number | null {
  const before = earlier.counters.get(counter);
  const after = later.counters.get(counter);
  return before === undefined || after === undefined || after < before ? null : after - before;
}

/** What had to be read from and written to swap and files between two samples; `pageBytes` null where it is not known. */
export function pagingBetween(
  earlier: VmstatSample,
  later: VmstatSample,
  pageBytes: number | null,
): NonNullable<MemoryFacts['paging']> {
  const seconds = (later.atMs - earlier.atMs) / 1000;
  const perSecond = (counter: string, each: number | null) => {
    const grown = grownBetween(earlier, later, counter);
    return grown === null || each === null ? null : Math.round((grown * each * 10) / seconds) / 10;
  };
  return {
    intervalSeconds: Math.round(seconds * 100) / 100,
    swapInBytesPerSecond: perSecond('pswpin', pageBytes),
    swapOutBytesPerSecond: perSecond('pswpout', pageBytes),
    majorFaultsPerSecond: perSecond('pgmajfault', 1),
  };
}

/**
 * The host's page size, which no file says: by how many pages the same memory is in the other file. 4, 16 and 64 KiB are in use;
 * null when the two do not come out near one of them.
 */
export function pageSize(memInfo: string, counters: ReadonlyMap<string, number>): number | null {
  const fields = memInfoFields(memInfo);
  for (const [field, counter] of [
    ['AnonPages', 'nr_anon_pages'],
    ['Mapped', 'nr_mapped'],
  ] as const) {
    const each = (fields.get(field) ?? 0) / (counters.get(counter) ?? 0);
    const found = PAGE_SIZES.find((size) => each > size / 1.5 && each < size * 1.5);
    if (found !== undefined) return found;
  }
  return null;
}

const PAGE_SIZES = [4096, 8192, 16_384, 65_536] as const;
