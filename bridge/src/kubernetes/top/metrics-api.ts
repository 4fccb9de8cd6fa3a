import { briefText } from '../../brief-text.ts';
import type { ToolError } from '../../errors.ts';
import { showDuration } from '../../format.ts';
import { parseDuration } from '../../moment.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { at, type Json, type JsonObject, listAt, textAt } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import type { Amounts } from './pod-resources.ts';
import { orNull, separately } from './separate-part.ts';
import type { NodeUsage, PodUsage, Sampled } from './usage.ts';

/** The API that metrics-server or an adapter serves (k8s.io/metrics). */
export const METRICS_API = 'metrics.k8s.io';

/** An item with when it was sampled, and over how many seconds. */
interface Timed<T> {
  item: T;
  at: number;
  seconds: number | null;
}

/** Usage of the pods of a namespace, or of all. @throws {ToolError} as the API server, `not_found` where nobody serves it */
export async function podsByMetricsApi(
  kubernetes: Kubernetes,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Sampled<PodUsage>> {
  const type = await kubernetes.resolve(`PodMetrics.${METRICS_API}`, signal);
  const { items } = await kubernetes.list(type, { namespace }, (object) => timed(object, podOf(object)), signal);
  return sampled(items);
}

/** Usage of all nodes. @throws {ToolError} as the API server, `not_found` where nobody serves it */
export async function nodesByMetricsApi(kubernetes: Kubernetes, signal: AbortSignal): Promise<Sampled<NodeUsage>> {
  const type = await kubernetes.resolve(`NodeMetrics.${METRICS_API}`, signal);
  const { items } = await kubernetes.list(type, {}, (object) => timed(object, nodeOf(object)), signal);
  return sampled(items);
}

/** Why the API gave nothing: what its APIService says of it where that may be read, else the failure itself. */
export async function whyNoMetricsApi(
  kubernetes: Kubernetes,
  failure: ToolError,
  signal: AbortSignal,
): Promise<string> {
  const missing = failure.code === 'not_found';
  const words = missing ? 'is not served (no metrics-server)' : `failed: ${briefText(failure.message, MAX_REASON)}`;
  if (!missing && failure.code !== 'unreachable') return words;
  const service = await separately(apiService(kubernetes, signal), signal);
  const available = listAt(orNull(service), 'status', 'conditions').find(
    (each) => textAt(each, 'type') === 'Available',
  );
  if (available === undefined || textAt(available, 'status') === 'True') return words;
  const reason = textAt(available, 'message') ?? textAt(available, 'reason') ?? 'it does not say why';
  return `is not available: ${briefText(reason, MAX_REASON)}`;
}

const MAX_REASON = 200;

async function apiService(kubernetes: Kubernetes, signal: AbortSignal): Promise<JsonObject> {
  const type = await kubernetes.resolve('APIService.apiregistration.k8s.io', signal);
  return kubernetes.get(type, { name: `v1beta1.${METRICS_API}` }, signal);
}

function podOf(object: JsonObject): PodUsage | undefined {
  const name = textAt(object, 'metadata', 'name');
  if (name === undefined) return undefined;
  return {
    namespace: textAt(object, 'metadata', 'namespace') ?? '',
    name,
    containers: listAt(object, 'containers').map((each) => ({
      name: textAt(each, 'name') ?? '',
      ...usageOf(each),
    })),
  };
}

function nodeOf(object: JsonObject): NodeUsage | undefined {
  const name = textAt(object, 'metadata', 'name');
  return name === undefined ? undefined : { names: [name], used: usageOf(object) };
}

function usageOf(value: Json): Amounts {
  return { cpu: parseQuantity(at(value, 'usage', 'cpu')), memory: parseQuantity(at(value, 'usage', 'memory')) };
}

function timed<T>(object: JsonObject, item: T | undefined): Timed<T> | undefined {
  if (item === undefined) return undefined;
  return { item, at: Date.parse(textAt(object, 'timestamp') ?? ''), seconds: windowOf(textAt(object, 'window')) };
}

/** Go writes `1m0s` and `14.925s` (time.Duration), of which Prometheus knows no fractions. */
function windowOf(text: string | undefined): number | null {
  return parseDuration((text ?? '').replace(/\.\d+s$/, 's'));
}

function sampled<T>(found: readonly Timed<T>[]): Sampled<T> {
  const times = found.map((each) => each.at).filter((time) => !Number.isNaN(time));
  const newest = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const oldest = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const spans = found.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  const shortest = spans.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const longest = spans.reduce((a, b) => Math.max(a, b), 0);
  const known = times.length > 0;
  const over = shortest === longest ? showDuration(longest) : `${showDuration(shortest)} to ${showDuration(longest)}`;
  const spread = (newest - oldest) / 1000;
  return {
    items: found.map(({ item }) => item),
    source: METRICS_API,
    asOf: known ? new Date(newest) : null,
    window: [
      spans.length === 0 ? 'window not told' : `CPU over ${over}`,
      ...(known && spread >= 1 ? [`samples up to ${showDuration(spread, 1)} older`] : []),
    ].join(', '),
    notes: known || found.length === 0 ? [] : ['the samples do not say when they were taken'],
  };
}
