import type { Collector } from './collector.ts';
import { certificates } from './collectors/certificates.ts';
import { os } from './collectors/os.ts';
import { packages } from './collectors/packages.ts';
import { systemd } from './collectors/systemd.ts';
import { time } from './collectors/time.ts';

/** Every collector there is: one file in `collectors/` and one line here. */
export const collectors: readonly Collector[] = [systemd, certificates, time, os, packages];
