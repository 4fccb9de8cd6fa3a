import * as z from 'zod';
import type { Answer } from '../answer.ts';
import { briefText } from '../brief-text.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import { listLabels, listStreams, listValues } from '../logql/label-listing.ts';
import { withMendedQuery } from '../logql/mend-query.ts';
import { dateOf } from '../logql/nanoseconds.ts';
import { outlineQuery } from '../logql/query-outline.ts';
import { parseWindow, showLength } from '../logql/query-window.ts';
import { configured, defineTool } from '../tool.ts';

const MAX_TITLE = 120;
/** Labels change slowly, and what has been quiet for an hour is still there. */
const DEFAULT_SINCE = '6h';

/** `loki.labels`: which labels and values there are to ask for, and how large their logs are. */
export const lokiLabels = defineTool({
  name: 'loki.labels',
  title: 'Loki labels',
  description:
    'What to ask loki.query for: labels with their values, one label with the volume of each value, or the streams of a selector.',
  paged: true,
  input: z.strictObject({
    label: z
      .string()
      .regex(/^[a-zA-Z_]\w*$/, 'is no name of a label')
      .optional()
      .describe('Its values'),
    match: z.string().optional().describe('Selector in braces'),
    since: z.string().optional().describe('Default 6h, or RFC 3339'),
  }),
  async run({ label, match, since }, { upstreams, signal, now }): Promise<Answer> {
    const loki = configured(upstreams.loki, 'Loki', 'TELEMCP_LOKI_URL');
    const window = parseWindow({ since }, now, DEFAULT_SINCE);
    const streams = match === undefined ? null : selectorOf(match);
    const list = () => {
      if (label !== undefined) return listValues({ label, match: streams }, loki, window, signal);
      return streams === null ? listLabels(loki, window, signal) : listStreams(streams, loki, window, signal);
    };
    try {
      return {
        title: briefText(
          [label, streams].filter((part) => part !== null && part !== undefined).join(' in ') || 'labels',
          MAX_TITLE,
        ),
        source: loki.name,
        asOf: dateOf(window.end),
        window: showLength(window),
        ...(await list()),
      };
    } catch (error) {
      if (!(error instanceof ToolError) || streams === null) throw error;
      throw await withMendedQuery(error, streams, window, loki, signal);
    }
  },
});

/** The selector of a query as written, without what follows it; a bare `app="cart"` is taken for one. */
function selectorOf(match: string): string {
  const text = match.trim();
  const query = outlineQuery(/[{}]/.test(text) ? text : `{${text}}`);
  const [selector] = query.selectors;
  if (selector !== undefined) return query.source.slice(selector.start, selector.end);
  throw invalidArgument('match', 'is no selector', 'For example {namespace="shop"}.');
}
