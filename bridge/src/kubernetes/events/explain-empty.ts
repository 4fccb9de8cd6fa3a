import { countOf, listNames } from '../../brief-text.ts';
import { ToolError } from '../../errors.ts';
import { showAge } from '../../format-time.ts';
import { nearestNames } from '../../nearest-names.ts';
import type { Kubernetes, ResourceType } from '../../upstreams/kubernetes.ts';
import { checkNamespace } from '../named-object.ts';
import type { ClusterEvent } from './event.ts';
import { concerns, type EventScope } from './event-scope.ts';
import { isWithin } from './event-window.ts';
import { readEvents } from './read-events.ts';
import { tally } from './tally.ts';
import { findWorkloads } from './workloads.ts';

/** A question that no event answered. */
export interface EmptyQuestion {
  namespace: string | undefined;
  type: string | undefined;
  scope: EventScope;
  /** The kind of the scope. */
  resource: ResourceType | undefined;
  /** Beginning of the window. */
  start: Date;
  now: Date;
}

type Seen = Pick<ClusterEvent, 'namespace' | 'kind' | 'name' | 'type' | 'last'>;

const NAMES = 5;

/**
 * Says what there is where nothing was found: events that an argument hides, older ones, names near the one asked for, warnings
 * in other namespaces. "None" is said only of what was looked at.
 * @throws {ToolError} `not_found` for a namespace that does not exist; what listing events throws
 */
export async function explainEmpty(
  asked: EmptyQuestion,
  kubernetes: Kubernetes,
  signal: AbortSignal,
): Promise<string[]> {
  const { namespace, scope, start } = asked;
  const pick = ({ namespace: of, kind, name, type, last }: ClusterEvent): Seen => ({
    namespace: of,
    kind,
    name,
    type,
    last,
  });
  const all = await readEvents(kubernetes, { namespace }, pick, signal);
  if (all.length === 0 && namespace !== undefined) await checkNamespace(namespace, kubernetes, signal);
  const { ownersOf } = await findWorkloads(scope.name === undefined ? [] : all, kubernetes, signal);
  const concerned = all.filter((event) => concerns(scope, event, ownersOf(event)));
  const recent = all.filter(({ last }) => isWithin(last, start));
  const notes = [
    ...(await existence(asked, kubernetes, signal)),
    ...hiddenByType(asked, concerned),
    ...older(asked, concerned),
  ];
  if (recent.length === 0)
    return [...notes, ...(namespace === undefined ? [] : await warningsElsewhere(start, kubernetes, signal))];
  if (concerned.length > 0 || (scope.kind === undefined && scope.name === undefined)) return notes;
  const names = recent.flatMap((event) => [event.name, ...ownersOf(event).map((owner) => owner.name)]);
  return [...notes, ...others(scope, recent, names)];
}

function hiddenByType({ type, start }: EmptyQuestion, concerned: readonly Seen[]): string[] {
  const hidden = concerned.filter((event) => isWithin(event.last, start) && event.type !== type);
  if (type === undefined || hidden.length === 0) return [];
  const types = tally(hidden, (event) => event.type || '-').map(([value, count]) => `${count} ${value}`);
  return [`type=${type} hides ${types.join(', ')}`];
}

function older({ type, start, now }: EmptyQuestion, concerned: readonly Seen[]): string[] {
  const before = concerned.filter(
    (event) => !isWithin(event.last, start) && (type === undefined || event.type === type),
  );
  if (before.length === 0) return [];
  const newest = before.reduce((latest, { last }) => Math.max(latest, last ?? 0), 0);
  return [
    `${countOf(before.length, 'event')} before the window, the newest ${showAge((now.getTime() - newest) / 1000)} ago`,
  ];
}

/** What the events are about that there are. */
function others({ name }: EventScope, recent: readonly Seen[], names: readonly string[]): string[] {
  const kinds = tally(recent, (event) => event.kind || '-').map(([kind, count]) => `${count} of ${kind}`);
  const all = `events in the window: ${listNames(kinds, NAMES)}`;
  if (name === undefined) return [all];
  const near = nearestNames(name, [...new Set(names)].sort(), NAMES);
  return [all, ...(near.length === 0 ? [] : [`names near ${JSON.stringify(name)} with events: ${near.join(', ')}`])];
}

/** Whether the object asked for is there at all, where one is meant. */
async function existence(
  { scope: { name }, resource, namespace }: EmptyQuestion,
  kubernetes: Kubernetes,
  signal: AbortSignal,
): Promise<string[]> {
  if (resource === undefined || name === undefined || (resource.namespaced && namespace === undefined)) return [];
  try {
    await kubernetes.get(resource, { namespace, name }, signal);
    return [`${resource.kind} ${name} exists`];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.code === 'not_found' ? [`${resource.kind} ${name} does not exist`] : [];
  }
}

async function warningsElsewhere(start: Date, kubernetes: Kubernetes, signal: AbortSignal): Promise<string[]> {
  try {
    const pick = ({ namespace, last }: ClusterEvent) =>
      isWithin(last, start) ? (namespace ?? 'none (nodes and the like)') : undefined;
    const warned = await readEvents(kubernetes, { type: 'Warning' }, pick, signal);
    if (warned.length === 0) return ['no warnings in other namespaces either'];
    const counts = tally(warned, (namespace) => namespace).map(([namespace, count]) => `${namespace} ${count}`);
    return [`warnings in other namespaces: ${listNames(counts, NAMES)}`];
  } catch (error) {
    if (error instanceof ToolError && error.code === 'denied')
      return ['other namespaces could not be looked at: denied'];
    throw error;
  }
}
