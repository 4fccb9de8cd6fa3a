import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import { describe, expect, it } from 'vitest';
import { SAMPLE_CPU } from '../../test/sample-pressure.ts';
import { cpuFindings, cpuSummary, percent } from './cpu-view.ts';

const USAGE = { ...SAMPLE_CPU.usage, intervalSeconds: 15, busyRatio: 0.99, userRatio: 0.9, systemRatio: 0.05 };
const usageWith = (stealRatio: number, softirqRatio: number): CpuFacts['usage'] => ({
  ...USAGE,
  iowaitRatio: 0,
  softirqRatio: 0,
  stealRatio,
  busiestCpu: { cpu: 5, busyRatio: 1, softirqRatio },
});
const waiting = (avg300Ratio: number): CpuFacts['pressure'] => ({
  some: { avg10Ratio: 0.9, avg60Ratio: 0.9, avg300Ratio, totalSeconds: 1 },
  full: null,
});
const load = { one: 9, five: 9, fifteen: 4.2, onePerCpu: 4.5, fivePerCpu: 4.5, fifteenPerCpu: 2.1 };
const heat = (celsius: number, criticalCelsius: number | null) => ({ celsius, zone: 'x86_pkg_temp', criticalCelsius });

describe('cpuFindings', () => {
  it.each<[string, Partial<CpuFacts>, string | null]>([
    ['busy, but nobody waits', { usage: usageWith(0.05, 0.1), load }, null],
    [
      'tasks wait',
      { pressure: waiting(0.55) },
      'warning pressure tasks waited for a processor in 55% of the last 5 min',
    ],
    ['a passing peak', { pressure: waiting(0.4) }, null],
    ['load, pressure not measured', { pressure: null, load }, 'warning load 4.2 over 15 min on 2 cpu, 2.1 for each'],
    ['steal', { usage: usageWith(0.23, 0) }, 'warning steal the hypervisor gave 23% to others, over 15 s'],
    [
      'one processor full of interrupts',
      { usage: usageWith(0, 0.85) },
      'warning cpu5 85% of its time in network and other soft interrupts',
    ],
    ['nearly off', { temperature: heat(97, 100) }, 'critical x86_pkg_temp 97 °C, the host switches off at 100 °C'],
    ['hot, limit not known', { temperature: heat(91, null) }, 'warning x86_pkg_temp 91 °C'],
    ['warm', { temperature: heat(71, 100) }, null],
    [
      'held down',
      { frequency: { currentMhz: 1200, maxMhz: 3400, limitMhz: 1800, governor: 'powersave' } },
      'note frequency held at 1800 MHz of 3400 by an operator or the firmware',
    ],
    ['without turbo', { frequency: { currentMhz: 2100, maxMhz: 3400, limitMhz: 2100, governor: 'powersave' } }, null],
  ])('%s', (_, change, text) => {
    const found = cpuFindings({ ...SAMPLE_CPU, ...change }).map(
      (each) => `${each.severity} ${each.subject} ${each.text}`,
    );
    expect(found).toEqual(text === null ? [] : [text]);
  });
});

it('cpuSummary says what it does not know', () => {
  expect(cpuSummary({ ...SAMPLE_CPU, logicalCpus: null, usage: null, load: null, pressure: null })).toBe(
    'use not known',
  );
  const full = { ...SAMPLE_CPU, usage: usageWith(0.123, 0), temperature: heat(71, null) };
  expect(cpuSummary(full)).toBe('2 cpu, 99% busy over 15 s, steal 12%, load 0.5 0.42 0.31, pressure 0%, 71 °C');
});

it.each([
  [0, '0%'],
  [0.0042, '0.4%'],
  [0.0999, '10%'],
  [0.994, '99%'],
  [1, '100%'],
])('%d is %s', (ratio, text) => {
  expect(percent(ratio)).toBe(text);
});
