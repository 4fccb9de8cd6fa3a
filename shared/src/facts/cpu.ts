import * as z from 'zod';
import { Pressure, PressureState } from '../pressure.ts';

const count = z.number().int().nonnegative();
const ratio = z.number().min(0).max(1);

/** The `cpu` family: how busy the processors are now. Ratios are of 0 to 1; null means the host does not say. */
export const CpuFacts = z.object({
  /** Processors that are online, threads counted. */
  logicalCpus: z.number().int().positive().nullable(),
  /** Tasks that run, wait to run or sleep uninterruptibly, averaged over 1, 5 and 15 minutes: of the host, and per processor. */
  load: z
    .object({
      one: z.number().nonnegative(),
      five: z.number().nonnegative(),
      fifteen: z.number().nonnegative(),
      onePerCpu: z.number().nonnegative().nullable(),
      fivePerCpu: z.number().nonnegative().nullable(),
      fifteenPerCpu: z.number().nonnegative().nullable(),
    })
    .nullable(),
  /** Tasks running or ready to run at this moment; the agent is one of them. */
  tasksRunning: count.nullable(),
  /** Tasks that wait for a disk or another device at this moment. */
  tasksBlocked: count.nullable(),
  /** Between two looks at /proc/stat (proc_stat(5)). Null, with a row in `missing`, when no two comparable looks could be had. */
  usage: z
    .object({
      /** Time between the looks, seconds: since an earlier collection, or 0.25. */
      intervalSeconds: z.number().positive(),
      /** All but idle and waiting for a device. */
      busyRatio: ratio,
      /** Programs, also those with lowered priority, and the guests of virtual machines. */
      userRatio: ratio,
      systemRatio: ratio,
      /** Idle while a task waited for a device. The kernel calls this number unreliable: `memory`'s io pressure says more. */
      iowaitRatio: ratio,
      softirqRatio: ratio,
      /** Wanted, and given by the hypervisor to someone else. */
      stealRatio: ratio,
      /** The one processor that was busiest: a program of one thread, or interrupts of a network card, fill one only. */
      busiestCpu: z.object({ cpu: count, busyRatio: ratio, softirqRatio: ratio }).nullable(),
    })
    .nullable(),
  /** From cpufreq, of four processors at most spread over the host; in most virtual machines what /proc/cpuinfo says. */
  frequency: z
    .object({
      /** Mean of those looked at. */
      currentMhz: z.number().positive().nullable(),
      /** What the hardware can do, turbo included. */
      maxMhz: z.number().positive().nullable(),
      /** What it may do now: below `maxMhz` when an operator or the firmware holds it down. */
      limitMhz: z.number().positive().nullable(),
      governor: z.string().nullable(),
    })
    .nullable(),
  /** Times since boot that a package slowed down because of heat, summed over the packages; Intel only. */
  throttles: z.object({ count, seconds: z.number().nonnegative().nullable() }).nullable(),
  /** The hottest thermal zone, in the zone's own words (`x86_pkg_temp`), and the temperature at which the host switches off. */
  temperature: z.object({ celsius: z.number(), zone: z.string(), criticalCelsius: z.number().nullable() }).nullable(),
  pressureState: PressureState,
  /** Waiting for a processor (/proc/pressure/cpu). `full` is zero for a whole host since Linux 5.13 and absent before. */
  pressure: Pressure.nullable(),
  /** Time lost to interrupts (/proc/pressure/irq, Linux 6.1): only `full` is measured. */
  interruptPressure: Pressure.shape.full,
});
export type CpuFacts = z.infer<typeof CpuFacts>;
