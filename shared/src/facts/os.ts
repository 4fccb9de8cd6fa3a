import * as z from 'zod';
import { openEnum } from '../open-enum.ts';

const text = z.string().nullable();

/** The `os` family: what the machine is and what it runs. Null means the host does not say. */
export const OsFacts = z.object({
  hostname: text,
  /** os-release(5). */
  distribution: z.object({
    id: text,
    idLike: z.array(z.string()),
    name: text,
    prettyName: text,
    versionId: text,
    versionCodename: text,
    variantId: text,
    buildId: text,
    imageId: text,
    imageVersion: text,
    supportEnd: text,
  }),
  kernel: z.object({ release: z.string(), version: text, machine: text }),
  bootTime: z.iso.datetime(),
  uptimeSeconds: z.number().nonnegative(),
  /** /proc/sys/kernel/random/boot_id: another value means the host has restarted. */
  bootId: text,
  machineId: text,
  /** `none`, or what runs it: `kvm`, `vmware`, `xen`, `microsoft`, `amazon`, `lxc` …; null when it cannot be told. */
  virtualization: text,
  init: openEnum('other', z.enum(['systemd', 'openrc', 'machined', 'sysvinit', 'other']).nullable()),
  cgroupVersion: openEnum(null, z.enum(['v1', 'v2', 'hybrid']).nullable()),
  selinux: openEnum(null, z.enum(['enforcing', 'permissive', 'disabled']).nullable()),
  apparmor: z.boolean().nullable(),
  secureBoot: z.boolean().nullable(),
  fips: z.boolean().nullable(),
  /** Kernel lockdown mode (kernel_lockdown(7)): none, integrity or confidentiality. */
  lockdown: text,
  /** Kernel taint flags in words (kernel documentation, tainted-kernels): `proprietary_module`, `out_of_tree_module` … */
  taints: z.array(z.string()),
  /** True for hosts updated as an image (Flatcar, Talos, Bottlerocket, ostree), where packages are not the unit of change. */
  imageBased: z.boolean(),
  dmi: z.object({ vendor: text, product: text, biosVersion: text, biosDate: text }).nullable(),
  cpu: z.object({
    model: text,
    sockets: z.number().int().positive().nullable(),
    cores: z.number().int().positive().nullable(),
    threads: z.number().int().positive().nullable(),
    microcode: text,
    /** Only those the kernel does not call `Not affected`: `{name: 'spectre_v2', status: 'Mitigation: …'}`. */
    vulnerabilities: z.array(z.object({ name: z.string(), status: z.string(), vulnerable: z.boolean() })),
  }),
  memoryTotalBytes: z.number().int().positive().nullable(),
  rebootRequired: z.object({
    /** Null when nothing on this kind of host says. */
    required: z.boolean().nullable(),
    /** `sentinel file`, `newer kernel installed: 6.1.0-28`, … */
    why: text,
    packages: z.array(z.string()),
  }),
});
export type OsFacts = z.infer<typeof OsFacts>;
