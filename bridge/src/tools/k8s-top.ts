import * as z from 'zod';
import type { Answer } from '../answer.ts';
import { invalidArgument, ToolError } from '../errors.ts';
import { secondsBetween, showAge } from '../format-time.ts';
import type { JsonObject } from '../kubernetes/json.ts';
import { checkNamespace } from '../kubernetes/named-object.ts';
import { nodesByMetricsApi, podsByMetricsApi } from '../kubernetes/top/metrics-api.ts';
import { namespacesView, quotaUse } from '../kubernetes/top/namespaces-view.ts';
import { nodeCapacity, nodesView } from '../kubernetes/top/nodes-view.ts';
import { joinPods } from '../kubernetes/top/pod-measure.ts';
import { podResources } from '../kubernetes/top/pod-resources.ts';
import { podsView, type View, type ViewAnswer } from '../kubernetes/top/pods-view.ts';
import { nodesByPrometheus, podsByPrometheus } from '../kubernetes/top/prometheus-usage.ts';
import { gapNote, orNull, separately } from '../kubernetes/top/separate-part.ts';
import { troubleOf } from '../kubernetes/top/trouble.ts';
import type { Sampled } from '../kubernetes/top/usage.ts';
import { usageBy } from '../kubernetes/top/usage-source.ts';
import { defineTool, type ToolContext } from '../tool.ts';

/** Older samples are no longer what a reader takes for now. */
const STALE_SECONDS = 180;

/** `k8s.top`: what pods, nodes and namespaces use, beside what they asked for and may use. */
export const k8sTop = defineTool({
  name: 'k8s.top',
  title: 'Kubernetes resource usage',
  description:
    'CPU and memory used by pods, nodes or namespaces, highest first, against requests and limits, allocatable or quotas, ' +
    'with OOM kills, restarts and throttling. Says whether metrics-server or Prometheus measured it.',
  input: z.strictObject({
    kind: z.enum(['pods', 'nodes', 'namespaces']),
    namespace: z.string().optional().describe('Default all; not with nodes'),
    sort: z
      .enum(['cpu', 'memory', 'cpuPercent', 'memoryPercent'])
      .default('cpu')
      .describe('Percent: of limit (pods), allocatable (nodes), requests (namespaces)'),
    limit: z.int().min(1).max(500).default(20).describe('Rows'),
  }),
  paged: true,
  run: async ({ kind, namespace, sort, limit }, context): Promise<Answer> => {
    checkArgument(kind, namespace);
    const view: View = { sort, limit, namespace, now: context.now };
    const { sampled, ...shown } = await (kind === 'nodes'
      ? topNodes(view, context)
      : kind === 'pods'
        ? topPods(view, context)
        : topNamespaces(view, context));
    return {
      ...shown,
      title: `${kind}${namespace === undefined ? '' : ` in ${namespace}`} by ${sort}`,
      source: sampled.source,
      asOf: sampled.asOf ?? context.now,
      ...(sampled.items.length === 0 ? {} : { window: sampled.window }),
      notes: [...sampled.notes, ...staleNote(sampled, context.now), ...shown.notes],
    };
  },
});

type Shown = ViewAnswer & { sampled: Sampled<unknown> };

async function topPods(view: View, context: ToolContext): Promise<Shown> {
  const { sampled, pods, trouble } = await lookAtPods(view, context);
  const shown = await podsView(await joinPods(sampled.items, orNull(pods)), trouble, view);
  return { ...shown, sampled, notes: [...gapNote('requests, limits, nodes', pods), ...shown.notes] };
}

async function topNamespaces(view: View, context: ToolContext): Promise<Shown> {
  const listed = separately(listAll('ResourceQuota', view.namespace, quotaUse, context), context.signal);
  const [{ sampled, pods, trouble }, quotas] = await Promise.all([lookAtPods(view, context), listed]);
  const shown = namespacesView(await joinPods(sampled.items, orNull(pods)), orNull(quotas) ?? [], trouble, view);
  const gaps = [...gapNote('requests, limits', pods), ...gapNote('quotas', quotas)];
  return { ...shown, sampled, notes: [...gaps, ...shown.notes] };
}

async function topNodes(view: View, context: ToolContext): Promise<Shown> {
  const { signal } = context;
  const [sampled, nodes, pods] = await Promise.all([
    usageBy(
      { metricsApi: (kubernetes) => nodesByMetricsApi(kubernetes, signal), prometheus: nodesByPrometheus },
      context,
    ),
    separately(listAll('Node', undefined, nodeCapacity, context), signal),
    separately(listAll('Pod', undefined, podResources, context), signal),
  ]);
  const shown = nodesView(sampled.items, orNull(nodes), orNull(pods), view);
  const gaps = [...gapNote('allocatable, conditions', nodes), ...gapNote('requests, limits', pods)];
  return { ...shown, sampled, notes: [...gaps, ...shown.notes] };
}

/** Usage, the pods themselves, and what Prometheus knows besides. */
async function lookAtPods({ namespace }: View, context: ToolContext) {
  const { signal, now, upstreams } = context;
  const { prometheus } = upstreams;
  const listed = separately(listAll('Pod', namespace, podResources, context), signal);
  const [sampled, pods, trouble] = await Promise.all([
    usageBy(
      {
        metricsApi: (kubernetes) => podsByMetricsApi(kubernetes, namespace, signal),
        prometheus: (of) => podsByPrometheus(of, namespace),
      },
      context,
    ),
    listed,
    listed.then((part) =>
      troubleOf({ prometheus, now, signal }, namespace, 'value' in part ? 'last hour' : 'last end'),
    ),
  ]);
  const nothing = sampled.items.length === 0 && (orNull(pods) ?? []).length === 0;
  if (nothing && namespace !== undefined) await mustExist(namespace, context);
  return { sampled, pods, trouble };
}

/** Nothing there is an answer only of a namespace that is there. */
async function mustExist(namespace: string, { upstreams, signal }: ToolContext): Promise<void> {
  const { kubernetes } = upstreams;
  if (kubernetes === null) return;
  const found = await separately(checkNamespace(namespace, kubernetes, signal), signal);
  if ('failure' in found && found.failure.code === 'not_found') throw found.failure;
}

async function listAll<T>(
  kind: string,
  namespace: string | undefined,
  pick: (object: JsonObject) => T | undefined,
  { upstreams, signal }: ToolContext,
): Promise<T[]> {
  const { kubernetes } = upstreams;
  if (kubernetes === null) throw new ToolError('not_configured', 'this bridge has no Kubernetes API');
  const type = await kubernetes.resolve(kind, signal);
  const { items } = await kubernetes.list(type, { namespace }, pick, signal);
  return items;
}

/** The name goes into queries and paths, so it must be one (RFC 1123 label). */
function checkArgument(kind: string, namespace: string | undefined): void {
  if (namespace === undefined) return;
  if (kind === 'nodes') throw invalidArgument('namespace', 'nodes have none', 'Leave it out.');
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    throw invalidArgument('namespace', `${JSON.stringify(namespace)} is not a name of a namespace`);
}

function staleNote({ asOf }: Sampled<unknown>, now: Date): string[] {
  if (asOf === null) return [];
  const age = secondsBetween(asOf.toISOString(), now.toISOString());
  return age < STALE_SECONDS ? [] : [`even the latest sample is ${showAge(age)} old`];
}
