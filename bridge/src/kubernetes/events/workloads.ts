import { setImmediate } from 'node:timers/promises';
import { ToolError } from '../../errors.ts';
import type { Kubernetes } from '../../upstreams/kubernetes.ts';
import { type JsonObject, textAt } from '../json.ts';
import { type Owner, ownerOf } from '../owners.ts';
import type { ClusterEvent } from './event.ts';

/** What an event is about. */
export type About = Pick<ClusterEvent, 'namespace' | 'kind' | 'name'>;

/** Who stands behind the objects of events, as far as it exists still. */
export interface Workloads {
  /**
   * The owners of an object, nearest first: `ReplicaSet/ledger-7d9f8b6c5d`, `Deployment/ledger`. Empty where none was seen: the
   * object is on its own, or its owner is gone.
   */
  ownersOf(about: About): readonly Owner[];
  /** Why kinds of owners could not be looked at. */
  gaps: readonly string[];
}

/** The kinds that make pods, and what they end a pod's name with. */
const MAKERS = [
  { kind: 'ReplicaSet', in: 'apps/v1', ending: 'letters' },
  { kind: 'StatefulSet', in: 'apps/v1', ending: 'ordinal' },
  { kind: 'DaemonSet', in: 'apps/v1', ending: 'letters' },
  { kind: 'Job', in: 'batch/v1', ending: 'letters' },
] as const;
type Maker = (typeof MAKERS)[number];

/** Kinds of workloads: an event of what one of them made is an event of its own. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set([
  ...MAKERS.map(({ kind }) => kind),
  'Deployment',
  'CronJob',
]);

const BATCH = 5000;
/** More namespaces than this are looked at in one request for all. */
const MAX_NAMESPACES = 3;
/** Generated names are 63 characters at most, five of them random (k8s.io/apiserver storage/names). */
const LONGEST_BASE = 58;

/**
 * Looks the owners of the objects up by the metadata of the ReplicaSets, StatefulSets, DaemonSets and Jobs there are, not by
 * pods: those are many, and the ones that have events are often gone. A pod's owner is the one of these that its name begins
 * with; where two would do, none is taken.
 */
export async function findWorkloads(
  abouts: readonly About[],
  kubernetes: Kubernetes,
  signal: AbortSignal,
): Promise<Workloads> {
  const wanted = new Map<string, string | null>();
  for (const [index, about] of abouts.entries()) {
    // Tens of thousands must not hold up all other calls.
    if (index % BATCH === BATCH - 1) await setImmediate();
    for (const key of keysOf(about)) wanted.set(key, about.namespace);
  }
  if (wanted.size === 0) return { ownersOf: () => [], gaps: [] };
  const namespaces = new Set(wanted.values());
  const scopes = namespaces.size > MAX_NAMESPACES ? [undefined] : [...namespaces].map((name) => name ?? undefined);
  const found = new Map<string, Owner[][]>();
  const gaps = await Promise.all(MAKERS.map((maker) => lookFor(maker)));
  return { ownersOf: (about) => ownersIn(found, about), gaps: [...new Set(gaps.flat())] };

  async function lookFor(maker: Maker): Promise<string[]> {
    try {
      const type = await kubernetes.resolve(`${maker.in}/${maker.kind}`, signal);
      const pick = (object: JsonObject) => seen(maker, object, wanted);
      const lists = await Promise.all(
        scopes.map((namespace) => kubernetes.listMetadata(type, { namespace }, pick, signal)),
      );
      for (const { keys, owners } of lists.flatMap((list) => list.items)) {
        for (const key of keys) found.set(key, [...(found.get(key) ?? []), owners]);
      }
      return [];
    } catch (error) {
      // Owners only make the answer shorter: without them it still holds all events.
      if (!(error instanceof ToolError) || signal.aborted) throw error;
      return [`${maker.kind}s: ${error.message}`];
    }
  }
}

/** An owner and its own owner, under the keys that its objects are looked up by; undefined where nobody asked for it. */
function seen({ kind, ending }: Maker, object: JsonObject, wanted: ReadonlyMap<string, unknown>) {
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  const name = textAt(object, 'metadata', 'name') ?? '';
  const base = `${name}-`;
  const keys = [
    keyOf(namespace, kind, name),
    keyOf(namespace, ending, ending === 'ordinal' ? base : base.slice(0, LONGEST_BASE)),
    ...(kind === 'Job' ? [keyOf(namespace, 'index', base)] : []),
  ].filter((key) => wanted.has(key));
  const above = ownerOf(object);
  return keys.length === 0 ? undefined : { keys, owners: [{ kind, name }, ...(above === null ? [] : [above])] };
}

function ownersIn(found: ReadonlyMap<string, readonly Owner[][]>, about: About): readonly Owner[] {
  const [owners = [], ...others] = keysOf(about).flatMap((key) => found.get(key) ?? []);
  if (others.length > 0) return [];
  // What is found for a ReplicaSet or a Job is itself.
  return about.kind === 'Pod' ? owners : owners.slice(1);
}

/** Where the owners of an object would be found. */
function keysOf({ namespace, kind, name }: About): string[] {
  if (namespace === null) return [];
  if (kind === 'ReplicaSet' || kind === 'Job') return [keyOf(namespace, kind, name)];
  if (kind !== 'Pod') return [];
  const [ordinal] = /^.*-(?=\d{1,9}$)/.exec(name) ?? [];
  const [letters] = RANDOM.exec(name) ?? [];
  const index = letters?.replace(/-\d{1,9}-$/, '-');
  return [
    ...(ordinal === undefined ? [] : [keyOf(namespace, 'ordinal', ordinal)]),
    ...(letters === undefined ? [] : [keyOf(namespace, 'letters', letters)]),
    // The pods of an indexed Job carry their index before the random letters.
    ...(index === undefined || index === letters ? [] : [keyOf(namespace, 'index', index)]),
  ];
}

/** What comes before five random letters: a dash, or where a long name was cut anything. */
const RANDOM = new RegExp(`^(?:.*-|.{${LONGEST_BASE}})(?=[bcdfghjklmnpqrstvwxz2456789]{5}$)`);

function keyOf(namespace: string, what: string, name: string): string {
  return `${namespace}/${what}/${name}`;
}
