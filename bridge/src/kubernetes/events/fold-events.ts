import { setImmediate } from 'node:timers/promises';
import { compareText } from '../../compare-text.ts';
import { namePattern, type Owner } from '../owners.ts';
import type { ClusterEvent } from './event.ts';

/** An event with what its message has in common with others of its kind. */
export interface TemplatedEvent extends ClusterEvent {
  template: string;
}

/** Events that tell the same of the same; of several, where there would be too many groups otherwise. */
export interface EventGroup {
  /** The one seen last; its type, reason and kind are those of all. */
  newest: TemplatedEvent;
  /** Times the events were seen. */
  count: number;
  /** Of their messages. */
  templates: Set<string>;
  /** With the times in each; null for objects that live in none. */
  namespaces: Map<string | null, number>;
  /** What the objects belong to (`Deployment/ledger`, or `Pod/ledger-7d9f8b6c5d-*` where no owner was seen), with the times. */
  owners: Map<string, number>;
  /** `namespace/name` of the objects. */
  objects: Set<string>;
}

/**
 * Folds events by owner, reason and template of the message, warnings first, then newest. What more than four owners of one
 * namespace tell alike becomes one group, and so do nodes. While there are more than `most` groups, or more than a third of that
 * which are no warnings, less and less alike ones are taken together: the largest family first and the normal ones before the
 * warnings, so that what is rare keeps its own. Without `most` each owner and each node has its own groups. No event is lost;
 * `count` stays exact.
 */
export async function foldEvents(
  events: readonly TemplatedEvent[],
  ownersOf: (event: TemplatedEvent) => readonly Owner[],
  most: number | null,
): Promise<EventGroup[]> {
  const groups = new Map<string, EventGroup>();
  for (const [index, event] of events.entries()) {
    // Tens of thousands must not hold up all other calls.
    if (index % BATCH === BATCH - 1) await setImmediate();
    const owner = ownerName(event, ownersOf(event));
    // Nodes have no owners, and a hundred of them may say the same.
    const who = event.kind === 'Node' && most !== null ? '' : owner;
    const { type, namespace, reason, kind, template } = event;
    const key = [type, namespace ?? '', reason, kind, who, template].join('\n');
    const group = groups.get(key) ?? emptyGroup(event);
    groups.set(key, group);
    addEvent(group, event, owner);
  }
  let folded = [...groups.values()];
  await setImmediate();
  if (most !== null) {
    folded = mergeFamilies(folded, { family: sameWords, isConcerned: () => true, most: Number.POSITIVE_INFINITY });
    const mostOf = Math.min(most, folded.filter(isWarning).length + Math.ceil(most / 3));
    for (const family of FAMILIES)
      folded = mergeFamilies(folded, { family, isConcerned: (group) => !isWarning(group), most: mostOf });
    for (const family of FAMILIES) folded = mergeFamilies(folded, { family, isConcerned: isWarning, most });
  }
  return folded.sort((a, b) => compareEvents(a.newest, b.newest));
}

/** What an object is counted under: its last owner, or its kind with the part of its name that siblings share. */
function ownerName({ kind, name }: TemplatedEvent, owners: readonly Owner[]): string {
  const top = owners.at(-1);
  if (top !== undefined) return `${top.kind}/${top.name}`;
  return `${kind}/${kind === 'Node' ? name : namePattern(name)}`;
}

const BATCH = 2000;

/** More than so many owners that tell the same are one row. */
const ALIKE = 4;

/** What groups of one family share besides type, reason and kind. */
type Family = (group: EventGroup) => readonly (string | null)[];

const sameWords: Family = ({ namespaces, templates }) => [...namespaces.keys(), ...templates];

/** Ever less alike. */
const FAMILIES: readonly Family[] = [
  sameWords,
  ({ templates }) => [...templates],
  ({ namespaces }) => [...namespaces.keys()],
  () => [],
];

interface Merging {
  family: Family;
  isConcerned(group: EventGroup): boolean;
  /** Groups of all kinds that there may be. */
  most: number;
}

/** Makes one group of each family that is large, and of others, the largest first, while there are too many groups. */
function mergeFamilies(groups: readonly EventGroup[], { family, isConcerned, most }: Merging): EventGroup[] {
  const families = Map.groupBy(groups.filter(isConcerned), (group) => {
    const { type, reason, kind } = group.newest;
    return [type, reason, kind, ...[...family(group)].sort()].join('\n');
  });
  const largestFirst = [...families].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
  let excess = groups.length - most;
  const isMerged = (size: number) => excess > 0 || (family === sameWords && size > ALIKE);
  const merged = largestFirst.flatMap(([, members]) => {
    const [first, ...rest] = members;
    if (first === undefined || !isMerged(members.length)) return members;
    excess -= rest.length;
    for (const group of rest) addGroup(first, group);
    return [first];
  });
  return [...groups.filter((group) => !isConcerned(group)), ...merged];
}

function isWarning({ newest }: EventGroup): boolean {
  return newest.type === 'Warning';
}

function emptyGroup(newest: TemplatedEvent): EventGroup {
  return { newest, count: 0, templates: new Set(), namespaces: new Map(), owners: new Map(), objects: new Set() };
}

function addEvent(group: EventGroup, event: TemplatedEvent, owner: string): void {
  if (compareEvents(event, group.newest) < 0) group.newest = event;
  group.count += event.count;
  group.templates.add(event.template);
  addTo(group.namespaces, event.namespace, event.count);
  addTo(group.owners, owner, event.count);
  group.objects.add(`${event.namespace ?? ''}/${event.name}`);
}

function addGroup(group: EventGroup, other: EventGroup): void {
  if (compareEvents(other.newest, group.newest) < 0) group.newest = other.newest;
  group.count += other.count;
  for (const template of other.templates) group.templates.add(template);
  for (const [namespace, count] of other.namespaces) addTo(group.namespaces, namespace, count);
  for (const [owner, count] of other.owners) addTo(group.owners, owner, count);
  for (const object of other.objects) group.objects.add(object);
}

function addTo<K>(sums: Map<K, number>, key: K, count: number): void {
  sums.set(key, (sums.get(key) ?? 0) + count);
}

/** Warnings first, then newest; of what is equal so far the order is fixed, however the API server had it. */
function compareEvents(a: TemplatedEvent, b: TemplatedEvent): number {
  return (
    Number(b.type === 'Warning') - Number(a.type === 'Warning') ||
    (b.last ?? 0) - (a.last ?? 0) ||
    b.count - a.count ||
    compareText(a.reason, b.reason) ||
    compareText(a.namespace ?? '', b.namespace ?? '') ||
    compareText(a.kind, b.kind) ||
    compareText(a.name, b.name) ||
    compareText(a.message, b.message)
  );
}
