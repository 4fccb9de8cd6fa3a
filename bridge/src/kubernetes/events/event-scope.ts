import type { Owner } from '../owners.ts';
import { type About, WORKLOAD_KINDS } from './workloads.ts';

/** What the caller wants to read events about. */
export interface EventScope {
  kind: string | undefined;
  name: string | undefined;
}

/** Whether events about other objects count as well: those that the named workload made. */
export function includesOwned({ kind, name }: EventScope): boolean {
  return name !== undefined && (kind === undefined || WORKLOAD_KINDS.has(kind));
}

/** Whether an event may be in the scope, as far as can be told without its owners: a workload's name begins its objects' names. */
export function mayConcern(scope: EventScope, about: About): boolean {
  if (scope.name === undefined) return scope.kind === undefined || about.kind === scope.kind;
  if (includesOwned(scope) && about.name.startsWith(scope.name.slice(0, LONGEST_BEGINNING))) return true;
  return about.name === scope.name && (scope.kind === undefined || about.kind === scope.kind);
}

/** Whether an event is in the scope, given the owners that were seen of its object. */
export function concerns(scope: EventScope, about: About, owners: readonly Owner[]): boolean {
  const { kind, name } = scope;
  if (name === undefined) return mayConcern(scope, about);
  if (about.name === name && (kind === undefined || about.kind === kind)) return true;
  if (!includesOwned(scope)) return false;
  if (owners.length > 0)
    return owners.some((owner) => owner.name === name && (kind === undefined || owner.kind === kind));
  return MADE.has(about.kind) && about.name.startsWith(`${name}-`) && GENERATED.test(about.name.slice(name.length));
}

/** Generated names begin with 58 characters of their owner's name and dash, at most. */
const LONGEST_BEGINNING = 57;

/** Kinds whose names are their workload's and something generated; often they are gone, and their owner with them. */
const MADE: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'Job']);

/** `-7d9f8b6c5d`, `-7d9f8b6c5d-x2x7z`, `-x2x7z`, `-0`, `-28374650`, `-28374650-x2x7z`. */
const GENERATED = /^(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10}|-\d{1,10})?(?:-[bcdfghjklmnpqrstvwxz2456789]{5})?$/;
