import type { CataloguedQuery } from '../bridge/src/resources/saved-queries.ts';
import { codeList, generatedFrom, prose, table } from './markdown.ts';

/** RESOURCES.md: the saved queries that come with the bridge, how they are run, and how to add others. */
export function resourcesDocument(queries: readonly CataloguedQuery[]): string {
  return `# Resources

${generatedFrom('`bridge/dashboards`')}

## Saved queries

\`res://dashboards/pod-restarts.promql\` is the text of a query with its header. \`res://dashboards/pod-restarts.promql/result\`
runs it and gives what \`promql.query\` or \`loki.query\` would answer, under its title and unit. Parameters narrow it:
\`res://dashboards/pod-restarts.promql/result?range=24h&namespace=shop\`. A variable is a regular expression that the whole label
must match; one that is left out has its preset, which takes all. Values are percent-encoded, as clients do that
expand the template.

Ranges in parentheses are presets. A query that has none is evaluated at one moment, and over a span where \`range\` says so.

### PromQL

${section(queries.filter(({ language }) => language === 'promql'))}

### LogQL

${section(queries.filter(({ language }) => language === 'logql'))}

## Your own

Set \`TELEMCP_DASHBOARDS_DIR\` to a directory with files \`name.promql\` and \`name.logql\`, the name of \`a-z\`, \`0-9\` and \`-\`. One with
the name of a query above takes its place. Files are read again when they change; up to 200 are taken, of 16 KiB each. Of a
file that is wrong the log says at start what and in which line, and the others are served.

\`\`\`
# title: Orders by shop
# description: Orders placed in the range. From the shops' own metrics.
# unit: orders
# range: 1h
# variables: shop=.*
sum by (shop) (increase(orders_total{shop=~"$shop"}[$range]))
\`\`\`

\`title\` and \`description\` must be there. \`variables\` are \`name=preset\`, apart by spaces; in the query they stand as \`$name\` inside
double quotes, where what a caller gives is escaped. \`range\` is the preset of the span: in brackets as \`[$range]\` it
is a part of the query, which is then evaluated at one moment; without that the query is evaluated over the span.
`;
}

function section(queries: readonly CataloguedQuery[]): string {
  return table(
    ['resource', 'title', 'answers', 'unit', 'parameters'],
    queries.map(({ file, title, description, unit, range, variables }) => [
      `\`${file}\``,
      prose(title),
      prose(description),
      unit ?? '',
      `${range === null ? '`range`' : `\`range\` (${range})`}${variables.size === 0 ? '' : `, ${codeList([...variables.keys()], '')}`}`,
    ]),
  );
}
