import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { MemoryFacts } from '@telemcp/shared/facts/memory';
import type { Cell, Table } from '../../answer.ts';
import { briefText } from '../../brief-text.ts';
import { showBytes } from '../../format-bytes.ts';
import { showShare } from '../../format-ratio.ts';
import { defineFamilyView, propertyTable } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { lastMinute, median, pressureGap, showPressure, withoutEmptyColumns } from '../pressure-cells.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

/** Nodes shown of a fleet: the rest has more room than these. */
const NODES = 8;
/** Who was killed most; the rest with a filter. */
const KILLED = 3;
/** Less than a twentieth left: the kernel gives up what programs need. */
const USED = 0.95;

/** The `memory` family: what is left, who waits for it, who was killed, and what cannot be trusted. */
export const memoryView = defineFamilyView<MemoryFacts>({
  schema: AgentAnswer.extend(envelopeOf(MemoryFacts).shape),
  one: ({ data }, all) => {
    const { memoryPressure, ioPressure, swap, paging, hungTasks } = data;
    return {
      summary: [usedWords(data), swapWords(data), killWords(data)].filter((part) => part !== null).join(', '),
      tables: [
        propertyTable([
          ['available', data.availableBytes === null ? null : showBytes(data.availableBytes)],
          ['stalled', showPressure(memoryPressure?.full) ?? pressureGap(data.pressureState)],
          ['ioStalled', showPressure(ioPressure?.full)],
          ['paging', paging && (all || isPaging(paging)) ? pagingWords(paging) : null],
          ['swapUsed', swap.usedBytes === null || swap.totalBytes === 0 ? null : showBytes(swap.usedBytes)],
          ['hungTasks', all || (hungTasks ?? 0) > 0 ? hungTasks : null],
          ['memoryErrors', errorWords(data, all)],
          ['programs', size(data.anonymousBytes)],
          [
            'cache',
            words(size(data.cachedBytes), labelled('buffers', data.buffersBytes), labelled('shared', data.sharedBytes)),
          ],
          ['toWrite', words(labelled('dirty', data.dirtyBytes), labelled('being written', data.writebackBytes))],
          [
            'slab',
            words(
              labelled('reclaimable', data.slabReclaimableBytes),
              labelled('unreclaimable', data.slabUnreclaimableBytes),
            ),
          ],
          ['committed', words(size(data.committedBytes), labelled('limit', data.commitLimitBytes))],
          ['hugepages', hugepageWords(data)],
          ...(all ? ([['free', size(data.freeBytes)]] as const) : []),
        ]),
        ...killedTable(data, all),
      ],
    };
  },
  fleet: ({ looks }, all) => {
    const values = (read: (data: MemoryFacts) => string | null) =>
      looks.map(({ node, data }) => ({ node, value: read(data) }));
    return {
      summary: fleetWords(looks),
      tables: withRollUp(
        nodesTable(looks, all),
        rollUpTable([
          ['total', values((data) => showBytes(data.totalBytes))],
          ['swapTotal', values(({ swap }) => (swap.totalBytes === 0 ? 'none' : size(swap.totalBytes)))],
          [
            'hugepages',
            values(({ hugepages }) => (hugepages?.reservedBytes == null ? null : showBytes(hugepages.reservedBytes))),
          ],
          ['pressureMeasured', values((data) => pressureGap(data.pressureState) ?? 'yes')],
        ]),
      ),
    };
  },
});

/** Worst first: by who waits for memory, is short of it, or had programs killed just now. */
function nodesTable(looks: readonly Look<MemoryFacts>[], all: boolean): Table {
  const rows = looks
    .toSorted((a, b) => strain(b.data) - strain(a.data))
    .map(({ node, data }): Cell[] => [
      node,
      data.usedRatio === null ? null : showShare(data.usedRatio),
      size(data.availableBytes),
      lastMinute(data.memoryPressure?.full),
      lastMinute(data.ioPressure?.full),
      data.swap.totalBytes === 0 ? null : size(data.swap.usedBytes),
      data.oomKills.sinceBoot,
      looks.some((look) => (look.data.hungTasks ?? 0) > 0) ? data.hungTasks : null,
      looks.some((look) => errors(look.data) > 0) ? data.memoryControllers && errors(data) : null,
    ]);
  const columns = [
    'node',
    'used',
    'available',
    'stalled',
    'ioStalled',
    'swapUsed',
    'oomKills',
    'hungTasks',
    'memoryErrors',
  ];
  return withoutEmptyColumns({ name: 'nodes', columns, rows, ...(all ? {} : { limit: NODES }) });
}

function strain({ usedRatio, memoryPressure, ioPressure, oomKills, memoryControllers }: MemoryFacts): number {
  const isBroken = (memoryControllers ?? []).some(({ uncorrectedErrors }) => (uncorrectedErrors ?? 0) > 0);
  const stalled = (memoryPressure?.full?.avg60Ratio ?? 0) * 5 + (ioPressure?.full?.avg60Ratio ?? 0);
  const killed = (oomKills.duringInterval ?? 0) > 0 ? 1 : (oomKills.sinceBoot ?? 0) > 0 ? 0.05 : 0;
  return (isBroken ? 10 : 0) + stalled + killed + ((usedRatio ?? 0) >= USED ? 2 : (usedRatio ?? 0));
}

