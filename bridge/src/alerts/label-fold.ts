import { briefText } from '../brief-text.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';

/** What tells where something is, the widest first. Said also where all have the same. */
const PLACES = [
  'cluster',
  'namespace',
  'node',
  'nodename',
  'deployment',
  'statefulset',
  'daemonset',
  'job_name',
  'pod',
  'persistentvolumeclaim',
  'mountpoint',
];
/** What seldom tells a reader anything; often of the exporter and not of what it tells about. */
const NOISE = [
  'device',
  'container',
  'instance',
  'job',
  'service',
  'endpoint',
  'fstype',
  'metrics_path',
  'prometheus',
  'prometheus_replica',
  'replica',
  'uid',
];

const LABELS_SHOWN = 3;
const VALUES_SHOWN = 2;
/** Where each alert has a row of its own. */
const LABELS_OF_ONE = 6;
const LONGEST_VALUE = 48;

/**
 * The labels of several alerts in a few words, `namespace=shop,payments+3;pod=(18)`: those that differ and those of a place, the
 * most frequent values first, only their number where each alert has its own. Null for none. `without` are said elsewhere.
 */
export function foldLabels(all: readonly Labels[], without: ReadonlySet<string>): string | null {
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return showLabels(only, tellingLabels(all, without), LABELS_SHOWN + 1);
  const folded = tellingLabels(all, without).map((name) => ({ name, values: valuesOf(all, name) }));
  const shown = folded.slice(0, LABELS_SHOWN).map(({ name, values }) => {
    if (values.length === all.length && values.length > VALUES_SHOWN + 1) return `${name}=(${values.length})`;
    const rest = values.length > VALUES_SHOWN ? `+${values.length - VALUES_SHOWN}` : '';
    return `${name}=${values.slice(0, VALUES_SHOWN).map(showValue).join(',')}${rest}`;
  });
  return joined(shown, folded.length - shown.length);
}

/** The names of the labels that tell these alerts apart or where they are, the most telling first; for a single one all. */
export function tellingLabels(all: readonly Labels[], without: ReadonlySet<string>): string[] {
  const [first = {}] = all;
  const differs = (name: string) => all.some((labels) => labels[name] !== first[name]);
  return [...new Set(all.flatMap((labels) => Object.keys(labels)))]
    .filter((name) => !without.has(name) && (all.length === 1 || PLACES.includes(name) || differs(name)))
    .sort((a, b) => usefulness(a) - usefulness(b) || (a < b ? -1 : 1));
}

/** `namespace=shop;pod=cart-0+2`: these labels of one alert, and how many more there are. Null for none. */
export function showLabels(labels: Labels, names: readonly string[], most = LABELS_OF_ONE): string | null {
  const own = names.filter((name) => labels[name] !== undefined);
  const shown = own.slice(0, most).map((name) => `${name}=${showValue(labels[name] ?? '')}`);
  return joined(shown, own.length - shown.length);
}

/** Without white space, which would cost the cell its quotes. */
function joined(shown: readonly string[], left: number): string | null {
  return shown.length === 0 ? null : `${shown.join(';')}${left > 0 ? `;+${left}` : ''}`;
}

/** Its different values, the most frequent first; absent counts as none. */
function valuesOf(all: readonly Labels[], name: string): string[] {
  const counts = new Map<string, number>();
  for (const labels of all) counts.set(labels[name] ?? '', (counts.get(labels[name] ?? '') ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).map(([value]) => value);
}

function showValue(value: string): string {
  const brief = briefText(value, LONGEST_VALUE);
  return value === '' ? '-' : /[\s,;="]/.test(brief) ? `'${brief}'` : brief;
}

function usefulness(name: string): number {
  const place = PLACES.indexOf(name);
  if (place >= 0) return place;
  const noise = NOISE.indexOf(name);
  return noise < 0 ? PLACES.length : PLACES.length + 1 + noise;
}
