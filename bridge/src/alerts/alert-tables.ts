import type { Cell, Table } from '../answer.ts';
import { compactNumber } from '../format.ts';
import { showAge } from '../format-time.ts';
import { layOutLabels } from '../promql/label-layout.ts';
import { redundantLabels, withoutLabels } from '../promql/machine-labels.ts';
import { shownLabel } from '../promql/secret-labels.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';
import type { AlertGroup } from './alert-groups.ts';
import { type AlertInstance, runbookOf, summaryOf } from './alert-instance.ts';
import { type Column, factoredTable } from './factored-table.ts';
import { foldLabels, showLabels, tellingLabels } from './label-fold.ts';
import { shortenLinks } from './runbook-links.ts';
import { briefSummary, summaryTemplate } from './summary-words.ts';

const GROUPS = 25;
const ALERTS = 30;
/** Of one name, each with its labels; fewer where these are many. */
const INSTANCES = 20;
const WIDE_INSTANCES = 12;
const FEW_LABELS = 4;
/** Said in columns of their own. */
const IDENTITY = new Set(['alertname', 'severity']);
const OWN_COLUMNS = new Set([
  'state',
  'alert',
  'count',
  'since',
  'value',
  'held',
  'labels',
  'runbook',
  'runbooks',
  'summary',
]);

export interface AlertsView {
  now: Date;
  /** Why nobody is notified of an alert. */
  holderOf(alert: AlertInstance): string | null;
}

/** A row per alert's name and severity: how many, since when, where, a link to its runbook and what the newest of them says. */
export function groupTable(groups: readonly AlertGroup[], { now, holderOf }: AlertsView): Table {
  const { common } = layOutLabels(
    groups.flatMap(({ alerts }) => alerts.map(placeOf)),
    [],
  );
  const { pattern, rests } = shortenLinks(groups.map((group) => ({ name: group.name, link: runbookOfGroup(group) })));
  const linkOf = new Map(groups.map((group, index) => [group, rests[index] ?? null]));
  const without = new Set([...IDENTITY, ...Object.keys(common)]);
  const table = factoredTable<AlertGroup>(groups, [
    { name: 'state', cell: ({ alerts }) => showState(alerts, now), isCommon: true },
    { name: 'severity', cell: ({ severity }) => severity, isCommon: true },
    { name: 'alert', cell: ({ name }) => name },
    { name: 'count', cell: ({ alerts }) => alerts.length },
    { name: 'since', cell: ({ newest, oldest }) => span(newest, oldest, now) },
    { name: 'value', cell: ({ alerts }) => valueSpan(alerts) },
    { name: 'held', cell: ({ alerts }) => heldWords(alerts, holderOf) },
    {
      name: 'labels',
      cell: ({ alerts }) =>
        foldLabels(
          alerts.map(({ labels }) => labels),
          without,
        ),
    },
    { name: 'runbook', cell: (group) => linkOf.get(group) ?? null },
    { name: 'summary', cell: exampleOf },
  ]);
  return { ...withCommon(table, common, pattern === null ? {} : { runbooks: pattern }), limit: GROUPS };
}

/** Labels for machines that tell alerts of one name apart no better than the others do; `instanceTable` is without them. */
export function machineLabels(groups: readonly AlertGroup[]): string[] {
  return redundantLabels(
    groups.flatMap(({ alerts }) => alerts.map(({ labels }) => labels)),
    '',
  );
}

/** A row per alert of one name, with its labels. */
export function instanceTable(groups: readonly AlertGroup[], { now, holderOf }: AlertsView): Table {
  const alerts = groups.flatMap((group) => group.alerts);
  const hidden = machineLabels(groups);
  const places = alerts.map((alert) => withoutLabels(placeOf(alert), hidden));
  const layout = layOutLabels(places, places.slice(0, INSTANCES));
  const { last } = layout;
  const limit = last === null && layout.columns.length <= FEW_LABELS ? INSTANCES : WIDE_INSTANCES;
  const table = factoredTable(alerts, [
    ...columnsOfAlert({ now, holderOf }),
    ...layout.columns.map((name) => ({
      name: labelColumn(name),
      cell: ({ labels }: AlertInstance) => shownLabel(name, labels[name] ?? '') || null,
    })),
    ...(last === null
      ? []
      : [{ name: 'labels', cell: (alert: AlertInstance) => last(withoutLabels(placeOf(alert), hidden)) || null }]),
  ]);
  return { ...withCommon(table, layout.common), limit, order: 'worst first, then newest' };
}

