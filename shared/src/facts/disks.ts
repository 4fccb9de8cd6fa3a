import * as z from 'zod';
import { openEnum } from '../open-enum.ts';

const text = z.string().nullable();
const counter = z.number().nonnegative();
const whole = z.number().int().nonnegative().nullable();

/** Since the device appeared; kernel documentation, "I/O statistics fields". */
const DiskCounters = z.object({
  readsCompleted: counter,
  readBytes: counter,
  writesCompleted: counter,
  writtenBytes: counter,
  /** Time with at least one request under way. */
  busySeconds: counter,
  /** Time all requests together took. */
  waitSeconds: counter,
  /** Requests under way right now. */
  inFlight: counter,
});

/** Over `intervalSeconds`, between the last collection and this one. */
const DiskRates = z.object({
  /** Share of the time with at least one request under way. 1 on an SSD or an array can still leave room for more. */
  utilizationRatio: z.number().min(0).max(1),
  readsPerSecond: counter,
  writesPerSecond: counter,
  readBytesPerSecond: counter,
  writtenBytesPerSecond: counter,
  /** Queueing and service of a completed request, on average; null when none completed. */
  averageWaitMs: counter.nullable(),
  /** Commands of a SCSI disk that ended with an error; null where the driver does not count them. */
  ioErrors: counter.nullable(),
});

/** Linux software RAID, from /sys/block/mdN/md (kernel documentation, "RAID arrays"). */
const RaidState = z.object({
  level: text,
  /** `clean`, `active`, `readonly`, `inactive`, `broken` … */
  arrayState: text,
  disks: whole,
  /** Members that are missing: above 0 the array has lost redundancy. */
  degraded: whole,
  /** `idle`, `resync`, `recover`, `check`, `repair`, `reshape`, `frozen`. */
  syncAction: text,
  /** How far that has come. */
  syncProgressRatio: z.number().min(0).max(1).nullable(),
});

/** One whole block device; partitions are counted in it. */
export const Disk = z.object({
  /** As in /dev: `sda`, `nvme0n1`, `dm-0`, `md127`. */
  name: z.string(),
  kind: openEnum('other', z.enum(['scsi', 'nvme', 'virtio', 'xen', 'mmc', 'device_mapper', 'md_raid', 'other'])),
  /** What a device mapper device is called: `vg0-root`, `mpatha`, `luks-…`. */
  mappedName: text,
  model: text,
  /** 0 for a drive without a medium. */
  sizeBytes: whole,
  rotational: z.boolean().nullable(),
  readOnly: z.boolean().nullable(),
  /** SCSI: `running`, `blocked`, `offline`, `transport-offline` …; NVMe: its controller's; device mapper: `suspended` or `active`. */
  state: text,
  /** Commands that ended with an error since the disk appeared (`ioerr_cnt`); a few of them at boot are usual. */
  ioErrors: whole,
  counters: DiskCounters,
  rates: DiskRates.nullable(),
  raid: RaidState.nullable(),
});
export type Disk = z.infer<typeof Disk>;

/** An NVMe controller; with multipath a namespace has several, so it is not a property of the disk. */
export const NvmeController = z.object({
  name: z.string(),
  /** `live`, `resetting`, `connecting`, `deleting`, `dead`. */
  state: text,
  model: text,
  firmware: text,
  /** `pcie`, `tcp`, `rdma`, `fc`. */
  transport: text,
  /** Null, too, while the controller is not `live`: it is not asked then. */
  temperatureCelsius: z.number().nullable(),
  /** From here on the drive calls its temperature critical. */
  criticalCelsius: z.number().nullable(),
});
export type NvmeController = z.infer<typeof NvmeController>;

/**
 * The `disks` family: whole block devices, those in trouble first, then the busiest. SMART is unsupported: it takes raw access
 * to the device, which the agent does not have, so nothing of it is here and it does not count as missing.
 */
export const DiskFacts = z.object({
  /** What `rates` cover; null when nothing was collected between 1 and 60 s before this, as the first time. */
  intervalSeconds: z.number().positive().nullable(),
  disks: z.array(Disk),
  nvmeControllers: z.array(NvmeController),
  /** Devices of the kernel that are not in the list. */
  excluded: z.object({
    partitions: z.number().int().nonnegative(),
    /** loop, ram, zram, optical and floppy drives, the boot and replay-protected areas of eMMC. */
    virtual: z.number().int().nonnegative(),
  }),
});
export type DiskFacts = z.infer<typeof DiskFacts>;
