import { attempt, withDeadline } from '../attempt.ts';
import { defineCollector } from '../collector.ts';
import type { SystemBus } from '../dbus/bus.ts';
import { readProperty } from '../dbus/bus-property.ts';
import { createHostReader } from '../host-reader.ts';
import { readCpuInfo, readDmi, readMemoryTotal, readVulnerabilities } from '../os/hardware.ts';
import { readKernelSecurity } from '../os/kernel-security.ts';
import { readBoot, readCgroupVersion, readDistribution, readHostname, readInit, readKernel } from '../os/os-basics.ts';
import { decideReboot, readRebootSigns } from '../os/reboot-required.ts';
import { detectVirtualization, readVirtualizationSigns } from '../os/virtualization.ts';
import { plainText } from '../plain-text.ts';
import { readRunDirectory } from '../run-directory.ts';

/** systemd has the answer in memory; a bus that needs longer is not worth waiting for, the files tell nearly the same. */
const BUS_MS = 300;

export const os = defineCollector({
  family: 'os',
  help: 'Distribution, kernel, boot, virtualization, security modules, processor flaws, and whether a restart is due.',
  hostPaths: [
    '/etc/hostname',
    '/etc/inittab',
    '/etc/machine-id',
    '/etc/os-release',
    '/lib/modules',
    '/proc',
    '/run',
    '/sys',
    '/usr/lib/modules',
    '/usr/lib/os-release',
  ],
  busNames: ['org.freedesktop.systemd1'],
  ttlMs: 30_000,
  timeoutMs: 3000,
  async collect({ host, bus, signal }) {
    const files = createHostReader(host);
    const [kernel, boot, distribution, run] = await Promise.all([
      readKernel(files),
      readBoot(files, Date.now() / 1000),
      readDistribution(files),
      readRunDirectory(files),
    ]);
    const { imageBased, ...release } = distribution;
    const family = [release.id ?? '', ...release.idLike];
    const [
      hostname,
      machineId,
      init,
      cgroupVersion,
      security,
      dmi,
      cpu,
      vulnerabilities,
      memory,
      reboot,
      signs,
      virtualization,
    ] = await Promise.all([
      readHostname(host, files),
      files.line('/etc/machine-id'),
      readInit(files, run, release.id),
      readCgroupVersion(files),
      readKernelSecurity(host, files),
      readDmi(files),
      readCpuInfo(files),
      readVulnerabilities(files),
      readMemoryTotal(files),
      readRebootSigns(files, run, kernel.release, family),
      readVirtualizationSigns(files),
      attempt(withDeadline('system bus', BUS_MS, signal, (limit) => askVirtualization(bus, limit))),
    ]);
    const { isVirtual, ...processor } = cpu;
    const detected = detectVirtualization({
      ...signs,
      dmiVendor: dmi?.vendor ?? null,
      dmiProduct: dmi?.product ?? null,
      cpuFlag: isVirtual,
    });
    // The kernels in a container's file system are not the one it runs on.
    const installedKernels = signs.container === null ? reboot.installedKernels : null;
    return {
      source: 'file:/proc,/sys,/etc/os-release',
      missing: files.missing,
      data: {
        hostname,
        distribution: release,
        kernel,
        ...boot,
        machineId,
        virtualization: virtualization.ok ? virtualization.value : detected,
        init,
        cgroupVersion,
        ...security,
        imageBased: imageBased || run.has('ostree-booted'),
        dmi,
        cpu: { ...processor, vulnerabilities },
        memoryTotalBytes: memory,
        rebootRequired: decideReboot({ ...reboot, installedKernels }),
      },
    };
  },
});

/** systemd's own finding; it says the empty string for a physical machine. */
async function askVirtualization(bus: SystemBus, signal: AbortSignal): Promise<string | null> {
  const manager = {
    destination: 'org.freedesktop.systemd1',
    path: '/org/freedesktop/systemd1',
    interface: 'org.freedesktop.systemd1.Manager',
  };
  const value = await readProperty(bus, manager, 'Virtualization', signal);
  return typeof value === 'string' ? plainText(value) || 'none' : null;
}
