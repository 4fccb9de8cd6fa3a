import { ToolError } from '../../errors.ts';
import type { ToolContext } from '../../tool.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { METRICS_API, whyNoMetricsApi } from './metrics-api.ts';
import type { PrometheusMoment } from './prometheus-usage.ts';
import { separately } from './separate-part.ts';
import type { Sampled } from './usage.ts';

/** The same usage by either source. */
interface Sources<T> {
  metricsApi(kubernetes: Kubernetes): Promise<Sampled<T>>;
  prometheus(of: PrometheusMoment): Promise<Sampled<T>>;
}

/**
 * Usage by the cluster's metrics API; where that is not served, refused, down or without any samples, by Prometheus, with a note that says why.
 * Never some of one and some of the other.
 * @throws {ToolError} `not_configured` where there is neither, else why the last of them failed
 */
export async function usageBy<T>(sources: Sources<T>, { upstreams, signal, now }: ToolContext): Promise<Sampled<T>> {
  const { kubernetes, prometheus } = upstreams;
  if (kubernetes === null) {
    if (prometheus === null) throw neither();
    const sampled = await sources.prometheus({ prometheus, now, signal });
    return withNote(sampled, `usage by ${prometheus.name}, since this bridge has no Kubernetes API`);
  }
  const part = await separately(sources.metricsApi(kubernetes), signal);
  if ('value' in part) {
    if (part.value.items.length > 0 || prometheus === null) return part.value;
    // A metrics-server that has just started has none of anything.
    const other = await separately(sources.prometheus({ prometheus, now, signal }), signal);
    return 'value' in other && other.value.items.length > 0
      ? withNote(other.value, `usage by ${prometheus.name}, since ${METRICS_API} has no samples`)
      : part.value;
  }
  const { failure } = part;
  const why = await whyNoMetricsApi(kubernetes, failure, signal);
  if (prometheus === null)
    throw new ToolError(failure.code === 'not_found' ? 'not_configured' : failure.code, `${METRICS_API} ${why}`, {
      upstream: kubernetes.name,
      hint: failure.code === 'denied' ? failure.hint : NO_METRICS_SERVER,
      cause: failure,
    });
  const other = await separately(sources.prometheus({ prometheus, now, signal }), signal);
  if ('value' in other) return withNote(other.value, `usage by ${prometheus.name}, since ${METRICS_API} ${why}`);
  throw new ToolError(other.failure.code, `${METRICS_API} ${why}; ${other.failure.message}`, {
    upstream: other.failure.upstream,
    hint: other.failure.hint,
    cause: other.failure,
  });
}

const NO_METRICS_SERVER =
  'The operator gives the cluster a working metrics-server, or the bridge TELEMCP_PROMETHEUS_URL.';

function neither(): ToolError {
  return new ToolError('not_configured', 'this bridge has neither a Kubernetes API nor a Prometheus', {
    hint: 'The operator sets TELEMCP_KUBERNETES or TELEMCP_PROMETHEUS_URL.',
  });
}

function withNote<T>(sampled: Sampled<T>, note: string): Sampled<T> {
  return { ...sampled, notes: [note, ...sampled.notes] };
}
