import type { Cell, NextCall, Table } from '../answer.ts';
import { briefText, countOf } from '../brief-text.ts';
import { showBytes } from '../format-bytes.ts';
import { inParallel } from '../kubernetes/in-parallel.ts';
import { aside } from '../promql/aside.ts';
import { layOutLabels } from '../promql/label-layout.ts';
import { shownLabel } from '../promql/secret-labels.ts';
import { labelOrder } from '../upstreams/label-set.ts';
import type { Loki, LokiWindow } from '../upstreams/loki.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import { emptyHints, noSuchLabel } from './empty-hints.ts';
import { exampleQueries } from './example-queries.ts';
import { exactly, outlineQuery } from './query-outline.ts';

/** What a table of labels, values or streams is made of. */
export interface Listing {
  summary: string;
  tables: Table[];
  notes: string[];
  next: NextCall[];
}

const PATIENCE_MS = 5000;
const VOLUMES = 1000;
const VALUES_SHOWN = 30;
const STREAMS_SHOWN = 20;
/** Labels whose values are counted; a Loki with more has ids among its labels. */
const COUNTED = 40;
const EXAMPLES = 3;
const LONGEST_EXAMPLE = 40;

/** Every label of the window with the number of its values and some of them, and queries of the logs of pods and of nodes. */
export async function listLabels(loki: Loki, window: LokiWindow, signal: AbortSignal): Promise<Listing> {
  const names = await loki.labels(window, signal);
  const counted = await inParallel(names.slice(0, COUNTED), 6, (name) => loki.labelValues(name, window, signal));
  const valuesOf = new Map(names.map((name, index) => [name, counted[index] ?? null]));
  return {
    summary: countOf(names.length, 'label'),
    tables: [labelTable(valuesOf)],
    notes: names.length > COUNTED ? [`values of the first ${COUNTED} labels are counted; label= shows others.`] : [],
    next: names.length === 0 ? [] : await exampleQueries(loki, valuesOf, window, signal),
  };
}

/** The streams of a selector, the largest first, and the labels that tell them apart. */
export async function listStreams(
  match: string,
  loki: Loki,
  window: LokiWindow,
  signal: AbortSignal,
): Promise<Listing> {
  const streams = await loki.series(match, window, signal);
  if (streams.length === 0) {
    const { notes } = await emptyHints(outlineQuery(match), window, {}, loki, signal);
    return { summary: 'no streams', tables: [], notes, next: [{ tool: 'loki.labels', arguments: {} }] };
  }
  const layout = layOutLabels(streams, streams);
  const varying = [...new Set(streams.flatMap((labels) => Object.keys(labels)))].filter(
    (name) => !(name in layout.common),
  );
  const sizes = await volumesOf(streams, match, loki, window, signal);
  const sized = streams
    .map((labels, index) => ({ labels, bytes: sizes[index] ?? null }))
    .sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || (labelOrder(a.labels) < labelOrder(b.labels) ? -1 : 1));
  const { last } = layout;
  const table: Table = {
    ...(streams.length > STREAMS_SHOWN ? { name: 'streams' } : {}),
    common: layout.common,
    columns: [...layout.columns, 'volume', ...(last === null ? [] : ['labels'])],
    rows: sized.map(({ labels, bytes }) => [
      ...layout.cells(labels),
      bytes === null ? null : showBytes(bytes),
      ...(last === null ? [] : [last(labels)]),
    ]),
    order: 'largest first',
    limit: STREAMS_SHOWN,
  };
  const values = new Map(
    varying.sort().map((name) => [name, [...new Set(streams.flatMap((each) => each[name] ?? []))].sort()]),
  );
  return {
    summary: countOf(streams.length, 'stream'),
    tables: [table, ...(streams.length > STREAMS_SHOWN ? [labelTable(values, 'labels that differ')] : [])],
    notes: [],
    next: [{ tool: 'loki.query', arguments: { logql: match } }],
  };
}

