import type { MemoryFacts } from '@telemcp/shared/facts/memory';

type FromMemInfo = Omit<
  MemoryFacts,
  'paging' | 'pressureState' | 'memoryPressure' | 'ioPressure' | 'oomKills' | 'hungTasks' | 'memoryControllers'
>;

/** What `/proc/meminfo` (proc_meminfo(5)) says; null when it does not even have a total. */
export function parseMemInfo(text: string): FromMemInfo | null {
  const fields = memInfoFields(text);
  const bytes = (name: string) => fields.get(name) ?? null;
  const totalBytes = bytes('MemTotal');
  if (totalBytes === null || totalBytes === 0) return null;
  const availableBytes = bytes('MemAvailable');
  return {
    totalBytes,
    availableBytes,
    freeBytes: bytes('MemFree'),
    usedRatio: availableBytes === null ? null : usedRatio(totalBytes, availableBytes),
    buffersBytes: bytes('Buffers'),
    cachedBytes: bytes('Cached'),
    dirtyBytes: bytes('Dirty'),
    writebackBytes: bytes('Writeback'),
    slabReclaimableBytes: bytes('SReclaimable'),
    slabUnreclaimableBytes: bytes('SUnreclaim'),
    sharedBytes: bytes('Shmem'),
    anonymousBytes: bytes('AnonPages'),
    committedBytes: bytes('Committed_AS'),
    commitLimitBytes: bytes('CommitLimit'),
    swap: swapOf(bytes('SwapTotal'), bytes('SwapFree')),
    hugepages: hugepagesOf(fields),
  };
}

/** Fields by name: those in kB as bytes, the counts of huge pages as they are. */
export function memInfoFields(text: string): ReadonlyMap<string, number> {
  const fields = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = /^([A-Za-z_0-9()]{1,40}): {0,30}(\d{1,15})( kB)?$/.exec(line);
    const value = Number(found?.[2]) * (found?.[3] === undefined ? 1 : 1024);
    if (found?.[1] !== undefined && Number.isSafeInteger(value)) fields.set(found[1], value);
  }
  return fields;
}

function usedRatio(total: number, available: number): number {
  return Math.round(Math.max(0, 1 - available / total) * 10_000) / 10_000;
}

function swapOf(totalBytes: number | null, freeBytes: number | null): MemoryFacts['swap'] {
  const usedBytes = totalBytes === null || freeBytes === null ? null : Math.max(0, totalBytes - freeBytes);
  return { totalBytes, freeBytes, usedBytes };
}

function hugepagesOf(fields: ReadonlyMap<string, number>): MemoryFacts['hugepages'] {
  const total = fields.get('HugePages_Total');
  const free = fields.get('HugePages_Free');
  if (total === undefined || free === undefined) return null;
  return { total, free, sizeBytes: fields.get('Hugepagesize') ?? null, reservedBytes: fields.get('Hugetlb') ?? null };
}
