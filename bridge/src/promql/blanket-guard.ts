import { RE2JS, RE2JSException } from 're2js';
import { ToolError } from '../errors.ts';
import type { ExpressionOutline, Matcher, Selector } from './expression-outline.ts';

/** Shows where series are, whatever there is: every target has this one. */
const RUNS = 'topk(20, scrape_samples_scraped)';

/**
 * Refuses an expression that selects about every series there is: evaluating it can take the whole server down, and nobody can
 * read the answer.
 * @throws {ToolError} `too_large`, with a query that runs
 */
export function refuseBlanketSelectors(outline: ExpressionOutline): void {
  const textOf = ({ start, end }: Selector) => outline.source.slice(start, end);
  const blanket = outline.selectors.find((selector) => isBlanket(selector, textOf(selector)));
  if (blanket === undefined) return;
  const written = textOf(blanket);
  throw new ToolError('too_large', `${written} selects every series, or nearly`, {
    upstream: 'prometheus',
    hint: `Name a metric, or one value of a label as in {job="node"}. This runs and shows which targets have the most series: ${RUNS}`,
  });
}

function isBlanket({ metric, matchers }: Selector, written: string): boolean {
  // Without a readable matcher it is either empty or an error, which Prometheus explains better.
  const readable = matchers.length > 0 || /^\{\s*\}$/.test(written);
  return metric === null && readable && !matchers.some(narrows);
}

/** Texts without anything in common: what matches all of them matches everything. */
const PROBES = ['q', 'zz_9x', '10.1.2.3:9100/W-x', 'kube_Y'];

function narrows({ operator, value }: Matcher): boolean {
  if (value === '') return false;
  if (operator === '=') return true;
  if (operator !== '=~') return false;
  try {
    // As Prometheus has it, and in linear time: some patterns would keep JavaScript's own expressions busy for years.
    const pattern = RE2JS.compile(`^(?s:${value})$`);
    return !PROBES.every((probe) => pattern.test(probe));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // What is no regular expression is Prometheus's to say.
    return true;
  }
}
