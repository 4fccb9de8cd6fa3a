import type { Collector } from './collector.ts';
import { certificates } from './collectors/certificates.ts';
import { cpu } from './collectors/cpu.ts';
import { disks } from './collectors/disks.ts';
import { filesystems } from './collectors/filesystems.ts';
import { firewall } from './collectors/firewall.ts';
import { memory } from './collectors/memory.ts';
import { network } from './collectors/network.ts';
import { os } from './collectors/os.ts';
import { packages } from './collectors/packages.ts';
import { ports } from './collectors/ports.ts';
import { systemd } from './collectors/systemd.ts';
import { time } from './collectors/time.ts';

/** Every collector there is: one file in `collectors/` and one line here. */
export const collectors: readonly Collector[] = [
  systemd,
  certificates,
  time,
  os,
  cpu,
  memory,
  filesystems,
  disks,
  network,
  ports,
  packages,
  firewall,
];
