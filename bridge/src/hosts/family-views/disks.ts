import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { type Disk, DiskFacts, type NvmeController } from '@telemcp/shared/facts/disks';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { showBytes } from '../../format-bytes.ts';
import { showOffset } from '../../format-time.ts';
import { defineFamilyView } from '../family-view.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

const ROWS = 12;
const FLEET_ROWS = 6;
/** Busy all the time is a bottleneck only when requests wait: a sound disk answers within some 20 ms. */
const BUSY_RATIO = 0.95;
const SLOW_MS = 100;
const SOUND_STATES = ['running', 'live', 'active', 'created'];

/** The `disks` family: failed, failing and slow ones first, then the busiest. */
export const disksView = defineFamilyView<DiskFacts>({
  schema: AgentAnswer.extend(envelopeOf(DiskFacts).shape),
  one: ({ data, total }, all) => {
    const { disks, nvmeControllers, intervalSeconds } = data;
    const troubles = troublesOf(data);
    const shown = all ? disks : disks.filter((disk) => disk.sizeBytes !== 0);
    const rows = shown.map((disk): Cell[] => [
      nameOf(disk),
      disk.sizeBytes === null ? null : showBytes(disk.sizeBytes),
      disk.rates === null ? null : `${Math.round(disk.rates.utilizationRatio * 100)}%`,
      rate(disk.rates?.readBytesPerSecond),
      rate(disk.rates?.writtenBytesPerSecond),
      disk.rates?.averageWaitMs == null ? null : showOffset(disk.rates.averageWaitMs / 1000),
      diskTrouble(disk) ?? (all ? disk.state : null),
      disk.model === null ? null : briefText(disk.model, 60),
    ]);
    const window =
      intervalSeconds === null ? 'rates from the next look on' : `rates over ${Math.round(intervalSeconds)}s`;
    const table: Table = {
      columns: ['disk', 'size', 'busy', 'read/s', 'written/s', 'wait', 'trouble', 'model'],
      rows,
      total: (total ?? disks.length) - disks.length + rows.length,
      ...(all ? {} : { limit: ROWS }),
    };
    return {
      summary: `${countOf(total ?? disks.length, 'disk')}, ${troubles.length === 0 ? 'none' : troubles.length} in trouble; ${window}`,
      tables: nvmeControllers.length === 0 ? [table] : [{ ...table, name: 'disks' }, nvmeTable(nvmeControllers)],
    };
  },
  fleet: ({ looks }, all) => {
    const values = (read: (data: DiskFacts) => string | null) =>
      looks.map(({ node, data }) => ({ node, value: read(data) }));
    const found = looks.flatMap(({ node, data }) => troublesOf(data).map((trouble) => ({ node, ...trouble })));
    const every = looks.flatMap(({ node, data }) => data.disks.map((disk) => ({ node, disk })));
    const quiet = all ? every.filter(({ disk }) => diskTrouble(disk) === null) : [];
    const rows = [
      ...found.map(({ node, name, text, busy }): Cell[] => [node, name, busy, text]),
      ...quiet.map(({ node, disk }): Cell[] => [node, nameOf(disk), busyOf(disk), disk.state]),
    ];
    const busiest = every
      .filter(({ disk }) => disk.rates !== null && diskTrouble(disk) === null)
      .toSorted((a, b) => (b.disk.rates?.utilizationRatio ?? 0) - (a.disk.rates?.utilizationRatio ?? 0))
      .slice(0, 3)
      .map(({ node, disk }) => `${node} ${nameOf(disk)} ${busyOf(disk)}`);
    const nodes = new Set(found.map(({ node }) => node)).size;
    const troubled = found.length === 0 ? 'none in trouble' : `${found.length} in trouble on ${countOf(nodes, 'node')}`;
    const main: Table = {
      name: 'disks',
      columns: ['node', 'disk', 'busy', 'trouble'],
      rows,
      ...(all ? {} : { limit: FLEET_ROWS }),
    };
    return {
      summary: `${countOf(every.length, 'disk')} on ${countOf(looks.length, 'node')}, ${troubled}`,
      tables: withRollUp(
        main,
        rollUpTable([
          ['disks', values(disksOf)],
          ['firmware', values(firmwareOf)],
        ]),
      ),
      notes: busiest.length === 0 ? [] : [`busiest of the others: ${listNames(busiest, 3)}`],
    };
  },
});

