import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { MemoryFacts } from '@telemcp/shared/facts/memory';

const noPressure = { avg10Ratio: 0, avg60Ratio: 0, avg300Ratio: 0, totalSeconds: 0.5 };

/** Processors that idle. */
export const SAMPLE_CPU: CpuFacts = {
  logicalCpus: 2,
  load: { one: 0.5, five: 0.42, fifteen: 0.31, onePerCpu: 0.25, fivePerCpu: 0.21, fifteenPerCpu: 0.16 },
  tasksRunning: 1,
  tasksBlocked: 0,
  usage: {
    intervalSeconds: 15,
    busyRatio: 0.124,
    userRatio: 0.09,
    systemRatio: 0.03,
    iowaitRatio: 0,
    softirqRatio: 0.004,
    stealRatio: 0,
    busiestCpu: { cpu: 1, busyRatio: 0.2, softirqRatio: 0.01 },
  },
  frequency: null,
  throttles: null,
  temperature: null,
  pressureState: 'on',
  pressure: { some: noPressure, full: noPressure },
  interruptPressure: null,
};

/** Memory of which there is enough. */
export const SAMPLE_MEMORY: MemoryFacts = {
  totalBytes: 8 * 2 ** 30,
  availableBytes: 6 * 2 ** 30,
  freeBytes: 2 ** 30,
  usedRatio: 0.25,
  buffersBytes: 0,
  cachedBytes: 5 * 2 ** 30,
  dirtyBytes: 0,
  writebackBytes: 0,
  slabReclaimableBytes: 0,
  slabUnreclaimableBytes: 0,
  sharedBytes: 0,
  anonymousBytes: 2 ** 30,
  committedBytes: 2 ** 30,
  commitLimitBytes: 4 * 2 ** 30,
  swap: { totalBytes: 0, freeBytes: 0, usedBytes: 0 },
  paging: { intervalSeconds: 15, swapInBytesPerSecond: 0, swapOutBytesPerSecond: 0, majorFaultsPerSecond: 0 },
  hugepages: { total: 0, free: 0, sizeBytes: 2 ** 21, reservedBytes: 0 },
  pressureState: 'on',
  memoryPressure: { some: noPressure, full: noPressure },
  ioPressure: { some: noPressure, full: noPressure },
  oomKills: { sinceBoot: 0, duringInterval: 0, slices: [{ path: 'system.slice', oomKills: 0 }], cgroups: [] },
  hungTasks: 0,
  memoryControllers: null,
};
