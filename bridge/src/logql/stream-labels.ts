import { shownLabel } from '../promql/secret-labels.ts';
import { labelOrder } from '../upstreams/label-set.ts';
import type { LokiEntry, LokiStream } from '../upstreams/loki-result.ts';
import type { Labels } from '../upstreams/prometheus-result.ts';

/** Entries looked at to see whether a label is only what a parser took from the line. */
const LOOKED_AT = 50;
/** What Loki derives of each line, and what of other labels. */
const LEVEL = 'detected_level';
const SERVICE = 'service_name';
/** Labels longer than this are left out of a stream's name where it has one without them: paths of files. */
const LONG = 60;

/**
 * Streams by where their lines come from. Loki before 3.0 mixes what `| json` and the like found into the labels, so that nearly
 * every line is a stream of its own: such are put together again, and so are streams that differ by the level of their lines only.
 */
export function sourceStreams(streams: readonly LokiStream[]): LokiStream[] {
  const parsed = parsedLabels(streams);
  const merged = new Map<string, { labels: Labels; parts: LokiEntry[][] }>();
  for (const { labels, entries } of streams) {
    const own = Object.fromEntries(Object.entries(labels).filter(([name]) => !parsed.has(name)));
    const key = labelOrder(own);
    const withLevel = entries.map((entry) => ({ ...entry, metadata: { ...levelOf(labels), ...entry.metadata } }));
    const group = merged.get(key);
    if (group === undefined) merged.set(key, { labels: own, parts: [withLevel] });
    else group.parts.push(withLevel);
  }
  return [...merged.values()].map(({ labels, parts }) => ({ labels, entries: parts.flat() }));
}

function levelOf(labels: Labels): Labels {
  const level = labels[LEVEL] ?? labels.level;
  return level === undefined ? {} : { [LEVEL]: level };
}

/** Labels whose name stands in every line as that of a field: `"msg":` or `msg=`. */
function parsedLabels(streams: readonly LokiStream[]): ReadonlySet<string> {
  const found = new Set([LEVEL]);
  const names = new Set(streams.flatMap(({ labels }) => Object.keys(labels)));
  for (const name of names) {
    const lines = streams
      .filter(({ labels }) => name in labels)
      .flatMap(({ entries }) => entries)
      .slice(0, LOOKED_AT);
    if (lines.length > 0 && lines.every(({ line }) => line.includes(`"${name}":`) || hasPair(line, name)))
      found.add(name);
  }
  return found;
}

function hasPair(line: string, name: string): boolean {
  return line.startsWith(`${name}=`) || line.includes(` ${name}=`);
}

/** What is said of streams: labels of all once, then of each those that tell it apart. */
export interface StreamNames {
  /** `container=main, namespace=shop`; empty where the query says it all, or there is nothing. */
  common: string;
  /** `pod=cart-7d9f-0 stream=stdout`; empty for a stream without labels of its own. */
  names: readonly string[];
  /** The shortest that still tells streams apart: `cart-7d9f-0`. */
  brief: readonly string[];
}

/** Names streams. `known` are labels that the query itself fixes, and that nobody needs to be told. */
export function nameStreams(streams: readonly Pick<LokiStream, 'labels'>[], known: ReadonlySet<string>): StreamNames {
  const all = streams.map(({ labels }) => withoutService(labels));
  const [first = {}] = all;
  const names = [...new Set(all.flatMap((labels) => Object.keys(labels)))].sort();
  const isCommon = (name: string) => all.every((labels) => labels[name] === first[name]);
  const varying = names.filter((name) => !isCommon(name));
  const short = varying.filter((name) => all.every((labels) => (labels[name] ?? '').length <= LONG));
  const shown = areDistinct(all, short) ? short : varying;
  const common = names.filter((name) => isCommon(name) && !known.has(name) && (first[name] ?? '').length <= LONG);
  const briefest = briefNames(all, shown);
  const nameOf = (labels: Labels) =>
    shown.flatMap((name) => (labels[name] === undefined ? [] : [`${name}=${labels[name]}`])).join(' ');
  return {
    common: common.map((name) => `${name}=${first[name]}`).join(', '),
    names: all.map(nameOf),
    brief: all.map(
      (labels) => briefest.flatMap((name) => shownLabel(name, labels[name] ?? '') || []).join(' ') || nameOf(labels),
    ),
  };
}

/** Loki sets it to what another label says, most of the time. */
function withoutService(labels: Labels): Labels {
  const { [SERVICE]: service, ...others } = labels;
  return service === 'unknown_service' || Object.values(others).includes(service ?? '') ? others : labels;
}

const TELLING = ['pod', 'unit', 'container', 'app', 'node', 'nodename', 'hostname', 'instance', 'host'];

/** One label that is enough, those that people know streams by first; all where it takes several. */
function briefNames(all: readonly Labels[], varying: readonly string[]): readonly string[] {
  const ordered = [...TELLING.filter((name) => varying.includes(name)), ...varying];
  const enough = ordered.find((name) => areDistinct(all, [name]));
  return enough === undefined ? varying : [enough];
}

function areDistinct(all: readonly Labels[], names: readonly string[]): boolean {
  return new Set(all.map((labels) => JSON.stringify(names.map((name) => labels[name] ?? null)))).size === all.length;
}
