import { expect, it } from 'vitest';
import { detectVirtualization, type VirtualizationSigns } from './virtualization.ts';

const BARE: VirtualizationSigns = {
  container: null,
  hypervisorType: null,
  xenCapabilities: null,
  clockSources: 'tsc hpet acpi_pm',
  deviceTreeHypervisor: null,
  sysinfo: null,
  dmiVendor: null,
  dmiProduct: null,
  cpuFlag: null,
};

const ZVM = 'Manufacturer:         IBM\nVM00 Name:            LINUX01\nVM00 Control Program: z/VM    7.2.0\n';
const S390_KVM = 'VM00 Name:            guest1\nVM00 Control Program: KVM/Linux\n';

it.each<[string, Partial<VirtualizationSigns>, string | null]>([
  ['a server', { dmiVendor: 'Dell Inc.', dmiProduct: 'PowerEdge R650', cpuFlag: false }, 'none'],
  ['an Arm server, which has no flag', { dmiVendor: 'GIGABYTE', dmiProduct: 'R152-P30' }, 'none'],
  ['nothing to see', {}, null],
  ['a guest nobody knows', { cpuFlag: true }, 'vm-other'],
  ['a guest whose host hides its DMI', { cpuFlag: true, clockSources: 'tsc kvm-clock' }, 'kvm'],
  ['QEMU with KVM', { dmiVendor: 'QEMU', cpuFlag: true, clockSources: 'kvm-clock tsc' }, 'kvm'],
  ['QEMU without KVM', { dmiVendor: 'QEMU', cpuFlag: true }, 'qemu'],
  ['EC2', { dmiVendor: 'Amazon EC2', dmiProduct: 't3.large', cpuFlag: true, clockSources: 'kvm-clock tsc' }, 'amazon'],
  ['EC2 bare metal, Arm', { dmiVendor: 'Amazon EC2', dmiProduct: 'c7g.metal' }, 'none'],
  ['Google', { dmiVendor: 'Google', dmiProduct: 'Google Compute Engine', cpuFlag: true }, 'google'],
  ['Google bare metal', { dmiVendor: 'Google', dmiProduct: 'Google Compute Engine', cpuFlag: false }, 'none'],
  ['Hyper-V', { dmiVendor: 'Microsoft Corporation', dmiProduct: 'Virtual Machine', cpuFlag: true }, 'microsoft'],
  ['a Surface', { dmiVendor: 'Microsoft Corporation', dmiProduct: 'Surface Pro', cpuFlag: false }, 'none'],
  ['VirtualBox', { dmiVendor: 'innotek GmbH', dmiProduct: 'VirtualBox', cpuFlag: true }, 'oracle'],
  ['a server of Oracle', { dmiVendor: 'Oracle Corporation', dmiProduct: 'ORACLE SERVER X9-2', cpuFlag: false }, 'none'],
  ['KVM on Arm without DMI', { deviceTreeHypervisor: 'linux,kvm' }, 'kvm'],
  ['Xen guest', { hypervisorType: 'xen', xenCapabilities: '' }, 'xen'],
  ['Xen, the controlling domain', { hypervisorType: 'xen', xenCapabilities: 'control_d' }, 'none'],
  ['a container, whatever is under it', { container: 'lxc', dmiVendor: 'QEMU', cpuFlag: true }, 'lxc'],
  ['z/VM', { sysinfo: ZVM }, 'zvm'],
  ['KVM on s390x', { sysinfo: S390_KVM }, 'kvm'],
  ['a partition of a mainframe', { sysinfo: 'Manufacturer: IBM\n' }, 'none'],
])('%s', (_, signs, expected) => {
  expect(detectVirtualization({ ...BARE, ...signs })).toBe(expected);
});