function nvmeTable(controllers: readonly NvmeController[]): Table {
  const rows = controllers.map((controller): Cell[] => [
    controller.name,
    controller.state,
    celsius(controller.temperatureCelsius),
    celsius(controller.criticalCelsius),
    controller.firmware === null ? null : briefText(controller.firmware, 20),
    controller.transport,
  ]);
  return { name: 'nvme', columns: ['controller', 'state', 'temperature', 'critical', 'firmware', 'transport'], rows };
}

interface Trouble {
  name: string;
  text: string;
  busy: string | null;
}

function troublesOf({ disks, nvmeControllers }: DiskFacts): Trouble[] {
  const ofDisks = disks.flatMap((disk) => {
    const text = diskTrouble(disk);
    return text === null ? [] : [{ name: nameOf(disk), text, busy: busyOf(disk) }];
  });
  const ofControllers = nvmeControllers.flatMap(({ name, state, temperatureCelsius, criticalCelsius }) => {
    if (state !== null && state !== 'live') return [{ name, text: `is ${briefText(state, 40)}`, busy: null }];
    const isHot = temperatureCelsius !== null && criticalCelsius !== null && temperatureCelsius >= criticalCelsius - 5;
    if (!isHot || criticalCelsius === 0) return [];
    return [{ name, text: `${celsius(temperatureCelsius)}, critical from ${celsius(criticalCelsius)}`, busy: null }];
  });
  return [...ofControllers, ...ofDisks];
}

/** What is the matter with a disk; null when nothing is. */
function diskTrouble({ kind, state, raid, rates, counters }: Disk): string | null {
  const troubles: string[] = [];
  if (kind !== 'nvme' && state !== null && !SOUND_STATES.includes(state)) troubles.push(`is ${briefText(state, 40)}`);
  if (raid !== null && (raid.degraded ?? 0) > 0) {
    troubles.push(`degraded ${raid.level ?? 'array'}, ${raid.degraded} of ${raid.disks ?? '?'} missing`);
  }
  if (raid !== null && (raid.arrayState === 'broken' || raid.arrayState === 'inactive'))
    troubles.push(`is ${raid.arrayState}`);
  if (raid !== null && raid.syncAction !== null && raid.syncAction !== 'idle' && troubles.length > 0) {
    const progress = raid.syncProgressRatio === null ? '' : ` ${Math.floor(raid.syncProgressRatio * 100)}%`;
    troubles.push(`${briefText(raid.syncAction, 20)}${progress}`);
  }
  if ((rates?.ioErrors ?? 0) > 0) troubles.push(`${rates?.ioErrors} commands failed`);
  if (rates !== null && rates.utilizationRatio >= BUSY_RATIO) {
    if (rates.averageWaitMs === null && counters.inFlight > 0) troubles.push(`${counters.inFlight} requests stuck`);
    if (rates.averageWaitMs !== null && rates.averageWaitMs >= SLOW_MS) troubles.push('slow');
  }
  return troubles.length === 0 ? null : troubles.join(', ');
}

function nameOf({ name, mappedName }: Disk): string {
  return mappedName === null ? name : `${name} (${briefText(mappedName, 60)})`;
}

function busyOf({ rates }: Disk): string | null {
  return rates === null ? null : `${Math.round(rates.utilizationRatio * 100)}%`;
}

function disksOf({ disks }: DiskFacts): string {
  const kinds = Map.groupBy(disks, ({ kind }) => kind);
  return (
    [...kinds]
      .map(([kind, of]) => `${of.length} ${kind}`)
      .sort()
      .join(', ') || 'none'
  );
}

function firmwareOf({ nvmeControllers }: DiskFacts): string | null {
  const found = new Set(
    nvmeControllers.flatMap(({ model, firmware }) => (firmware === null ? [] : [`${model ?? '?'} ${firmware}`])),
  );
  return found.size === 0 ? null : briefText([...found].sort().join(', '), 120);
}

function rate(bytesPerSecond: number | undefined): string | null {
  return bytesPerSecond === undefined ? null : showBytes(bytesPerSecond);
}

function celsius(value: number | null): string | null {
  return value === null ? null : `${Math.round(value)}°C`;
}
