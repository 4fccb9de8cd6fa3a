import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newerKernel } from './kernel-release.ts';

it.each([
  ['Debian', '6.1.0-9-amd64', ['6.1.0-9-amd64', '6.1.0-28-amd64', '6.1.0-10-amd64'], '6.1.0-28-amd64'],
  ['Debian, cloud kernel beside the plain one', '6.1.0-9-amd64', ['6.1.0-28-cloud-amd64'], null],
  ['Debian 13', '6.12.9+deb13-amd64', ['6.12.9+deb13+1-amd64'], '6.12.9+deb13+1-amd64'],
  ['Ubuntu, two flavours', '6.8.0-45-generic', ['6.8.0-45-generic', '6.8.0-47-lowlatency'], null],
  ['Ubuntu, older left behind', '6.8.0-47-generic', ['6.8.0-45-generic', '6.8.0-47-generic'], null],
  ['RHEL, first z-stream', '5.14.0-427.el9.x86_64', ['5.14.0-427.5.1.el9_4.x86_64'], '5.14.0-427.5.1.el9_4.x86_64'],
  [
    'RHEL, next minor',
    '5.14.0-427.13.1.el9_4.x86_64',
    ['5.14.0-503.11.1.el9_5.x86_64'],
    '5.14.0-503.11.1.el9_5.x86_64',
  ],
  ['RHEL, real-time and 64k kernels', '5.14.0-427.13.1.el9_4.aarch64', ['5.14.0-503.11.1.el9_5.aarch64+64k'], null],
  ['Oracle, UEK beside RHCK', '5.14.0-427.13.1.el9_4.x86_64', ['5.15.0-209.161.7.2.el9uek.x86_64'], null],
  ['Fedora, next release', '6.9.7-200.fc39.x86_64', ['6.9.9-200.fc40.x86_64'], '6.9.9-200.fc40.x86_64'],
  ['SUSE', '6.4.0-150600.23.22-default', ['6.4.0-150600.23.25-default'], '6.4.0-150600.23.25-default'],
  ['Alpine', '6.6.54-0-virt', ['6.6.56-0-virt', '6.6.58-0-lts'], '6.6.56-0-virt'],
  ['Arch', '6.9.7-arch1-1', ['6.9.7-arch1-2', '6.9.6-zen1-1-zen'], '6.9.7-arch1-2'],
  ['Raspberry Pi, kernels for two boards', '6.6.31+rpt-rpi-v8', ['6.6.31+rpt-rpi-2712', '6.6.31+rpt-rpi-v9'], null],
  ['Proxmox', '6.8.8-2-pve', ['6.8.12-1-pve'], '6.8.12-1-pve'],
  ['a kernel of nobody', '6.18.44-fc-v595', ['6.1.0-28-amd64', '7.0.0-generic'], null],
])('%s: %s with %j', (_, running, installed, newer) => {
  expect(newerKernel(running, installed)).toBe(newer);
});

it('never finds the running kernel newer than itself, whatever its name', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (running, others) => {
      expect(newerKernel(running, [running])).toBeNull();
      const found = newerKernel(running, others);
      expect(found === null || others.includes(found)).toBe(true);
    }),
  );
});
