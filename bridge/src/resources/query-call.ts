import { invalidArgument } from '../errors.ts';
import { parseDuration } from '../moment.ts';
import { fillVariables, variablesOf } from './query-variables.ts';
import { type SavedQuery, valueProblem } from './saved-query.ts';

/** The call of a tool that answers a saved query. */
export interface QueryCall {
  tool: 'promql.query' | 'loki.query';
  arguments: Readonly<Record<string, string>>;
}

/**
 * The call for a saved query with the given values, `range` among them; those left out or empty have their presets. A query
 * with `[$range]` gets the span there and is evaluated at one moment, another over the span.
 * @throws {ToolError} `invalid_argument`, naming what the query takes
 */
export function callFor(saved: SavedQuery, given: ReadonlyMap<string, string>): QueryCall {
  const known = ['range', ...saved.variables.keys()];
  const takes = `${saved.file} takes ${known.join(', ')}.`;
  for (const [name, value] of given) {
    const problem = known.includes(name) ? valueProblem(value) : 'no such variable';
    if (problem !== null) throw invalidArgument(name.slice(0, 60), problem, takes);
  }
  const values = new Map(
    [...saved.variables].map(([name, preset]) => [
      name,
      (given.get(name) ?? '') === '' ? preset : (given.get(name) ?? ''),
    ]),
  );
  const asked = given.get('range') ?? '';
  const range = asked === '' ? saved.range : asked;
  const isInside = variablesOf(saved.query).some(({ name }) => name === 'range');
  if (isInside && range !== null) values.set('range', duration(range, takes));
  const query = fillVariables(saved.query, values);
  // Told the span that is in brackets, loki.query counts over all of it at once.
  if (saved.language === 'logql')
    return { tool: 'loki.query', arguments: { logql: query, ...(range === null ? {} : { since: range }) } };
  return { tool: 'promql.query', arguments: { expr: query, ...(range === null || isInside ? {} : { range }) } };
}

/** A span as it is written in brackets: whole numbers, largest unit first. */
function duration(range: string, takes: string): string {
  const written = range.trim();
  const seconds = parseDuration(written);
  if (seconds === null || seconds < 1)
    throw invalidArgument('range', `${JSON.stringify(written)} is no time span; write it like 1h or 7d`, takes);
  return /^(?:\d+[smhdwy])+$/.test(written) ? written : `${Math.round(seconds)}s`;
}
