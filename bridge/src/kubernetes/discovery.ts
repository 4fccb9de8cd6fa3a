import { ToolError } from '../errors.ts';
import { nearestNames } from '../nearest-names.ts';
import type { ResourceType } from '../upstreams/kubernetes.ts';
import { type Json, listAt, textAt } from './json.ts';

/** The form of an answer of `/api` and `/apis` with all types at once (Kubernetes 1.27 and newer). */
export const DISCOVERY =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

/** Every type of every version that a discovery document names, versions in the order of the server's preference. */
export function parseDiscovery(document: Json): ResourceType[] {
  return listAt(document, 'items').flatMap((group) => {
    const groupName = textAt(group, 'metadata', 'name') ?? '';
    return listAt(group, 'versions').flatMap((version) => {
      const versionName = textAt(version, 'version') ?? '';
      return listAt(version, 'resources').flatMap((resource) => typeOf(resource, groupName, versionName));
    });
  });
}

/** Groups of which the server knows no kinds now, because what serves them behind it does not answer (freshness Stale). */
export function silentGroups(document: Json): string[] {
  return listAt(document, 'items').flatMap((group) => {
    const isSilent = listAt(group, 'versions').some(
      (version) => textAt(version, 'freshness') === 'Stale' && listAt(version, 'resources').length === 0,
    );
    return isSilent ? (textAt(group, 'metadata', 'name') ?? []) : [];
  });
}

function typeOf(resource: Json, group: string, version: string): ResourceType[] {
  const plural = textAt(resource, 'resource');
  const kind = textAt(resource, 'responseKind', 'kind');
  if (plural === undefined || kind === undefined) return [];
  return [
    {
      group,
      version,
      kind,
      plural,
      singular: textAt(resource, 'singularResource') || kind.toLowerCase(),
      shortNames: textsOf(listAt(resource, 'shortNames')),
      namespaced: textAt(resource, 'scope') === 'Namespaced',
      verbs: textsOf(listAt(resource, 'verbs')),
      subresources: textsOf(listAt(resource, 'subresources').map((each) => textAt(each, 'subresource') ?? null)),
    },
  ];
}

function textsOf(values: readonly Json[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

/** What a caller wrote for a kind, taken apart: `deployments.apps`, `apps/v1/Deployment`, `v1/Pod`, `pods.v1.metrics.k8s.io`. */
interface Wanted {
  name: string;
  /** Undefined for any group; empty for the core group. */
  group?: string;
  version?: string;
}

const VERSION = /^v\d+((?:alpha|beta)\d+)?$/;

function wantedOf(written: string): Wanted[] {
  const parts = written.trim().toLowerCase().split('/');
  if (parts.length === 3) return [{ group: parts[0] ?? '', version: parts[1] ?? '', name: parts[2] ?? '' }];
  if (parts.length === 2) {
    const [first = '', name = ''] = parts;
    return [VERSION.test(first) ? { version: first, name, group: '' } : { group: first, name }];
  }
  const [name = '', ...rest] = written.trim().toLowerCase().split('.');
  if (rest.length === 0) return [{ name }];
  const [version = '', ...group] = rest;
  return VERSION.test(version) ? [{ name, version, group: group.join('.') }] : [{ name, group: rest.join('.') }];
}

/**
 * The type meant by what a caller wrote. Among several groups the core one wins, then those of Kubernetes itself (no dot, or
 * `.k8s.io`), metrics last, since they are measurements of the things and not the things; within a group the version that the
 * server prefers.
 */
export function findType(written: string, types: readonly ResourceType[]): ResourceType | undefined {
  const matches = wantedOf(written).flatMap((wanted) => types.filter((type) => isMeant(type, wanted)));
  return matches
    .map((type, index) => ({ type, index }))
    .sort((a, b) => rank(a.type) - rank(b.type) || a.index - b.index)[0]?.type;
}

function isMeant(type: ResourceType, { name, group, version }: Wanted): boolean {
  if (version !== undefined && type.version.toLowerCase() !== version) return false;
  if (
    group !== undefined &&
    type.group.toLowerCase() !== group &&
    !(group !== '' && type.group.startsWith(`${group}.`))
  )
    return false;
  return (
    type.plural === name || type.kind.toLowerCase() === name || type.singular === name || type.shortNames.includes(name)
  );
}

function rank({ group }: ResourceType): number {
  if (group === '') return 0;
  if (group === 'metrics.k8s.io') return 4;
  // The other form of core events; the core one is what everybody means.
  if (!group.includes('.')) return 1;
  return group.endsWith('.k8s.io') ? 2 : 3;
}

/** What is known of the kinds of a server. */
export interface Discovered {
  types: readonly ResourceType[];
  /** Groups whose kinds are not known, see `silentGroups`. */
  silent: readonly string[];
}

/** The error for a kind that nothing matches, with what it may have been meant for. */
export function unknownKind(written: string, { types, silent }: Discovered, upstream: string): ToolError {
  const meant = silent.find((group) => wantedOf(written).some((wanted) => wanted.group === group));
  if (meant !== undefined) {
    return new ToolError('unreachable', `kind "${written}": what serves ${meant} does not answer the API server`, {
      upstream,
      hint: `k8s.get with kind="apiservices" says why.`,
    });
  }
  const names = [...new Set(types.flatMap(({ plural, kind, shortNames }) => [plural, kind, ...shortNames]))];
  const near = [...new Set(nearestNames(written, names, 6).map((name) => findType(name, types)?.plural ?? name))];
  const hint =
    near.length === 0
      ? 'Kinds are written like pods, Deployment, po, deployments.apps or apps/v1/Deployment.'
      : `Near to it: ${near.slice(0, 5).join(', ')}.`;
  const unseen =
    silent.length === 0 ? '' : ` Kinds of ${silent.join(', ')} are not known: what serves them does not answer.`;
  return new ToolError('not_found', `kind "${written}": the API server serves no such kind`, {
    upstream,
    hint: `${hint}${unseen}`,
  });
}

/** `pods`, `deployments.apps`: how RBAC and error messages call a type. */
export function resourceName({ plural, group }: ResourceType): string {
  return group === '' ? plural : `${plural}.${group}`;
}
