import type { JsonObject } from '../../src/kubernetes/json.ts';
import { metadataOf } from './cluster-objects.ts';
import { ago, microAgo, secondsOf } from './seed-time.ts';

export interface EventOptions {
  name: string;
  namespace?: string;
  /** What it is about, in the same namespace unless it has none. */
  about: { kind: string; name: string; apiVersion?: string; uid?: string; fieldPath?: string };
  reason: string;
  message: string;
  type?: 'Normal' | 'Warning';
  count?: number;
  /** Since it was first and last seen. `last` is `first` unless given. */
  first: string;
  last?: string;
  component?: string;
  host?: string;
  /** As made through events.k8s.io/v1: eventTime and series in place of timestamps and count. */
  series?: boolean;
}

/** An event in the shape of core/v1, in which the server keeps both kinds. */
export function event(options: EventOptions): JsonObject {
  const {
    name,
    namespace = 'default',
    about,
    reason,
    message,
    type = 'Normal',
    count = 1,
    first,
    last = first,
  } = options;
  const { component = 'kubelet', host = '', series = false } = options;
  const isNamespaced = !['Node', 'Namespace', 'PersistentVolume'].includes(about.kind);
  const times = series
    ? {
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: microAgo(secondsOf(first)),
        ...(count > 1 ? { series: { count, lastObservedTime: microAgo(secondsOf(last)) } } : {}),
        action: 'Scheduling',
        reportingComponent: component,
        reportingInstance: host === '' ? component : host,
      }
    : {
        source: { component, ...(host === '' ? {} : { host }) },
        firstTimestamp: ago(first),
        lastTimestamp: ago(last),
        count,
        eventTime: null,
        reportingComponent: '',
        reportingInstance: '',
      };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: metadataOf({ name, namespace, age: first }),
    involvedObject: { apiVersion: 'v1', ...about, ...(isNamespaced ? { namespace } : {}) },
    reason,
    message,
    type,
    ...times,
  };
}