/** The values of a label, those with the largest logs first. */
export async function listValues(
  { label, match }: { label: string; match: string | null },
  loki: Loki,
  window: LokiWindow,
  signal: AbortSignal,
): Promise<Listing> {
  const streams = match ?? `{${label}=~".+"}`;
  const values = await loki.labelValues(label, { ...window, match: streams }, signal);
  const sizes = values.length === 0 ? new Map<string, number>() : await volumes(streams, [label], loki, window, signal);
  const sized = values
    .map((value) => ({ value, bytes: sizes.get(labelOrder({ [label]: value })) ?? null }))
    .sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || (a.value < b.value ? -1 : 1));
  const [largest] = sized;
  if (largest === undefined) return await nothing(label, match, loki, window, signal);
  const unknown = sized.filter(({ bytes }) => bytes === null).length;
  return {
    summary: `${countOf(values.length, 'value')}${match === null ? '' : ` of ${label}`}`,
    tables: [
      {
        columns: ['value', 'volume'],
        rows: sized.map(({ value, bytes }): Cell[] => [
          shownLabel(label, value),
          bytes === null ? null : showBytes(bytes),
        ]),
        order: 'largest first',
        limit: VALUES_SHOWN,
      },
    ],
    notes: unknown === 0 ? [] : [`of ${unknown} of them this Loki does not tell the volume.`],
    next: [{ tool: 'loki.query', arguments: { logql: withValue(match, exactly(label, largest.value)) } }],
  };
}

/** Why a label has no values. */
async function nothing(
  label: string,
  match: string | null,
  loki: Loki,
  window: LokiWindow,
  signal: AbortSignal,
): Promise<Listing> {
  const labels = await aside(PATIENCE_MS, signal, (within) => loki.labels(window, within));
  const isKnown = labels === null || labels.includes(label);
  return {
    summary: match === null ? 'no values' : `no values in ${match}`,
    tables: [],
    notes: isKnown ? [] : [noSuchLabel(label, labels, 'this window')],
    next: [{ tool: 'loki.labels', arguments: match === null ? {} : { match } }],
  };
}

function withValue(match: string | null, matcher: string): string {
  return match === null ? `{${matcher}}` : match.replace(/\s*,?\s*\}$/, `, ${matcher}}`);
}

function labelTable(values: ReadonlyMap<string, readonly string[] | null>, name?: string): Table {
  return {
    ...(name === undefined ? {} : { name }),
    columns: ['label', 'values', 'for example'],
    rows: [...values].map(([label, known]) => [
      label,
      known?.length ?? null,
      known === null ? null : exampleOf(label, known),
    ]),
    order: 'by name',
  };
}

function exampleOf(label: string, values: readonly string[]): string {
  const shown = values.slice(0, EXAMPLES).map((value) => briefText(shownLabel(label, value), LONGEST_EXAMPLE));
  return `${shown.join(', ')}${values.length > EXAMPLES ? ' …' : ''}`;
}

/** Bytes of each stream; null where a volume is of several, or not known. */
async function volumesOf(
  streams: readonly Labels[],
  match: string,
  loki: Loki,
  window: LokiWindow,
  signal: AbortSignal,
): Promise<(number | null)[]> {
  // Loki leaves out streams that lack one of the labels that it is asked for.
  const names = Object.keys(streams[0] ?? {}).filter((name) => streams.every((labels) => name in labels));
  if (names.length === 0) return [];
  const keys = streams.map((labels) => labelOrder(Object.fromEntries(names.map((name) => [name, labels[name] ?? '']))));
  const sizes = await volumes(match, names, loki, window, signal);
  const counts = Map.groupBy(keys, (key) => key);
  return keys.map((key) => (counts.get(key)?.length === 1 ? (sizes.get(key) ?? null) : null));
}

/** Bytes by the labels named; empty where this Loki does not tell. */
async function volumes(
  match: string,
  targetLabels: readonly string[],
  loki: Loki,
  window: LokiWindow,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const found = await aside(PATIENCE_MS, signal, (within) =>
    loki.indexVolume(match, { ...window, targetLabels, limit: VOLUMES }, within),
  );
  return new Map((found ?? []).map(({ labels, bytes }) => [labelOrder(labels), bytes]));
}
