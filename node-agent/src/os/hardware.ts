import type { OsFacts } from '@telemcp/shared/facts/os';
import type { HostReader } from '../host-reader.ts';
import { type CpuInfo, parseCpuInfo, parseVulnerability, withTopology } from './cpu-info.ts';

/** Firmware's words about the machine; serial numbers and the machine's uuid are never read. Null without DMI. */
export async function readDmi(files: HostReader): Promise<OsFacts['dmi']> {
  const [vendor, product, biosVersion, biosDate] = await Promise.all(
    ['sys_vendor', 'product_name', 'bios_version', 'bios_date'].map((name) => files.line(`/sys/class/dmi/id/${name}`)),
  );
  const dmi = {
    vendor: vendor ?? null,
    product: product ?? null,
    biosVersion: biosVersion ?? null,
    biosDate: biosDate ?? null,
  };
  return Object.values(dmi).every((value) => value === null) ? null : dmi;
}

const CPU = '/sys/devices/system/cpu';

/** `/proc/cpuinfo`, with the first processor's topology where cpuinfo has none, as on arm64. */
export async function readCpuInfo(files: HostReader): Promise<CpuInfo> {
  // 512 threads with 200 flags each are 1.5 MB.
  const info = parseCpuInfo((await files.text('/proc/cpuinfo', 8 * 1024 * 1024)) ?? '');
  if (info.sockets !== null && info.cores !== null) return info;
  const [threads, packages] = await Promise.all([
    files.line(`${CPU}/cpu0/topology/thread_siblings_list`),
    files.line(`${CPU}/cpu0/topology/package_cpus_list`),
  ]);
  return withTopology(info, threads, packages);
}

/** What the kernel says of the processor's flaws; those it is not affected by are left out. */
export async function readVulnerabilities(files: HostReader): Promise<OsFacts['cpu']['vulnerabilities']> {
  const directory = `${CPU}/vulnerabilities`;
  const names = await files.names(directory);
  if (names === null) {
    // No answer must not read as "no flaws".
    if (!files.missing.some(({ what }) => what === directory))
      files.missing.push({
        what: directory,
        reason: 'not_found',
        detail: 'this kernel does not say, or /sys is not there',
      });
    return [];
  }
  const read = await Promise.all(
    names.map(async (name) => parseVulnerability(name, (await files.text(`${directory}/${name}`)) ?? '')),
  );
  return read.filter((row) => row !== null);
}

/** `MemTotal` of /proc/meminfo: the memory the kernel has, which is somewhat less than what is built in. */
export async function readMemoryTotal(files: HostReader): Promise<number | null> {
  const kibibytes = Number(/^MemTotal:\s+(\d{1,12}) kB$/m.exec((await files.text('/proc/meminfo')) ?? '')?.[1]);
  return kibibytes > 0 ? kibibytes * 1024 : null;
}
