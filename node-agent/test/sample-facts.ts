import type { Certificate } from '@telemcp/shared/facts/certificates';
import type { SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { FactsOf } from '@telemcp/shared/families';
import type { FamilyName } from '@telemcp/shared/family-names';
import type { Collector } from '../src/collector.ts';
import type { SystemBus } from '../src/dbus/bus.ts';
import { createHostRoot } from '../src/host-root.ts';
import { SAMPLE_NETWORK, SAMPLE_PORTS } from './sample-network.ts';
import { SAMPLE_CPU, SAMPLE_MEMORY } from './sample-pressure.ts';
import { diskNamed, filesystemAt } from './sample-storage.ts';

/** A unit as `readUnit` gives it, active unless told otherwise. */
export function unitNamed(name: string, change: Partial<SystemdUnit> = {}): SystemdUnit {
  return {
    name,
    description: `the ${name}`,
    loadState: 'loaded',
    activeState: 'active',
    subState: 'running',
    unitFileState: 'enabled',
    unitFilePreset: 'enabled',
    fragmentPath: `/usr/lib/systemd/system/${name}`,
    needsDaemonReload: false,
    stateChangedAt: '2026-11-22T12:00:00.000Z',
    activeEnteredAt: '2026-11-22T12:00:00.000Z',
    loadError: null,
    service: null,
    timer: null,
    socket: null,
    ...change,
  };
}

/** A service that ended with exit status 1. */
export function failedService(name: string): SystemdUnit {
  const service = {
    type: 'simple',
    result: 'exit-code',
    exitKind: 'exited' as const,
    exitStatus: 1,
    mainPid: null,
    restarts: 5,
    startedAt: null,
    exitedAt: null,
    memoryBytes: null,
    memoryPeakBytes: null,
    cpuSeconds: null,
    tasks: null,
    tasksMax: null,
    statusText: null,
    oomPolicy: null,
  };
  return unitNamed(name, { activeState: 'failed', subState: 'failed', service });
}

/** A certificate made for a year that has `days` left at 2026-11-22T13:00:00Z. */
export function certificateFor(path: string, days: number, change: Partial<Certificate> = {}): Certificate {
  const notAfter = Date.parse('2026-11-22T13:00:00Z') + days * 86_400_000;
  return {
    path,
    index: 0,
    sourceKind: 'file',
    embeddedAt: null,
    subject: 'CN=kube-apiserver',
    commonName: 'kube-apiserver',
    organizations: [],
    issuer: 'CN=kubernetes',
    serialNumber: '0A',
    notBefore: new Date(notAfter - 365 * 86_400_000).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
    expiresInSeconds: days * 86_400,
    expired: days < 0,
    notYetValid: false,
    isCa: false,
    selfSigned: false,
    keyAlgorithm: 'ec',
    keyBits: 256,
    curve: 'prime256v1',
    dnsNames: [],
    ipAddresses: [],
    fingerprintSha256: 'AB',
    role: 'apiserver',
    inUse: true,
    renewalHint: null,
    ...change,
  };
}

/** Facts of a host on which nothing is wrong. */
export const SAMPLE_FACTS: { [F in FamilyName]: FactsOf<F> } = {
  systemd: {
    manager: {
      version: '252.39-1~deb12u1',
      systemState: 'running',
      failedUnits: 0,
      loadedUnits: 2,
      queuedJobs: 0,
      virtualization: 'kvm',
      architecture: 'x86-64',
      tainted: [],
      bootFinishedAt: '2026-11-20T08:00:00.000Z',
    },
    failed: [],
    watched: [unitNamed('sshd.service')],
    timers: [],
    sockets: [],
    unitsByActiveState: { active: 2 },
  },
  certificates: {
    certificates: [certificateFor('/etc/kubernetes/pki/apiserver.crt', 300)],
    errors: [],
    revocationLists: [],
    searched: ['/etc/kubernetes/pki'],
    absent: [],
    filesRead: 1,
  },
  time: {
    implementation: 'chrony',
    synchronized: true,
    synchronizedBy: 'daemon',
    note: null,
    stratum: 3,
    leapStatus: 'normal',
    referenceId: '0A000001',
    referenceName: '10.0.0.1',
    lastOffsetSeconds: 0.00012,
    rmsOffsetSeconds: 0.0002,
    rootDelaySeconds: 0.001,
    rootDispersionSeconds: 0.002,
    clockErrorBoundSeconds: 0.0026,
    frequencyPpm: -12.3,
    updateIntervalSeconds: 64,
    lastSyncAt: '2026-11-22T12:59:00.000Z',
    sources: [],
    timezone: 'Etc/UTC',
    rtcInLocalTime: false,
    ntpEnabled: true,
    clockUnixSeconds: 1_795_352_400,
  },
  os: {
    hostname: 'node-0007',
    distribution: {
      id: 'debian',
      idLike: [],
      name: 'Debian GNU/Linux',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      versionId: '12',
      versionCodename: 'bookworm',
      variantId: null,
      buildId: null,
      imageId: null,
      imageVersion: null,
      supportEnd: null,
    },
    kernel: { release: '6.1.0-28-amd64', version: '#1 SMP', machine: 'x86_64' },
    bootTime: '2026-11-20T08:00:00.000Z',
    uptimeSeconds: 190_800,
    bootId: 'b',
    machineId: 'm',
    virtualization: 'kvm',
    init: 'systemd',
    cgroupVersion: 'v2',
    selinux: 'disabled',
    apparmor: true,
    secureBoot: null,
    fips: false,
    lockdown: 'none',
    taints: [],
    imageBased: false,
    dmi: null,
    cpu: { model: null, sockets: 1, cores: 2, threads: 2, microcode: null, vulnerabilities: [] },
    memoryTotalBytes: 8 * 2 ** 30,
    rebootRequired: { required: false, why: null, packages: [] },
  },
  network: SAMPLE_NETWORK,
  ports: SAMPLE_PORTS,
  cpu: SAMPLE_CPU,
  memory: SAMPLE_MEMORY,
  filesystems: {
    filesystems: [filesystemAt('/')],
    excluded: { pseudo: 20, container: 0, image: 0, duplicate: 0, hidden: 0 },
  },
  disks: {
    intervalSeconds: 15,
    disks: [diskNamed('sda')],
    nvmeControllers: [],
    excluded: { partitions: 2, virtual: 8 },
  },
  packages: {
    manager: 'apt',
    imageBased: false,
    database: { format: 'dpkg', path: '/var/lib/dpkg/status', modifiedAt: '2026-11-22T06:12:40.000Z' },
    installed: 801,
    held: { total: 0, names: [] },
    broken: { total: 0, packages: [] },
    unfinished: false,
    listsChangedAt: '2026-11-22T06:10:00.000Z',
    lastUpdateSuccessAt: null,
    lastChange: { at: '2026-11-22T06:12:34.000Z', action: 'upgrade', name: 'openssl', version: '3.0.15-1~deb12u1' },
    unattendedUpgrades: true,
    rebootRequiredBy: [],
    pending: { updates: 2, securityUpdates: 0, countedAt: '2026-11-22T06:12:50.000Z' },
    pendingReason: null,
  },
  firewall: {
    backend: 'ufw',
    enabled: true,
    basis: 'units',
    defaults: {
      ipv4: { input: 'drop', forward: 'drop', output: 'accept' },
      ipv6: { input: 'drop', forward: 'drop', output: 'accept' },
    },
    attention: [],
    notes: [],
    configured: { ufw: null, firewalld: null, ruleFiles: [] },
    running: {
      units: [{ name: 'ufw.service', activeState: 'active', subState: 'exited' }],
      kernelModules: ['nf_tables'],
      legacyTables: null,
      kubernetes: false,
    },
    ruleset: null,
  },
};

/** A collector that finds `data`, or does what `collect` does. */
export function fakeCollector<F extends FamilyName>(
  family: F,
  data: FactsOf<F>,
  change: Partial<Collector<F>> = {},
): Collector<F> {
  return {
    family,
    help: `The ${family}.`,
    hostPaths: [],
    busNames: [],
    ttlMs: 10_000,
    timeoutMs: 1000,
    collect: async () => ({ data, source: 'test' }),
    ...change,
  };
}

/** One collector per family, each finding the sample. */
export function sampleCollectors(): Collector[] {
  return [
    fakeCollector('systemd', SAMPLE_FACTS.systemd),
    fakeCollector('certificates', SAMPLE_FACTS.certificates),
    fakeCollector('time', SAMPLE_FACTS.time),
    fakeCollector('os', SAMPLE_FACTS.os),
    fakeCollector('cpu', SAMPLE_FACTS.cpu),
    fakeCollector('memory', SAMPLE_FACTS.memory),
    fakeCollector('filesystems', SAMPLE_FACTS.filesystems),
    fakeCollector('disks', SAMPLE_FACTS.disks),
    fakeCollector('network', SAMPLE_FACTS.network),
    fakeCollector('ports', SAMPLE_FACTS.ports),
    fakeCollector('packages', SAMPLE_FACTS.packages),
    fakeCollector('firewall', SAMPLE_FACTS.firewall),
  ];
}

/** A bus that nobody may call. */
export const silentBus: SystemBus = {
  call: () => Promise.reject(new Error('the bus was called')),
  state: () => ({ status: 'idle' }),
  close: () => undefined,
};

/** What a store needs besides collectors. */
export const STORE_OPTIONS = {
  openHost: (signal: AbortSignal) => createHostRoot('/nonexistent', signal),
  bus: silentBus,
  settings: {
    nodeName: 'node-0007',
    certificatePaths: undefined,
    watchUnits: undefined,
    chronyAddress: { host: '127.0.0.1', port: 323 },
  },
  disabled: [],
  onBug: (name: string, error: unknown) => {
    throw new Error(`bug in ${name}`, { cause: error });
  },
};
