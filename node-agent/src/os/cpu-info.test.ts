import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { countCpuList, parseCpuInfo, parseVulnerability, withTopology } from './cpu-info.ts';

const S390X = `vendor_id       : IBM/S390
# processors    : 4
bogomips per cpu: 21881.00
max thread id   : 0
features	: esan3 zarch stfle msa ldisp eimm dfp
processor 0: version = FF,  identification = 0133E8,  machine = 8561
processor 1: version = FF,  identification = 0133E8,  machine = 8561

cpu number      : 0
physical id     : 1
core id         : 0
cpu number      : 1
physical id     : 1
core id         : 1
`;

const POWER = `processor	: 0
cpu		: POWER9 (architected), altivec supported
clock		: 2250.000000MHz
revision	: 2.2 (pvr 004e 1202)

timebase	: 512000000
platform	: pSeries
`;

describe('parseCpuInfo', () => {
  it('counts sockets, cores and threads of x86', async () => {
    const text = await fixtureHost('rhel-9').readText('/proc/cpuinfo');
    expect(parseCpuInfo(text)).toEqual({
      model: 'Intel(R) Xeon(R) Gold 5318Y CPU @ 2.10GHz',
      sockets: 2,
      cores: 4,
      threads: 8,
      microcode: '0xd0003d1',
      isVirtual: false,
    });
  });

  it('reads s390x, which numbers processors in the key', () => {
    expect(parseCpuInfo(S390X)).toMatchObject({ model: 'IBM/S390 8561', threads: 4, cores: 2, isVirtual: null });
  });

  it('reads POWER, which says "cpu"', () => {
    expect(parseCpuInfo(POWER)).toMatchObject({
      model: 'POWER9 (architected), altivec supported',
      threads: 1,
      sockets: null,
    });
  });

  it('names an Arm part it does not know by its numbers', () => {
    const text = 'processor\t: 0\nCPU implementer\t: 0x99\nCPU part\t: 0xabc\n';
    expect(parseCpuInfo(text).model).toBe('implementer 0x99 part 0xabc');
  });

  it('says null, never zero, of an empty file', () => {
    expect(parseCpuInfo('')).toEqual({
      model: null,
      sockets: null,
      cores: null,
      threads: null,
      microcode: null,
      isVirtual: null,
    });
  });

  it('never throws and never counts below one', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('processor : 1', 'physical id : 0', 'core id : 3', '', '# processors : x', 'flags : hypervisor'),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { sockets, cores, threads } = parseCpuInfo(lines.join('\n'));
        for (const count of [sockets, cores, threads]) expect(count === null || count > 0).toBe(true);
      }),
    );
  });
});

describe('topology', () => {
  it.each([
    ['0-3,8', 5],
    ['0', 1],
    ['0-127', 128],
    ['', null],
    ['a-b', null],
    ['5-3', null],
  ])('cpulist %j has %s', (list, count) => {
    expect(countCpuList(list)).toBe(count);
  });

  it('leaves null what does not divide', () => {
    const info = { ...parseCpuInfo(''), threads: 6 };
    expect(withTopology(info, '0-1', '0-3')).toMatchObject({ cores: 3, sockets: null });
  });
});

describe('parseVulnerability', () => {
  it.each([
    ['Not affected', null],
    ['', null],
    ['Vulnerable', true],
    ['Vulnerable: No microcode', true],
    ['KVM: Vulnerable', true],
    ['Processor vulnerable', true],
    ['Mitigation: Clear CPU buffers; SMT vulnerable', false],
    ['Mitigation: Retpolines; BHI: Vulnerable', true],
    ['Unknown: No mitigations', false],
  ])('%j: vulnerable %s', (status, vulnerable) => {
    expect(parseVulnerability('x', status)?.vulnerable ?? null).toBe(vulnerable);
  });
});
