import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { CpuFacts } from '@telemcp/shared/facts/cpu';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf } from '../../brief-text.ts';
import { showMhz, showShare } from '../../format-ratio.ts';
import { defineFamilyView, propertyTable } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { lastMinute, median, pressureGap, showPressure, withoutEmptyColumns } from '../pressure-cells.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

/** Nodes shown of a fleet: the rest has more room than these. */
const NODES = 8;
/** Half the time somebody waits: late answers are felt by then. Steal above a tenth: the machine is not what was bought. */
const WAITING = 0.5;
const STOLEN = 0.1;

/** The `cpu` family: how busy, who waits, and what slows the processors down. */
export const cpuView = defineFamilyView<CpuFacts>({
  schema: AgentAnswer.extend(envelopeOf(CpuFacts).shape),
  one: ({ data }, all) => {
    const { load, usage, pressure, throttles, temperature, interruptPressure } = data;
    const cpus = data.logicalCpus === null ? null : countOf(data.logicalCpus, 'cpu');
    return {
      summary: [
        busyWords(data),
        pressure?.some == null ? null : `tasks waited ${lastMinute(pressure.some)} of the last minute`,
        (usage?.stealRatio ?? 0) >= STOLEN ? `steal ${showShare(usage?.stealRatio ?? 0)}` : null,
        cpus,
      ]
        .filter((part) => part !== null)
        .join(', '),
      tables: [
        propertyTable([
          ['load', load && `${load.one} ${load.five} ${load.fifteen} (1m 5m 15m)${perCpu(load.fivePerCpu)}`],
          ['use', usage && useWords(usage)],
          ['busiest', usage?.busiestCpu ? busiestWords(usage.busiestCpu) : null],
          ['waiting', showPressure(pressure?.some) ?? pressureGap(data.pressureState)],
          ['interrupted', all || (interruptPressure?.avg60Ratio ?? 0) >= 0.01 ? showPressure(interruptPressure) : null],
          ['tasks', words(numbered(data.tasksRunning, 'running'), numbered(data.tasksBlocked, 'blocked'))],
          ['frequency', frequencyWords(data)],
          ['temperature', temperature && heatWords(temperature)],
          [
            'throttled',
            throttles && (throttles.count > 0 || all)
              ? words(
                  `${throttles.count} times since boot`,
                  throttles.seconds === null ? null : `${throttles.seconds}s`,
                )
              : null,
          ],
        ]),
      ],
    };
  },
  fleet: ({ looks }, all) => {
    const values = (read: (data: CpuFacts) => string | number | null | undefined) =>
      looks.map(({ node, data }) => {
        const value = read(data) ?? null;
        return { node, value: value === null ? null : String(value) };
      });
    return {
      summary: fleetWords(looks),
      tables: withRollUp(
        nodesTable(looks, all),
        rollUpTable([
          ['cpus', values((data) => data.logicalCpus)],
          ['governor', values((data) => data.frequency?.governor)],
          ['maxFrequency', values((data) => data.frequency?.maxMhz && showMhz(data.frequency.maxMhz))],
          ['pressureMeasured', values((data) => pressureGap(data.pressureState) ?? 'yes')],
        ]),
      ),
    };
  },
});

/** Worst first: by who waits most where that is measured, else by how busy or overloaded the node is. */
function nodesTable(looks: readonly Look<CpuFacts>[], all: boolean): Table {
  const rows = looks
    .toSorted((a, b) => strain(b.data) - strain(a.data))
    .map(({ node, data: { usage, load, pressure, temperature, throttles } }): Cell[] => [
      node,
      usage && showShare(usage.busyRatio),
      lastMinute(pressure?.some),
      load?.fivePerCpu ?? load?.five ?? null,
      usage && showShare(usage.iowaitRatio),
      usage && showShare(usage.stealRatio),
      temperature && `${Math.round(temperature.celsius)}C`,
      throttles?.count ?? null,
    ]);
  const columns = ['node', 'busy', 'waiting', 'load5/cpu', 'iowait', 'steal', 'heat', 'throttles'];
  return withoutEmptyColumns({ name: 'nodes', columns, rows, ...(all ? {} : { limit: NODES }) });
}

