import type { ToolError } from '../errors.ts';
import type { HttpApi } from './http-api.ts';
import type { UpstreamResponse } from './http-upstream.ts';
import { refusalWords } from './refusal-words.ts';

/** What an answer of Loki that is no success means, in Loki's own words, which it sends as plain text. */
export function lokiRefusal(response: UpstreamResponse, api: HttpApi): ToolError {
  const { status } = response;
  const words = refusalWords(response);
  if (status === 401 || status === 403 || /^no org id\b/i.test(words ?? '')) return api.denied(response, words);
  if (words === null || status === 404 || status === 502) return api.unexpected(response);
  const hint = LIMITS.find(({ pattern }) => pattern.test(words))?.hint;
  if (hint !== undefined) return api.fail('too_large', words, hint);
  if (status === 504 || status === 499 || /deadline exceeded|timed out|context canceled/i.test(words))
    return api.fail('timeout', words, NARROWER);
  if (status === 429) {
    const { retryAfter } = response;
    const later = retryAfter === null ? 'later' : `in ${retryAfter} s`;
    return api.fail('too_large', words, `Loki has more queries than it takes; try again ${later}.`);
  }
  if (status === 413) return api.fail('too_large', words, NARROWER);
  if (status === 400 || status === 422) return api.fail('bad_query', words);
  return api.fail('bad_response', words, 'Loki could not answer now; its log says more.');
}

const NARROWER = 'Ask for less: a shorter time, more matchers in the braces.';

/** Loki's limits by the words they are told in (https://grafana.com/docs/loki/latest/query/troubleshoot-query/). */
const LIMITS = [
  { pattern: /max entries limit/i, hint: 'Set a lower limit, no more than the second number.' },
  { pattern: /time range exceeds the limit|max query lookback|value exceeds limit/i, hint: 'Ask for a shorter time.' },
  {
    pattern: /maximum (?:number )?of series|cardinality limit exceeded/i,
    hint: 'Aggregate, as in sum by (app) (…), match fewer streams, or ask for a shorter time.',
  },
  {
    pattern: /too many bytes|too large to execute|max number of chunks|larger than (?:the )?max|message larger/i,
    hint: NARROWER,
  },
  { pattern: /exceeded maximum resolution/i, hint: 'Set a longer step, or a shorter time.' },
  { pattern: /max streams matchers/i, hint: 'Use fewer matchers; one regular expression does for many values.' },
] as const;
