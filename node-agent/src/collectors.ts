import type { Collector } from './collector.ts';
import { certificates } from './collectors/certificates.ts';
import { firewall } from './collectors/firewall.ts';
import { os } from './collectors/os.ts';
import { systemd } from './collectors/systemd.ts';
import { time } from './collectors/time.ts';

/** Every collector there is: one file in `collectors/` and one line here. */
export const collectors: readonly Collector[] = [systemd, certificates, time, os, firewall];
