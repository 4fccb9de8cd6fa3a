import type { Prometheus } from '../../upstreams/prometheus.ts';
import type { Sample } from '../../upstreams/prometheus-result.ts';
import { namespaceMatcher, type PrometheusMoment, RATE_WINDOW, samplesOf } from './prometheus-usage.ts';
import { gapNote, orNull, separately } from './separate-part.ts';
import { podKey } from './usage.ts';

/** What only Prometheus knows of pods, by `podKey`. */
export interface Trouble {
  /** Share of its CPU periods in which the most throttled container of a pod was, from 0 to 1; null where it is not known of any pod. */
  throttled: ReadonlyMap<string, number> | null;
  /** Pods with a container killed for its memory. */
  oomKilled: ReadonlySet<string>;
  evidence: OomEvidence;
  notes: readonly string[];
}

/** How OOM kills are found. */
export type OomEvidence =
  /** Kills within the last hour, those of processes that did not end their container among them. */
  | 'last hour'
  /** Containers that last ended so, whenever that was: for when the pods themselves may not be read. */
  | 'last end';

/** Throttling and OOM kills, as far as Prometheus has them; it is never the reason that an answer fails. */
export async function troubleOf(
  of: Omit<PrometheusMoment, 'prometheus'> & { prometheus: Prometheus | null },
  namespace: string | undefined,
  evidence: OomEvidence,
): Promise<Trouble> {
  const { prometheus, signal } = of;
  if (prometheus === null) {
    return {
      throttled: null,
      oomKilled: new Set(),
      evidence,
      notes: ['throttling not known: no Prometheus'],
    };
  }
  const moment = { ...of, prometheus };
  const only = `container!=""${namespaceMatcher(namespace)}`;
  const [periods, kills] = await Promise.all([
    separately(samplesOf(moment, throttling(only)), signal),
    separately(samplesOf(moment, OOM_KILLS[evidence](only)), signal),
  ]);
  const throttled = byPod(orNull(periods) ?? []);
  const oomKilled = new Set(byPod(orNull(kills) ?? []).keys());
  const silent = 'value' in periods && throttled.size === 0;
  return {
    throttled: throttled.size === 0 ? null : throttled,
    oomKilled,
    evidence,
    notes: [
      ...gapNote('throttling', periods),
      ...(silent ? [`throttling not known: ${prometheus.name} has no container_cpu_cfs_periods_total here`] : []),
      ...(throttled.size === 0 ? [] : [`throttling by ${prometheus.name}: share of CPU periods over ${RATE_WINDOW}`]),
      ...(oomKilled.size === 0 || evidence === 'last end'
        ? []
        : [`OOM kills: those that ${prometheus.name} saw are counted too`]),
      ...gapNote(`OOM kills that ${prometheus.name} may have seen`, kills),
    ],
  };
}

function throttling(only: string): string {
  const rate = (metric: string) => `rate(${metric}{${only}}[${RATE_WINDOW}])`;
  const share = `${rate('container_cpu_cfs_throttled_periods_total')} / ${rate('container_cpu_cfs_periods_total')}`;
  return `max by (namespace, pod) (${share})`;
}

const OOM_KILLS: Readonly<Record<OomEvidence, (only: string) => string>> = {
  'last hour': (only) => `max by (namespace, pod) (increase(container_oom_events_total{${only}}[1h]) > 0)`,
  'last end': (only) =>
    `max by (namespace, pod) (kube_pod_container_status_last_terminated_reason{reason="OOMKilled",${only}} == 1)`,
};

/** Numbers by pod; a container without a single period has none (0/0). */
function byPod(samples: readonly Sample[]): Map<string, number> {
  return new Map(
    samples.flatMap(({ labels, value }) => {
      if (value === null || Number.isNaN(value)) return [];
      return [[podKey({ namespace: labels.namespace ?? '', name: labels.pod ?? '' }), value] as const];
    }),
  );
}
