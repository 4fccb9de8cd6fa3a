import * as z from 'zod';
import { openEnum } from './open-enum.ts';

/** Share of the last 10, 60 and 300 seconds in which tasks had to wait, 0 to 1, and how long in all since boot. */
export const PressureShare = z.object({
  avg10Ratio: z.number().min(0).max(1),
  avg60Ratio: z.number().min(0).max(1),
  avg300Ratio: z.number().min(0).max(1),
  totalSeconds: z.number().nonnegative(),
});
export type PressureShare = z.infer<typeof PressureShare>;

/** `some`: at least one task waited. `full`: all that were not idle did, so that nothing got done. Null where not measured. */
export const Pressure = z.object({ some: PressureShare.nullable(), full: PressureShare.nullable() });
export type Pressure = z.infer<typeof Pressure>;

/**
 * Whether the kernel measures pressure (PSI, Linux 4.20): `on`; `off`, started with `psi=0` or built to need `psi=1` as RHEL's is;
 * `absent`, it has no such files, which newer kernels do when it is off, too; `unreadable`, see `missing`.
 */
export const PressureState = openEnum('unreadable', z.enum(['on', 'off', 'absent', 'unreadable']));
export type PressureState = z.infer<typeof PressureState>;