function strain({ usage, load, pressure, temperature }: CpuFacts): number {
  const { criticalCelsius = null, celsius = 0 } = temperature ?? {};
  // A node that is about to switch off comes before all.
  const isHot = criticalCelsius !== null && celsius >= criticalCelsius - 5;
  const steal = usage === null || usage.stealRatio < STOLEN ? 0 : 0.5 + usage.stealRatio;
  const waiting = pressure?.some?.avg60Ratio ?? Math.min(1, (load?.fivePerCpu ?? 0) / 4);
  return (isHot ? 10 : 0) + waiting + steal + (usage?.busyRatio ?? 0) / 2;
}

function fleetWords(looks: readonly Look<CpuFacts>[]): string {
  const busy = looks.map(({ data }) => data.usage?.busyRatio ?? null);
  const middle = median(busy);
  const known = busy.filter((value) => value !== null);
  const waiting = looks.filter(({ data }) => (data.pressure?.some?.avg60Ratio ?? 0) >= WAITING).length;
  const stolen = looks.filter(({ data }) => (data.usage?.stealRatio ?? 0) >= STOLEN).length;
  const parts = [
    middle === null ? 'use not known' : `busy: median ${showShare(middle)}, most ${showShare(Math.max(...known))}`,
    known.length < looks.length && middle !== null ? `not known on ${looks.length - known.length}` : null,
    waiting === 0 ? null : `tasks wait half the time on ${waiting}`,
    stolen === 0 ? null : `steal above ${showShare(STOLEN)} on ${stolen}`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function busyWords({ usage }: CpuFacts): string {
  return usage === null ? 'use not known' : `${showShare(usage.busyRatio)} busy over ${span(usage.intervalSeconds)}`;
}

function useWords(usage: NonNullable<CpuFacts['usage']>): string {
  const share = (name: string, ratio: number) => (ratio < 0.005 ? null : `${name} ${showShare(ratio)}`);
  return (
    words(
      share('user', usage.userRatio),
      share('system', usage.systemRatio),
      share('softirq', usage.softirqRatio),
      share('steal', usage.stealRatio),
      share('iowait', usage.iowaitRatio),
    ) ?? 'idle'
  );
}

function busiestWords({
  cpu,
  busyRatio,
  softirqRatio,
}: NonNullable<NonNullable<CpuFacts['usage']>['busiestCpu']>): string {
  return `cpu${cpu} ${showShare(busyRatio)}${softirqRatio >= 0.1 ? `, softirq ${showShare(softirqRatio)}` : ''}`;
}

function frequencyWords({ frequency }: CpuFacts): string | null {
  if (frequency === null) return null;
  const { currentMhz, maxMhz, limitMhz, governor } = frequency;
  return words(
    currentMhz === null ? null : showMhz(currentMhz),
    maxMhz === null ? null : `max ${showMhz(maxMhz)}`,
    limitMhz === null || limitMhz === maxMhz ? null : `held at ${showMhz(limitMhz)}`,
    governor === null ? null : `governor ${governor}`,
  );
}

function heatWords({ celsius, zone, criticalCelsius }: NonNullable<CpuFacts['temperature']>): string {
  return `${celsius}C ${briefText(zone, 40)}${criticalCelsius === null ? '' : `, critical ${criticalCelsius}C`}`;
}

function perCpu(load: number | null): string {
  return load === null ? '' : `, 5m per cpu ${load}`;
}

function numbered(count: number | null, what: string): string | null {
  return count === null ? null : `${count} ${what}`;
}

function span(seconds: number): string {
  return `${seconds < 10 ? Number(seconds.toFixed(2)) : Math.round(seconds)}s`;
}

function words(...parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(', ');
}