/** A row per alert of several names, with the labels that tell it from others of its name, and what it says where that is new. */
export function mixedTable(groups: readonly AlertGroup[], { now, holderOf }: AlertsView): Table {
  const { common } = layOutLabels(
    groups.flatMap(({ alerts }) => alerts.map(placeOf)),
    [],
  );
  const without = new Set([...IDENTITY, ...Object.keys(common)]);
  const rows = groups.flatMap(({ alerts }) => {
    const names = tellingLabels(
      alerts.map(({ labels }) => labels),
      without,
    );
    const templates = alerts.map(summaryTemplate);
    return alerts.map((alert, index) => {
      const isSaid = index > 0 && templates[index] === templates[index - 1] && templates[index] !== null;
      return { alert, labels: showLabels(alert.labels, names), summary: isSaid ? 'as above' : briefSummary(alert) };
    });
  });
  const columns: Column<(typeof rows)[number]>[] = [
    ...columnsOfAlert({ now, holderOf }).map((column) => ({
      ...column,
      cell: ({ alert }: (typeof rows)[number]) => column.cell(alert),
    })),
    { name: 'labels', cell: ({ labels }) => labels },
    { name: 'summary', cell: ({ summary }) => summary },
  ];
  return { ...withCommon(factoredTable(rows, columns), common), limit: ALERTS, order: 'worst first, then newest' };
}

function columnsOfAlert({ now, holderOf }: AlertsView): Column<AlertInstance>[] {
  return [
    { name: 'state', cell: (alert) => showState([alert], now), isCommon: true },
    { name: 'severity', cell: ({ severity }) => severity, isCommon: true },
    { name: 'alert', cell: ({ name }) => name, isCommon: true },
    { name: 'since', cell: ({ since }) => ageOf(since, now) },
    { name: 'value', cell: ({ value }) => (value === null ? null : compactNumber(value)) },
    { name: 'held', cell: holderOf },
  ];
}

/** A label's name, told apart from what our own columns are called. */
function labelColumn(name: string): string {
  return OWN_COLUMNS.has(name) ? `label:${name}` : name;
}

function withCommon(
  table: ReturnType<typeof factoredTable>,
  labels: Readonly<Record<string, Cell>>,
  more: Readonly<Record<string, Cell>> = {},
): typeof table {
  const named = Object.fromEntries(Object.entries(labels).map(([name, value]) => [labelColumn(name), value]));
  const common = { ...table.common, ...named, ...more };
  return { ...table, ...(Object.keys(common).length === 0 ? {} : { common }) };
}

/** The links of a listing whose rows do not have them, one row per name; null where there are none. */
export function runbookTable(groups: readonly AlertGroup[]): Table | null {
  const links = new Map<string, string>();
  for (const group of groups) {
    const link = runbookOfGroup(group);
    if (link !== null && !links.has(group.name)) links.set(group.name, link);
  }
  if (links.size === 0) return null;
  const { pattern, rests } = shortenLinks([...links].map(([name, link]) => ({ name, link })));
  const rows = [...links.keys()].map((name, index): Cell[] => [name, rests[index] ?? null]);
  return {
    name: pattern === null ? 'runbooks' : `runbooks at ${pattern}`,
    columns: ['alert', 'runbook'],
    rows,
    properties: true,
    limit: GROUPS,
  };
}

function placeOf({ labels }: AlertInstance): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !IDENTITY.has(name)));
}

function runbookOfGroup({ alerts }: AlertGroup): string | null {
  return alerts.map(runbookOf).find((link) => link !== null) ?? null;
}

/** What all say, or what the newest says, marked as an example. */
function exampleOf({ alerts }: AlertGroup): string | null {
  const [first] = alerts;
  const summary = first === undefined ? null : briefSummary(first);
  const isShared = new Set(alerts.map(summaryOf)).size === 1;
  return summary === null || isShared ? summary : `e.g. ${summary}`;
}

function heldWords(alerts: readonly AlertInstance[], holderOf: AlertsView['holderOf']): string | null {
  const held = alerts.flatMap((alert) => holderOf(alert) ?? []);
  const [first, ...others] = new Set(held);
  if (first === undefined) return null;
  const words = others.length === 0 ? first : `${first} and others`;
  return held.length === alerts.length ? words : `${held.length} ${words}`;
}

/** `firing`, or `pending,fires-in-3m` by the one that fires first. */
function showState(alerts: readonly AlertInstance[], now: Date): string {
  const times = alerts.flatMap(({ firesAt }) => (firesAt === null ? [] : [firesAt.getTime()]));
  if (times.length === 0) return alerts[0]?.state ?? 'firing';
  const left = Math.max(0, times.reduce((a, b) => Math.min(a, b)) - now.getTime()) / 1000;
  return `pending,fires-in-${showAge(left)}`;
}

function ageOf(time: Date | null, now: Date): string | null {
  return time === null ? null : showAge(Math.max(0, now.getTime() - time.getTime()) / 1000);
}

function span(newest: Date | null, oldest: Date | null, now: Date): string | null {
  const [from, to] = [ageOf(newest, now), ageOf(oldest, now)];
  return from === to ? from : `${from}..${to}`;
}

function valueSpan(alerts: readonly AlertInstance[]): Cell {
  const values = alerts.flatMap(({ value }) => (value === null ? [] : [value])).sort((a, b) => a - b);
  const [least, most] = [values[0], values.at(-1)].map((value) => (value === undefined ? null : compactNumber(value)));
  if (least == null || most == null || least === most) return least ?? null;
  return `${least}..${most}`;
}
