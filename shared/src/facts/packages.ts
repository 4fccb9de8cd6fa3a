import * as z from 'zod';
import { Reason } from '../envelope.ts';

const time = z.iso.datetime().nullable();
const count = z.number().int().nonnegative();

/** One installed package, as the package database has it. */
export const PackageRow = z.object({
  name: z.string(),
  /** As the manager writes it, with epoch and release: `1:9.2p1-2+deb12u3`. Null where the database does not say. */
  version: z.string().nullable(),
  architecture: z.string().nullable(),
  /** `installed`, else what is unfinished or broken, in the manager's words: `half-configured`, `triggers-pending` … */
  state: z.string(),
  /** The operator keeps it from being upgraded. */
  held: z.boolean(),
});
export type PackageRow = z.infer<typeof PackageRow>;

/** Data of `GET /v1/packages`: installed packages that match, by name (`total` and `truncated` of the envelope count these). */
export const PackageList = z.object({ packages: z.array(PackageRow) });
export type PackageList = z.infer<typeof PackageList>;

/** The `packages` family: what is installed and how it is kept up to date. Null means not known, or that the manager has no such thing. */
export const PackageFacts = z.object({
  /** What an operator would call to change packages; `none` on a host made of an image without a package database. */
  manager: z.enum(['apt', 'dpkg', 'apk', 'pacman', 'dnf', 'yum', 'tdnf', 'zypper', 'rpm', 'none']),
  /** True for hosts updated as an image (Flatcar, Talos, Bottlerocket, ostree), where packages are not the unit of change. */
  imageBased: z.boolean(),
  database: z
    .object({ format: z.enum(['dpkg', 'apk', 'pacman', 'rpm']), path: z.string(), modifiedAt: time })
    .nullable(),
  installed: count.nullable(),
  /** Packages that the operator keeps from being upgraded (hold, lock, pin, ignore list); at most 50 names. */
  held: z.object({ total: count, names: z.array(z.string()) }).nullable(),
  /** Packages whose installation was not finished or failed; at most 50 of them. */
  broken: z.object({ total: count, packages: z.array(PackageRow) }).nullable(),
  /** True while the manager has begun changes it has not finished: a run is under way, or one was cut off. */
  unfinished: z.boolean().nullable(),
  /** When the manager last took over new lists of what there is to install. */
  listsChangedAt: time,
  /** The manager's own mark of the last update of its lists that succeeded, also when nothing was new. */
  lastUpdateSuccessAt: time,
  /** The newest change that the log or the database still knows. */
  lastChange: z
    .object({
      at: z.iso.datetime(),
      /** `install`, `upgrade`, `downgrade`, `remove`, `purge`, or `configure` where the log goes back no further. */
      action: z.string(),
      name: z.string(),
      version: z.string().nullable(),
    })
    .nullable(),
  /** Whether the host upgrades packages on its own: unattended-upgrades, dnf-automatic. */
  unattendedUpgrades: z.boolean().nullable(),
  /** Packages that asked for a restart since boot (`/run/reboot-required.pkgs`). */
  rebootRequiredBy: z.array(z.string()).nullable(),
  /** What the host itself counted as waiting to be installed; null with `pendingReason` where it counts nothing. */
  pending: z.object({ updates: count, securityUpdates: count.nullable(), countedAt: time }).nullable(),
  /** Null exactly when `pending` is not: `unsupported` where the host keeps no such count, which is usual. */
  pendingReason: Reason.nullable(),
});
export type PackageFacts = z.infer<typeof PackageFacts>;
