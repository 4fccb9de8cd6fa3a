import type { Cell, Table } from '../answer.ts';
import { briefText } from '../brief-text.ts';
import { compareText } from '../compare-text.ts';
import { showDuration } from '../format.ts';
import type { AlertInstance, PlacedRule } from './alert-instance.ts';
import { factoredTable } from './factored-table.ts';
import { severityRank } from './severity.ts';
import { briefSummary } from './summary-words.ts';

const RULES = 25;
const DETAILED = 3;
const LONGEST_EXPR = 400;
const LONGEST_TEXT = 400;

/** Rules that have no alert now, worst severity first. */
export function inactiveTable(rules: readonly PlacedRule[], name?: string): Table {
  const rank = ({ labels }: PlacedRule) => severityRank(labels.severity ?? null);
  const ordered = [...rules].sort((a, b) => rank(a) - rank(b) || compareText(a.name, b.name));
  return {
    ...(name === undefined ? {} : { name }),
    ...factoredTable(ordered, [
      { name: 'severity', cell: ({ labels }) => labels.severity ?? null, isCommon: true },
      { name: 'alert', cell: (rule) => rule.name },
      { name: 'for', cell: ({ forSeconds }) => (forSeconds === 0 ? null : showDuration(forSeconds)) },
      { name: 'health', cell: ({ health }) => health, isCommon: true },
      { name: 'group', cell: ({ group }) => group, isCommon: true },
      { name: 'summary', cell: (rule) => briefSummary(rule) },
    ]),
    limit: RULES,
  };
}

/** What is known of one alert's rules, and of its newest alert: what it means, what to do, where it came from. */
export function ruleTables(rules: readonly PlacedRule[], newest: AlertInstance | null, isOnly: boolean): Table[] {
  const about = newest ?? rules[0] ?? null;
  const annotations = Object.entries(about?.annotations ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]): Cell[] => [name, briefText(text, LONGEST_TEXT)]);
  const sent: Cell[][] = [
    ...(newest === null || newest.receivers.length === 0 ? [] : [['receivers', newest.receivers.join(', ')]]),
    // Of several it would only be their rule's expression again.
    ...(newest?.generatorUrl == null || (!isOnly && newest.rule !== null) ? [] : [['source', newest.generatorUrl]]),
  ];
  const told = [...annotations, ...sent];
  return [
    ...(told.length === 0
      ? []
      : [
          {
            name: newest === null ? 'annotations of the rule' : 'of the newest',
            columns: ['name', 'value'],
            rows: told,
            properties: true,
          } as const,
        ]),
    ...rules.slice(0, DETAILED).map((rule) => ruleTable(rule, rules.length === 1)),
  ];
}

function ruleTable(rule: PlacedRule, isOnly: boolean): Table {
  const { expr, forSeconds, health, lastError, group, file, labels } = rule;
  const rows: Cell[][] = [
    ['expr', briefText(expr, LONGEST_EXPR)],
    ['for', showDuration(forSeconds)],
    ...(health === 'ok'
      ? []
      : [['health', lastError === null ? health : `${health}: ${briefText(lastError, LONGEST_TEXT)}`]]),
    ['group', `${group} in ${file}`],
  ];
  const severity = labels.severity === undefined ? '' : ` (${labels.severity})`;
  return { name: `rule${isOnly ? '' : severity}`, columns: ['name', 'value'], rows, properties: true };
}
