import type { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { Finding } from '../findings.ts';

/** Half of the last five minutes somebody waited for a processor: answers are late by then, whatever the load says. */
const PRESSURE = 0.5;
/** Where pressure is not measured: twice as many tasks as processors for a quarter of an hour is no passing peak. */
const LOAD_PER_CPU = 2;
/** From here on what a virtual machine is sold as is not what it gets. */
const STEAL = 0.1;
/** One processor all but taken up by interrupts drops packets while the others idle. */
const SOFTIRQ = 0.8;
/** Where the zone does not say when it switches off: processors slow down at 95 to 105 °C. */
const HOT_CELSIUS = 90;
const CRITICAL_MARGIN_CELSIUS = 5;
/** A firmware or an operator that holds the clock below this much of what the hardware can do. */
const HELD_DOWN = 0.6;

/** What of the processors wants attention. */
export function cpuFindings(facts: CpuFacts): Finding[] {
  const { usage, load, pressure, frequency } = facts;
  const finding = (severity: Finding['severity'], subject: string, text: string): Finding[] => [
    { severity, kind: 'cpu', subject, text },
  ];
  const waiting = pressure?.some?.avg300Ratio ?? null;
  const perCpu = load?.fifteenPerCpu ?? 0;
  const busiest = usage?.busiestCpu ?? null;
  const isHeld =
    frequency?.limitMhz != null && frequency.maxMhz !== null && frequency.limitMhz < frequency.maxMhz * HELD_DOWN;
  return [
    ...heat(facts.temperature),
    ...(waiting !== null && waiting >= PRESSURE
      ? finding('warning', 'pressure', `tasks waited for a processor in ${percent(waiting)} of the last 5 min`)
      : []),
    ...(waiting === null && perCpu >= LOAD_PER_CPU
      ? finding('warning', 'load', `${load?.fifteen} over 15 min on ${facts.logicalCpus} cpu, ${perCpu} for each`)
      : []),
    ...(usage !== null && usage.stealRatio >= STEAL
      ? finding(
          'warning',
          'steal',
          `the hypervisor gave ${percent(usage.stealRatio)} to others, over ${usage.intervalSeconds} s`,
        )
      : []),
    ...(busiest !== null && busiest.softirqRatio >= SOFTIRQ
      ? finding(
          'warning',
          `cpu${busiest.cpu}`,
          `${percent(busiest.softirqRatio)} of its time in network and other soft interrupts`,
        )
      : []),
    ...(isHeld
      ? finding(
          'note',
          'frequency',
          `held at ${frequency?.limitMhz} MHz of ${frequency?.maxMhz} by an operator or the firmware`,
        )
      : []),
  ];
}

function heat(temperature: CpuFacts['temperature']): Finding[] {
  if (temperature === null) return [];
  const { celsius, zone, criticalCelsius } = temperature;
  const finding = { kind: 'cpu', subject: zone };
  if (criticalCelsius !== null && celsius >= criticalCelsius - CRITICAL_MARGIN_CELSIUS)
    return [
      { severity: 'critical', ...finding, text: `${celsius} °C, the host switches off at ${criticalCelsius} °C` },
    ];
  return celsius >= HOT_CELSIUS ? [{ severity: 'warning', ...finding, text: `${celsius} °C` }] : [];
}

/** The family in one line. */
export function cpuSummary({ logicalCpus, load, usage, pressure, temperature, frequency }: CpuFacts): string {
  const parts = [
    logicalCpus === null ? null : `${logicalCpus} cpu`,
    usage === null ? 'use not known' : `${percent(usage.busyRatio)} busy over ${usage.intervalSeconds} s`,
    usage === null || usage.iowaitRatio < 0.01 ? null : `iowait ${percent(usage.iowaitRatio)}`,
    usage === null || usage.stealRatio < 0.01 ? null : `steal ${percent(usage.stealRatio)}`,
    load === null ? null : `load ${load.one} ${load.five} ${load.fifteen}`,
    pressure?.some == null ? null : `pressure ${percent(pressure.some.avg60Ratio)}`,
    frequency?.currentMhz == null ? null : `${(frequency.currentMhz / 1000).toFixed(1)} GHz`,
    temperature === null ? null : `${temperature.celsius} °C`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** A ratio as `7%`, below ten in a hundred as `7.3%`. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value >= 9.95 || value === 0 ? Math.round(value) : value.toFixed(1)}%`;
}
