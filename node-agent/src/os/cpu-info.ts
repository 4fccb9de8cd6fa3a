import { plainText } from '../plain-text.ts';

/** What `/proc/cpuinfo` says; null where this architecture's form does not say it. */
export interface CpuInfo {
  model: string | null;
  sockets: number | null;
  cores: number | null;
  threads: number | null;
  microcode: string | null;
  /** Whether the processor says that it is a virtual one; only x86 has the flag. */
  isVirtual: boolean | null;
}

/** Reads the forms of x86, arm64, s390x, ppc64, riscv and loongarch. */
export function parseCpuInfo(text: string): CpuInfo {
  const first = new Map<string, string>();
  let processors = 0;
  let currentPackage: string | null = null;
  const packages = new Set<string>();
  const cores = new Set<string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) {
      currentPackage = line.trim() === '' ? null : currentPackage;
      continue;
    }
    const key = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!first.has(key)) first.set(key, value);
    if (key === 'processor') processors += 1;
    if (key === 'physical id') {
      currentPackage = value;
      packages.add(value);
    }
    if (key === 'core id' && currentPackage !== null) cores.add(`${currentPackage}/${value}`);
  }
  // s390x numbers its processors in the name of the line and gives the count by itself.
  const count = Number(first.get('# processors') ?? processors);
  const flags = first.get('flags')?.split(' ');
  return {
    model: modelOf(first),
    sockets: packages.size || null,
    cores: cores.size || null,
    threads: Number.isSafeInteger(count) && count > 0 ? count : null,
    microcode: plainText(first.get('microcode') ?? '') || null,
    isVirtual: flags === undefined ? null : flags.includes('hypervisor'),
  };
}

function modelOf(first: ReadonlyMap<string, string>): string | null {
  const named = first.get('model name') ?? first.get('cpu') ?? first.get('uarch');
  if (named !== undefined) return plainText(named) || null;
  const machine = [...first].find(([key]) => /^processor \d+$/.test(key))?.[1].match(/machine\s*=\s*(\w+)/)?.[1];
  if (machine !== undefined) return plainText(`${first.get('vendor_id') ?? ''} ${machine}`);
  const implementer = first.get('cpu implementer')?.toLowerCase();
  const part = first.get('cpu part')?.toLowerCase();
  if (implementer === undefined || part === undefined) return null;
  return ARM_PARTS[`${implementer}:${part}`] ?? plainText(`implementer ${implementer} part ${part}`);
}

/** Processors of servers and small boards; arm64 gives numbers only (MIDR_EL1). */
const ARM_PARTS: Readonly<Record<string, string>> = {
  '0x41:0xd03': 'ARM Cortex-A53',
  '0x41:0xd07': 'ARM Cortex-A57',
  '0x41:0xd08': 'ARM Cortex-A72',
  '0x41:0xd0b': 'ARM Cortex-A76',
  '0x41:0xd0c': 'ARM Neoverse-N1',
  '0x41:0xd40': 'ARM Neoverse-V1',
  '0x41:0xd49': 'ARM Neoverse-N2',
  '0x41:0xd4f': 'ARM Neoverse-V2',
  '0x41:0xd84': 'ARM Neoverse-V3',
  '0x41:0xd8e': 'ARM Neoverse-N3',
  '0x48:0xd01': 'HiSilicon Kunpeng 920',
  '0xc0:0xac3': 'Ampere-1',
  '0xc0:0xac4': 'Ampere-1a',
};

/** Number of processors in a list such as `0-3,8` (the kernel's cpulist form); null when it is not one. */
export function countCpuList(list: string): number | null {
  let count = 0;
  for (const range of list.trim().split(',')) {
    const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(range);
    if (match === null) return null;
    count += Number(match[2] ?? match[1]) - Number(match[1]) + 1;
  }
  return count > 0 ? count : null;
}

/**
 * Adds sockets and cores, where cpuinfo has none, from how many threads the first processor shares its core and its package
 * with. Takes all cores for alike, and leaves null what then does not divide.
 */
export function withTopology(info: CpuInfo, threadSiblings: string | null, packageSiblings: string | null): CpuInfo {
  const divide = (siblings: string | null) => {
    const each = siblings === null ? null : countCpuList(siblings);
    if (each === null || info.threads === null || info.threads % each !== 0) return null;
    return info.threads / each;
  };
  return { ...info, sockets: info.sockets ?? divide(packageSiblings), cores: info.cores ?? divide(threadSiblings) };
}

/** One line of `/sys/devices/system/cpu/vulnerabilities`; null when the processor is not affected. */
export function parseVulnerability(name: string, text: string) {
  const status = plainText(text);
  if (status === '' || status === 'Not affected') return null;
  // "Mitigation: …; BHI: Vulnerable" is vulnerable in a part; "SMT vulnerable" in small letters is the kernel's remark on a mitigation.
  return { name: plainText(name), status, vulnerable: /\bVulnerable\b|^Processor vulnerable/.test(status) };
}
