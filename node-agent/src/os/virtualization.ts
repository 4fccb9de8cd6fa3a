import type { HostReader } from '../host-reader.ts';

/** What the host shows of the hypervisor or container under it. Null where a file is not there. */
export interface VirtualizationSigns {
  /** `/run/systemd/container`: systemd's own finding, `lxc`, `systemd-nspawn` … */
  container: string | null;
  /** `/sys/hypervisor/type`: `xen`. */
  hypervisorType: string | null;
  /** `/proc/xen/capabilities`: holds `control_d` on the machine that runs the others. */
  xenCapabilities: string | null;
  /** The clock sources the kernel offers: hypervisors bring their own. */
  clockSources: string | null;
  /** `/proc/device-tree/hypervisor/compatible`: `linux,kvm` on Arm. */
  deviceTreeHypervisor: string | null;
  /** `/proc/sysinfo` of s390x. */
  sysinfo: string | null;
  dmiVendor: string | null;
  dmiProduct: string | null;
  /** The processor's `hypervisor` flag; null where processors have none. */
  cpuFlag: boolean | null;
}

/** Reads the signs that are files; the rest comes from the caller, who has read it already. */
export async function readVirtualizationSigns(
  files: HostReader,
): Promise<Omit<VirtualizationSigns, 'dmiVendor' | 'dmiProduct' | 'cpuFlag'>> {
  const [container, hypervisorType, xenCapabilities, clockSources, deviceTreeHypervisor, sysinfo] = await Promise.all([
    files.line('/run/systemd/container'),
    files.line('/sys/hypervisor/type'),
    files.line('/proc/xen/capabilities'),
    files.line('/sys/devices/system/clocksource/clocksource0/available_clocksource'),
    files.line('/proc/device-tree/hypervisor/compatible'),
    files.text('/proc/sysinfo'),
  ]);
  return { container, hypervisorType, xenCapabilities, clockSources, deviceTreeHypervisor, sysinfo };
}

/** DMI vendors and products that only virtual machines have; the words are systemd's. */
const DMI_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^Google Compute Engine|^Google$/, 'google'],
  [/^Amazon EC2/, 'amazon'],
  [/^KubeVirt|^OpenStack|^KVM|^RHEV|^oVirt/, 'kvm'],
  [/^VMware|^VMW/, 'vmware'],
  [/^innotek|^VirtualBox|^Oracle Corporation VirtualBox/, 'oracle'],
  [/^Xen/, 'xen'],
  [/^Parallels/, 'parallels'],
  [/^BHYVE/, 'bhyve'],
  [/^Apple Virtualization/, 'apple'],
  [/^Microsoft Corporation Virtual Machine|^Hyper-V/, 'microsoft'],
  [/^Bochs/, 'bochs'],
  [/^QEMU/, 'qemu'],
];

/**
 * The word systemd would use (systemd-detect-virt(1)), found from files alone. `none` is said only where a processor flag or
 * a physical machine's DMI shows it; null when nothing tells.
 */
export function detectVirtualization(signs: VirtualizationSigns): string | null {
  if (signs.container !== null) return signs.container;
  if (signs.xenCapabilities?.includes('control_d') === true) return 'none';
  if (signs.hypervisorType === 'xen') return 'xen';
  if (signs.sysinfo !== null) return mainframe(signs.sysinfo);
  const dmi = dmiName(signs);
  // Bare metal of the same clouds carries the same DMI names: the flag, where there is one, has the last word.
  if (signs.cpuFlag === false) return 'none';
  if (dmi !== null && dmi !== 'qemu') return dmi;
  if (signs.clockSources?.includes('kvm-clock') === true) return 'kvm';
  if (signs.clockSources?.includes('hyperv_clocksource') === true) return 'microsoft';
  if (signs.deviceTreeHypervisor !== null) {
    if (signs.deviceTreeHypervisor.includes('kvm')) return 'kvm';
    return signs.deviceTreeHypervisor.includes('xen') ? 'xen' : 'vm-other';
  }
  if (dmi !== null) return dmi;
  if (signs.cpuFlag === true) return 'vm-other';
  return signs.dmiVendor === null ? null : 'none';
}

function dmiName({ dmiVendor, dmiProduct }: VirtualizationSigns): string | null {
  if (dmiProduct?.endsWith('.metal') === true) return null;
  const texts = [dmiProduct, dmiVendor, `${dmiVendor} ${dmiProduct}`];
  return DMI_NAMES.find(([pattern]) => texts.some((text) => text !== null && pattern.test(text)))?.[1] ?? null;
}

function mainframe(sysinfo: string): string {
  const program = /^VM00 Control Program:\s*(.+)$/m.exec(sysinfo)?.[1];
  if (program === undefined) return 'none';
  return program.includes('z/VM') ? 'zvm' : 'kvm';
}
