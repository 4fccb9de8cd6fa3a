import { ToolError } from '../../errors.ts';
import type { Kubernetes, ResourceType } from '../../upstreams/kubernetes.ts';
import { fieldTerm } from '../named-object.ts';
import { type ClusterEvent, readEvent } from './event.ts';

/** Which events the API server is asked for. */
export interface EventSelection {
  /** All namespaces when left out. */
  namespace?: string | undefined;
  type?: string | undefined;
  /** Of the object that they are about, exact. */
  kind?: string | undefined;
  /** As `kind`. */
  name?: string | undefined;
}

/** The two doors to the same objects, and what each calls the object that an event is about. */
const APIS = [
  { kind: 'v1/Event', about: 'involvedObject' },
  { kind: 'events.k8s.io/v1/Event', about: 'regarding' },
] as const;

/**
 * All events of a selection, page after page, in the order of the API, which is not that of time. They are read from `v1`, or
 * from `events.k8s.io/v1` where the bridge may not read the former. Only what `pick` returns is kept; see `Kubernetes.list`.
 * @throws {ToolError} `denied` where neither may be read; all else that listing throws
 */
export async function readEvents<T>(
  kubernetes: Kubernetes,
  selection: EventSelection,
  pick: (event: ClusterEvent) => T | undefined,
  signal: AbortSignal,
): Promise<T[]> {
  const [core, group] = APIS;
  // Outside of what is caught below: a kind that the operator excluded must not be read by its other name.
  const type = await kubernetes.resolve(core.kind, signal);
  try {
    return await list(type, core.about);
  } catch (error) {
    if (!isDenied(error)) throw error;
    try {
      return await list(await kubernetes.resolve(group.kind, signal), group.about);
    } catch (second) {
      if (!isDenied(second) && !(second instanceof ToolError && second.code === 'not_found')) throw second;
      throw new ToolError('denied', error.message, {
        upstream: error.upstream,
        hint: hintFor(selection),
        cause: error,
      });
    }
  }

  async function list(from: ResourceType, about: string): Promise<T[]> {
    const fieldSelector = selectorOf(selection, about);
    const query = { namespace: selection.namespace, ...(fieldSelector === '' ? {} : { fieldSelector }) };
    return (await kubernetes.list(from, query, (object) => pick(readEvent(object)), signal)).items;
  }
}

function isDenied(error: unknown): error is ToolError {
  return error instanceof ToolError && error.code === 'denied';
}

function hintFor({ namespace }: EventSelection): string {
  const grant = 'The operator grants get and list on events';
  return namespace === undefined
    ? `${grant} in all namespaces; or name a namespace whose events the bridge may read.`
    : `${grant} in namespace ${namespace}.`;
}

function selectorOf({ type, kind, name }: EventSelection, about: string): string {
  const terms: [string, string | undefined][] = [
    ['type', type],
    [`${about}.kind`, kind],
    [`${about}.name`, name],
  ];
  return terms.flatMap(([field, value]) => (value === undefined ? [] : [fieldTerm(field, value)])).join(',');
}
