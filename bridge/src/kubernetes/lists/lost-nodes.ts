import { countOf, listNames } from '../../brief-text.ts';
import { ToolError } from '../../errors.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';

/**
 * The nodes that are not ready; null where nodes cannot be listed now. Pods on them are printed as their kubelet last saw
 * them, and those of DaemonSets stay Running for as long as the node exists.
 */
export async function lostNodes(kubernetes: Kubernetes, signal: AbortSignal): Promise<ReadonlySet<string> | null> {
  try {
    const type = await kubernetes.resolve('v1/Node', signal);
    const { items } = await kubernetes.table(
      type,
      { include: 'None', cached: true },
      ({ cells }, columns) => {
        const cell = (name: string) => String(cells[columns.findIndex((column) => column.name === name)] ?? '');
        return cell('Status').startsWith('NotReady') ? cell('Name') : undefined;
      },
      signal,
    );
    return new Set(items);
  } catch (error) {
    if (!(error instanceof ToolError) || signal.aborted) throw error;
    return null;
  }
}

/** What is to be known of pods that count as running on such nodes; `nodes` has the node of each of these pods. */
export function lostNote(nodes: readonly string[], lost: ReadonlySet<string> | null): string[] {
  const found = nodes.filter((node) => lost?.has(node));
  if (found.length === 0) return [];
  const names = listNames([...new Set(found)].sort(), 3);
  return [`${countOf(found.length, 'Running pod')} on NotReady ${names}, as last seen there.`];
}
