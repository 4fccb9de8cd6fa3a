/** The shape that a client asked for (meta/v1, server-side printing and metadata only). */
export type Shape = 'object' | 'table' | 'metadata';

const SHAPES: Readonly<Record<string, Shape>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

/** The first form of an Accept header that the server has; null for none of them (406). */
export function shapeOf(accept: string | undefined): Shape | null {
  for (const form of (accept ?? '*/*').split(',')) {
    const [type, ...parameters] = form.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const as = parameters.find((each) => each.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    const shape = SHAPES[as];
    if (shape !== undefined && parameters.includes('v=v1') && parameters.includes('g=meta.k8s.io')) return shape;
  }
  return null;
}

/** Whether aggregated discovery was asked for; the server answers with an older document without it. */
export function wantsAggregatedDiscovery(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((form) => /g=apidiscovery\.k8s\.io/.test(form) && /v=v2\b/.test(form));
}
