import * as z from 'zod';
import { Pressure, PressureState } from '../pressure.ts';

const count = z.number().int().nonnegative();
const bytes = count.nullable();

/** The `memory` family: how much is left now, and whether the host suffers from it. Null means the host does not say. */
export const MemoryFacts = z.object({
  /** What the kernel has, somewhat less than what is built in; this and what follows is /proc/meminfo (proc_meminfo(5)). */
  totalBytes: z.number().int().positive(),
  /** What could be had for programs without swapping, by the kernel's own estimate. */
  availableBytes: bytes,
  freeBytes: bytes,
  /** All but `availableBytes`: caches that can be given up do not count as used. */
  usedRatio: z.number().min(0).max(1).nullable(),
  buffersBytes: bytes,
  /** Page cache with shared memory in it, without swap cache. */
  cachedBytes: bytes,
  /** Waits to be written to disk. */
  dirtyBytes: bytes,
  /** Being written to disk. */
  writebackBytes: bytes,
  slabReclaimableBytes: bytes,
  slabUnreclaimableBytes: bytes,
  /** Shared memory and tmpfs: counts as cache and can only be swapped. */
  sharedBytes: bytes,
  /** Programs' own memory. */
  anonymousBytes: bytes,
  /** Promised to programs, whether or not they use it. */
  committedBytes: bytes,
  commitLimitBytes: bytes,
  /** A total of zero is a host without swap. */
  swap: z.object({ totalBytes: bytes, freeBytes: bytes, usedBytes: bytes }),
  /** Since an earlier collection of this family, 1 to 300 seconds ago; null without one. */
  paging: z
    .object({
      intervalSeconds: z.number().positive(),
      /** Null where the page size cannot be told. */
      swapInBytesPerSecond: z.number().nonnegative().nullable(),
      swapOutBytesPerSecond: z.number().nonnegative().nullable(),
      /** Pages that had to be read from a disk, swap or file: what a host without swap does when memory is short. */
      majorFaultsPerSecond: z.number().nonnegative().nullable(),
    })
    .nullable(),
  /** Pages of the default huge size, reserved at boot or by sysctl: nothing else can use them. */
  hugepages: z
    .object({ total: count, free: count, sizeBytes: bytes, /** Of all sizes together. */ reservedBytes: bytes })
    .nullable(),
  pressureState: PressureState,
  /** Waiting for memory: swapping in, reclaim, reading back what was given up. */
  memoryPressure: Pressure.nullable(),
  /** Waiting for disks. */
  ioPressure: Pressure.nullable(),
  /** Programs killed for want of memory, of the host's or of their own limit. */
  oomKills: z.object({
    /** Of the whole host (`oom_kill` of /proc/vmstat, Linux 4.13). */
    sinceBoot: count.nullable(),
    /** In the interval of `paging`; null without an earlier collection. */
    duringInterval: count.nullable(),
    /** What systemd's services and Kubernetes' pods had, those included that are gone; null without cgroups v2. */
    slices: z.array(z.object({ path: z.string(), oomKills: count })).nullable(),
    /** The services and pods that are still there and had any, most first, ten at most. Counted since each was started. */
    cgroups: z.array(z.object({ path: z.string(), podUid: z.string().nullable(), oomKills: count })).nullable(),
  }),
  /** Tasks found stuck for longer than the kernel's limit, since boot (newer kernels only). */
  hungTasks: count.nullable(),
  /** Memory controllers and the errors they saw since boot (EDAC); null where the kernel watches none. */
  memoryControllers: z
    .array(
      z.object({
        controller: z.string(),
        name: z.string().nullable(),
        correctedErrors: count.nullable(),
        uncorrectedErrors: count.nullable(),
      }),
    )
    .nullable(),
});
export type MemoryFacts = z.infer<typeof MemoryFacts>;
