import { aside } from './aside.ts';
import { singular } from './metric-ranking.ts';
import { FIGURES_MS, oneOf, type SearchRequest, type SearchScope } from './search-request.ts';

const MOST_METRICS = 100;
const MOST_WORDS = 3;

/**
 * Tells of metrics and words whether the word is the name of a label that series of the metric have now: nobody writes `pod` into
 * the name of what is measured of pods. Looked up for the first of the metrics only; where that takes too long, of none.
 */
export async function labelWords(
  words: readonly string[],
  metrics: readonly string[],
  within: SearchScope | null,
  { prometheus, signal, time }: SearchRequest,
): Promise<(metric: string, word: string) => boolean> {
  const forms = words.slice(0, MOST_WORDS).flatMap((word) => [word, singular(word)]);
  const names = [...new Set(forms)].filter((name) => /^[a-z_]\w*$/.test(name));
  const pattern = oneOf(metrics.slice(0, MOST_METRICS));
  const matchers = (within?.selector.matchers ?? []).map(({ text }) => text);
  const found = await aside(FIGURES_MS, signal, (patience) =>
    Promise.all(
      names.map(async (word) => {
        const selector = `{${[`__name__=~${pattern}`, ...matchers, `${word}!=""`].join(',')}}`;
        const { result } = await prometheus.query(`count by (__name__) (${selector})`, { time }, patience);
        const samples = result.type === 'vector' ? result.samples : [];
        return [word, new Set(samples.map(({ labels }) => labels.__name__ ?? ''))] as const;
      }),
    ),
  );
  const having = new Map(found ?? []);
  return (metric, word) => [word, singular(word)].some((name) => having.get(name)?.has(metric) === true);
}
