import type { Cluster } from './cluster.ts';
import type { ServedResource } from './served-resources.ts';

/** Where a path leads among the API's objects. */
export interface Route {
  resource: ServedResource;
  /** Empty for all namespaces, and for kinds that have none. */
  namespace: string;
  /** Empty for a list. */
  name: string;
  /** `log`, `status`, `proxy`…; empty for none. */
  subresource: string;
}

/** `/api/v1/…` or `/apis/<group>/<version>/…`; null for what leads nowhere. */
export function routeOf(cluster: Cluster, pathname: string): Route | null {
  const [root, ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  const [group, version] = root === 'api' ? ['', rest[0]] : [rest[0], rest[1]];
  if ((root !== 'api' && root !== 'apis') || version === undefined) return null;
  const path = rest.slice(root === 'api' ? 1 : 2);
  const find = (plural: string | undefined) =>
    cluster.resources.find((each) => each.group === group && each.version === version && each.plural === plural);
  const [first, namespace = '', plural, name = '', subresource = ''] = path;
  const inNamespace = first === 'namespaces' ? find(plural) : undefined;
  if (inNamespace?.namespaced === true) return { resource: inNamespace, namespace, name, subresource };
  const resource = find(first);
  const [, ofName = '', ofSubresource = ''] = path;
  if (resource === undefined || (resource.namespaced && path.length > 1)) return null;
  return path.length > 3 ? null : { resource, namespace: '', name: ofName, subresource: ofSubresource };
}
