import type { Cell, Table } from '../answer.ts';
import { briefText, listNames } from '../brief-text.ts';

/** What one node says of one property; null where it does not say. */
export interface NodeValue {
  node: string;
  value: string | null;
}

/**
 * Properties over the fleet. What all nodes agree on is common to the table; a property on which they differ is a row with the
 * value that most have, how many have it, and every other value with its nodes. What no node knows is left out.
 */
export function rollUpTable(properties: readonly (readonly [string, readonly NodeValue[]])[]): Table {
  const common: Record<string, Cell> = {};
  const rows: Cell[][] = [];
  for (const [property, values] of properties) {
    const rolled = rollUp(values);
    if (rolled === null) continue;
    if (rolled.others === '') common[property] = rolled.majority;
    else rows.push([property, rolled.majority, rolled.nodes, rolled.others]);
  }
  return { common, columns: rows.length === 0 ? [] : ['property', 'majority', 'nodes', 'others'], rows };
}

/** The roll-up beside other rows: a table of its own where nodes differ, a line above those rows where they do not. */
export function withRollUp(main: Table, rolled: Table): Table[] {
  if (main.rows.length === 0) return [rolled];
  if (rolled.rows.length > 0) return [main, { ...rolled, name: 'fleet' }];
  const { name: _, ...alone } = main;
  return [{ ...alone, common: rolled.common ?? {} }];
}

/** The majority and the rest, `6.1.0-25: node-0031, node-0044; unknown: node-0050`; null when no node says anything. */
export function rollUp(values: readonly NodeValue[]): { majority: string; nodes: number; others: string } | null {
  if (values.every(({ value }) => value === null)) return null;
  const groups = [...Map.groupBy(values, ({ value }) => value ?? 'unknown')].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  const [first, ...others] = groups;
  if (first === undefined) return null;
  const shown = others.slice(0, MAX_OTHERS).map(
    ([value, nodes]) =>
      `${briefText(value, 120)}: ${listNames(
        nodes.map(({ node }) => node),
        MAX_NODES,
      )}`,
  );
  const rest = others.length > MAX_OTHERS ? [`${others.length - MAX_OTHERS} more values`] : [];
  return { majority: briefText(first[0], 120), nodes: first[1].length, others: [...shown, ...rest].join('; ') };
}

const MAX_OTHERS = 6;
const MAX_NODES = 5;
