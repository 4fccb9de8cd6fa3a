import { at, type Json, type JsonObject, textAt } from '../json.ts';

/** What one Event object says, in either of its shapes. */
export interface ClusterEvent {
  /** Of the object that the event is about; null for what lives in no namespace, such as a Node. */
  namespace: string | null;
  /** API group of its kind, empty for the core group and where the event does not say. */
  group: string;
  kind: string;
  name: string;
  /** `Warning` or `Normal`; empty where the event has none. */
  type: string;
  /** For example `BackOff`. */
  reason: string;
  message: string;
  /** When it was seen last, milliseconds since the epoch; null where the event has no time that can be read. */
  last: number | null;
  /** When it was seen first, as `last`. */
  first: number | null;
  /** How often it was seen from first to last, at least 1. */
  count: number;
}

/**
 * Reads an Event of `v1` (involvedObject, message, count) or of `events.k8s.io/v1` (regarding, note, deprecatedCount). The
 * API server keeps one object and shows it in both shapes; which times and counts are filled depends on who reported it.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function readEvent(object: JsonObject): ClusterEvent {
  const about = object.regarding ?? object.involvedObject;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const take = (text: Json | undefined): void => {
    const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
    if (time < first) first = time;
    if (time > last) last = time;
  };
  for (const name of TIMES) take(object[name]);
  take(at(object.series, 'lastObservedTime'));
  if (last < first) take(at(object.metadata, 'creationTimestamp'));
  const counts = [object.count, object.deprecatedCount, at(object.series, 'count')];
  return {
    namespace: textAt(about, 'namespace') || null,
    group: /^(.+)\//.exec(textAt(about, 'apiVersion') ?? '')?.[1] ?? '',
    kind: textAt(about, 'kind') ?? '',
    name: textAt(about, 'name') ?? '',
    type: textAt(object, 'type') ?? '',
    reason: textAt(object, 'reason') ?? '',
    message: textAt(object, 'note') ?? textAt(object, 'message') ?? '',
    last: last < first ? null : last,
    first: last < first ? null : first,
    count: counts.reduce<number>((most, count) => (typeof count === 'number' && count > most ? count : most), 1),
  };
}

const TIMES = [
  'lastTimestamp',
  'firstTimestamp',
  'eventTime',
  'deprecatedLastTimestamp',
  'deprecatedFirstTimestamp',
] as const;