function fleetWords(looks: readonly Look<MemoryFacts>[]): string {
  const used = looks.map(({ data }) => data.usedRatio);
  const middle = median(used);
  const known = used.filter((value) => value !== null);
  const killed = looks.filter(({ data }) => (data.oomKills.sinceBoot ?? 0) > 0);
  const kills = killed.reduce((sum, { data }) => sum + (data.oomKills.sinceBoot ?? 0), 0);
  const unsure = looks.filter(({ data }) => data.oomKills.sinceBoot === null).length;
  const parts = [
    middle === null ? 'use not known' : `used: median ${showShare(middle)}, most ${showShare(Math.max(...known))}`,
    killed.length > 0
      ? `${kills} OOM kills since boot on ${killed.length}`
      : unsure < looks.length
        ? 'no OOM kills since boot'
        : null,
    unsure === 0 ? null : `OOM kills not known on ${unsure}`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function usedWords({ totalBytes, usedRatio }: MemoryFacts): string {
  const total = showBytes(totalBytes);
  return usedRatio === null ? `${total}, use not known` : `${showShare(usedRatio)} of ${total} used`;
}

function swapWords({ swap: { totalBytes, usedBytes } }: MemoryFacts): string | null {
  if (totalBytes === 0) return 'no swap';
  if (totalBytes === null || usedBytes === null) return null;
  return `${showShare(usedBytes / totalBytes)} of ${showBytes(totalBytes)} swap`;
}

function killWords({ oomKills: { sinceBoot, duringInterval }, paging }: MemoryFacts): string {
  if (sinceBoot === null) return 'OOM kills not known';
  const recent =
    (duringInterval ?? 0) > 0 ? ` (${duringInterval} in the last ${Math.round(paging?.intervalSeconds ?? 0)}s)` : '';
  return sinceBoot === 0 ? 'no OOM kills' : `${sinceBoot} OOM kills since boot${recent}`;
}

/** Who had programs killed, worst first, and what each slice counts with those that are gone. */
function killedTable({ oomKills: { slices, cgroups } }: MemoryFacts, all: boolean): Table[] {
  if (cgroups === null || slices === null || slices.every(({ oomKills }) => oomKills === 0)) return [];
  const rows = cgroups.map(({ path, podUid, oomKills }): Cell[] => [
    podUid === null ? briefText(path, 120) : `pod ${briefText(podUid, 40)}`,
    oomKills,
  ]);
  const common = Object.fromEntries(slices.map(({ path, oomKills }) => [briefText(path, 80), oomKills]));
  return [{ name: 'oomKilled', common, columns: ['cgroup', 'kills'], rows, ...(all ? {} : { limit: KILLED }) }];
}

type Paging = NonNullable<MemoryFacts['paging']>;

function isPaging({ swapInBytesPerSecond, swapOutBytesPerSecond, majorFaultsPerSecond }: Paging): boolean {
  return (swapInBytesPerSecond ?? 0) + (swapOutBytesPerSecond ?? 0) > 0 || (majorFaultsPerSecond ?? 0) >= 1;
}

function pagingWords(paging: Paging): string | null {
  const rate = (label: string, bytes: number | null) => (bytes === null ? null : `${label} ${showBytes(bytes)}/s`);
  const faults = paging.majorFaultsPerSecond;
  return words(
    rate('swap in', paging.swapInBytesPerSecond),
    rate('out', paging.swapOutBytesPerSecond),
    faults === null ? null : `${Math.round(faults)} major faults/s`,
  );
}

function errors({ memoryControllers }: MemoryFacts): number {
  return (memoryControllers ?? []).reduce(
    (sum, { correctedErrors, uncorrectedErrors }) => sum + (correctedErrors ?? 0) + (uncorrectedErrors ?? 0),
    0,
  );
}

function errorWords({ memoryControllers }: MemoryFacts, all: boolean): string | null {
  const told = (memoryControllers ?? [])
    .filter((found) => all || (found.correctedErrors ?? 0) + (found.uncorrectedErrors ?? 0) > 0)
    .toSorted((a, b) => (b.uncorrectedErrors ?? 0) - (a.uncorrectedErrors ?? 0))
    .map(
      ({ controller, name, correctedErrors, uncorrectedErrors }) =>
        `${briefText(controller, 20)}${name === null ? '' : ` ${briefText(name, 40)}`}: ${uncorrectedErrors ?? 'unknown'} uncorrected, ${correctedErrors ?? 'unknown'} corrected`,
    );
  return told.length === 0 ? null : told.slice(0, all ? 32 : 4).join('; ');
}

function hugepageWords({ hugepages }: MemoryFacts): string | null {
  if (hugepages === null || (hugepages.total === 0 && !hugepages.reservedBytes)) return null;
  const each = hugepages.sizeBytes === null ? '' : ` of ${showBytes(hugepages.sizeBytes)}`;
  return words(`${hugepages.free} free of ${hugepages.total}${each}`, labelled('all sizes', hugepages.reservedBytes));
}

function size(bytes: number | null): string | null {
  return bytes === null ? null : showBytes(bytes);
}

function labelled(label: string, bytes: number | null): string | null {
  return bytes === null ? null : `${label} ${showBytes(bytes)}`;
}

function words(...parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(', ');
}
