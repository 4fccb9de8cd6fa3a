import * as z from 'zod';
import { groupAlerts } from '../alerts/alert-groups.ts';
import { type AlertInstance, isHeld, type PlacedRule } from '../alerts/alert-instance.ts';
import { parseMatch } from '../alerts/alert-match.ts';
import {
  type AlertsView,
  groupTable,
  instanceTable,
  machineLabels,
  mixedTable,
  runbookTable,
} from '../alerts/alert-tables.ts';
import { describeTotals } from '../alerts/alert-totals.ts';
import { differenceNotes, restartNotes } from '../alerts/delivery.ts';
import { asAlert, explainNone } from '../alerts/explain-none.ts';
import { separateHeartbeats } from '../alerts/heartbeats.ts';
import { type AlertsRead, readAlerts } from '../alerts/read-alerts.ts';
import { ruleHealthNotes } from '../alerts/rule-health.ts';
import { inactiveTable, ruleTables } from '../alerts/rule-tables.ts';
import { severityFilter } from '../alerts/severity.ts';
import { countHeld, heldNotes, holderOf, silenceTable } from '../alerts/silences.ts';
import type { Answer, NextCall, Table } from '../answer.ts';
import { briefText, countOf } from '../brief-text.ts';
import { defineTool } from '../tool.ts';

/** More alerts than these are grouped. */
const FEW = 20;
const LONGEST_MATCH = 120;
const LONGEST_EXPR = 400;

/** `alerts.list`: what fires or is about to, by Alertmanager and the rules of Prometheus. */
export const alertsList = defineTool({
  name: 'alerts.list',
  title: 'Alerts',
  description:
    'Alerts that fire or are pending, from Alertmanager and the rules of Prometheus: grouped by name, worst first, with count, since ' +
    'when, labels, value, runbook, and what is silenced or inhibited by whom. An alert name as match shows its rule and each alert.',
  input: z.strictObject({
    state: z.enum(['firing', 'pending', 'inactive', 'all']).optional().describe('Default firing and pending'),
    severity: z.string().optional().describe('Like critical'),
    match: z.string().optional().describe('Alert name, words, or labels like namespace="shop"'),
    silenced: z.boolean().default(false).describe('List silenced and inhibited ones and the silences too'),
  }),
  paged: true,
  async run({ state, silenced, ...given }, context): Promise<Answer> {
    // Models send an empty text for what they leave out.
    const [severity, match] = [given.severity, given.match].map((text) => text?.trim() || undefined);
    const { now, signal, upstreams } = context;
    const read = await readAlerts(context);
    if (read.rulesMissing !== null && (state === 'pending' || state === 'inactive')) throw read.rulesMissing;
    const names = new Set([...read.alerts, ...(read.rules ?? [])].map(({ name }) => name));
    const matches = match === undefined ? () => true : parseMatch(match, names);
    const isWanted = severityFilter(severity);
    const matching = read.alerts.filter((alert) => isWanted(alert.severity) && matches(alert));
    const told =
      match === undefined ? separateHeartbeats(matching, read.rules) : { alerts: matching, alarms: [], notCounted: [] };
    const asked = told.alerts.filter((alert) => state === undefined || state === 'all' || alert.state === state);
    const listed = silenced ? asked : asked.filter((alert) => !isHeld(alert));
    const holders = { silences: read.silences, alerts: read.alerts, now };
    const rules = (read.rules ?? []).filter((rule) => isWanted(rule.labels.severity ?? null) && matches(asAlert(rule)));
    const inactive = rules.filter(({ alerts }) => alerts.length === 0);
    const wantsInactive = state === 'inactive' || state === 'all';
    const isFiltered = match !== undefined || severity !== undefined;
    const found = asked.length > 0 || (wantsInactive && inactive.length > 0);
    const alertTables = tablesOf(listed, read.rules ?? [], { now, holderOf: holderOf(holders) });
    const silences = silenced ? silenceTable(holders, isFiltered ? asked : null) : null;
    return {
      title: titleOf(state, severity, match),
      source: read.source,
      asOf: now,
      summary: summaryOf({ listed, asked, silenced, inactive: wantsInactive ? inactive : null, isFiltered, read }),
      tables: [
        ...alertTables,
        ...(silences === null ? [] : [silences]),
        ...(wantsInactive && inactive.length > 0
          ? [inactiveTable(inactive, alertTables.length === 0 ? undefined : 'inactive rules')]
          : []),
        ...(match !== undefined && alertTables.length === 0 && new Set(rules.map(({ name }) => name)).size === 1
          ? ruleTables(rules, null, false)
          : []),
      ],
      notes: [
        ...hiddenNotes(listed),
        ...(silenced ? [] : heldNotes(asked, holders)),
        ...differenceNotes(asked, read.rules),
        ...(await restartNotes(matching, upstreams.alertmanager, now, signal)),
        ...told.alarms,
        ...(state === 'pending' || state === 'inactive' ? [] : told.notCounted),
        ...ruleHealthNotes(read.groups ?? [], match === undefined ? null : rules, now),
        ...(found || !isFiltered ? [] : explainNone({ match, severity }, read.alerts, read.rules)),
        ...read.notes,
      ],
      next: [
        ...nextCalls(listed, match === undefined && listed.length === 0 ? [] : rules),
        ...(!silenced && countHeld(asked) !== null ? [showHeld(severity, match)] : []),
      ],
    };
  },
});

function titleOf(state: string | undefined, severity: string | undefined, match: string | undefined): string {
  return [
    'alerts',
    ...(state === undefined ? [] : [`state=${state}`]),
    ...(severity === undefined ? [] : [`severity=${severity}`]),
    ...(match === undefined ? [] : [`match=${JSON.stringify(briefText(match, LONGEST_MATCH))}`]),
  ].join(' ');
}

/** Each alert where there are few or all are of one name, which also brings its rule; else groups. */
function tablesOf(listed: readonly AlertInstance[], rules: readonly PlacedRule[], view: AlertsView): Table[] {
  const groups = groupAlerts(listed);
  const [worst] = groups;
  if (worst === undefined) return [];
  if (groups.every(({ name }) => name === worst.name)) {
    const own = rules.filter(({ name }) => name === worst.name);
    return [instanceTable(groups, view), ...ruleTables(own, worst.alerts[0] ?? null, listed.length === 1)];
  }
  if (listed.length > FEW) return [groupTable(groups, view)];
  const runbooks = runbookTable(groups);
  return [mixedTable(groups, view), ...(runbooks === null ? [] : [runbooks])];
}

/** What the table of one alert's instances leaves out. */
function hiddenNotes(listed: readonly AlertInstance[]): string[] {
  const hidden = new Set(listed.map(({ name }) => name)).size === 1 ? machineLabels(groupAlerts(listed)) : [];
  return hidden.length === 0 ? [] : [`labels not shown: ${hidden.join(', ')}`];
}

function summaryOf(of: {
  listed: readonly AlertInstance[];
  asked: readonly AlertInstance[];
  silenced: boolean;
  inactive: readonly PlacedRule[] | null;
  isFiltered: boolean;
  read: AlertsRead;
}): string {
  const { listed, asked, silenced, inactive, isFiltered, read } = of;
  const held = countHeld(asked);
  const said = [
    ...(describeTotals(listed) === null ? [] : [describeTotals(listed)]),
    ...(held === null ? [] : [silenced ? `of these ${held}` : `${held}, not listed`]),
    ...(inactive === null ? [] : [`${countOf(inactive.length, 'rule')} inactive`]),
  ];
  if (said.length > 0) return said.join('; ');
  if (isFiltered) return `no alert matches; in all ${describeTotals(read.alerts) ?? 'none'}`;
  return `no alert${read.rules === null ? '' : `; ${countOf(read.rules.length, 'alerting rule')} read`}`;
}

/** A closer look at the worst; where that is all there is, the expression of its rule. */
function nextCalls(listed: readonly AlertInstance[], rules: readonly PlacedRule[]): NextCall[] {
  const [worst] = groupAlerts(listed);
  const name = worst?.name ?? '';
  if (name !== '' && listed.some((alert) => alert.name !== name))
    return [{ tool: 'alerts.list', arguments: { match: name } }];
  const [rule, other] = name === '' ? rules : rules.filter((each) => each.name === name);
  if (rule === undefined || other !== undefined || rule.expr.length > LONGEST_EXPR) return [];
  return [{ tool: 'promql.query', arguments: { expr: rule.expr } }];
}

function showHeld(severity: string | undefined, match: string | undefined): NextCall {
  return {
    tool: 'alerts.list',
    arguments: {
      ...(severity === undefined ? {} : { severity }),
      ...(match === undefined ? {} : { match }),
      silenced: true,
    },
  };
}
