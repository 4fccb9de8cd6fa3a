import { at, type JsonObject, listAt, textAt } from '../../src/kubernetes/json.ts';
import type { Stored } from './cluster.ts';
import { printerOf } from './printers/registry.ts';
import type { ServedResource } from './served-resources.ts';

/** What of the object comes with the row of a table. */
export type Include = 'None' | 'Metadata' | 'Object';

/** An object as it is sent alone: with kind and apiVersion. */
export function objectText(resource: ServedResource, stored: Stored): string {
  const { apiVersion, kind } = head(resource);
  return `{"kind":"${kind}","apiVersion":"${apiVersion}",${bodyText(resource, stored).slice(1)}`;
}

/** An object as it is sent in a list: built-in kinds without kind and apiVersion, which the list has. */
export function itemText(resource: ServedResource, stored: Stored): string {
  return resource.printerColumns === null ? bodyText(resource, stored) : objectText(resource, stored);
}

/** Its metadata alone. */
export function metadataText({ body }: Stored): string {
  const metadata = JSON.stringify(at(body, 'metadata'));
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${metadata}}`;
}

/** A row of a table. */
export function rowText(resource: ServedResource, stored: Stored, include: Include, nowMs: number): string {
  if (stored.cells?.nowMs !== nowMs) {
    const cells = printerOf(resource).cells(stored.body, nowMs);
    stored.cells = { nowMs, text: JSON.stringify(cells) };
  }
  const objects = { None: () => 'null', Metadata: metadataText, Object: (each: Stored) => objectText(resource, each) };
  return `{"cells":${stored.cells.text},"object":${objects[include](stored)}}`;
}

export function apiVersionOf({ group, version }: ServedResource): string {
  return group === '' ? version : `${group}/${version}`;
}

function head(resource: ServedResource): { apiVersion: string; kind: string } {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function bodyText(resource: ServedResource, stored: Stored): string {
  if (resource.storage === 'events' && resource.group !== '') return JSON.stringify(newEvent(stored.body));
  stored.bodyText ??= JSON.stringify(stored.body);
  return stored.bodyText;
}

/** An event of core/v1 as events.k8s.io/v1 shows the same one. */
function newEvent(event: JsonObject): JsonObject {
  const {
    metadata,
    involvedObject,
    message,
    source,
    firstTimestamp,
    lastTimestamp,
    count,
    reportingComponent,
    reportingInstance,
    eventTime = null,
    ...rest
  } = event;
  const hasSource = textAt(source, 'component') !== undefined || listAt(source, 'host').length > 0;
  return {
    metadata,
    eventTime,
    ...(reportingComponent === '' ? {} : { reportingController: reportingComponent }),
    ...(reportingInstance === '' ? {} : { reportingInstance }),
    ...rest,
    regarding: involvedObject,
    note: message,
    deprecatedSource: hasSource ? source : {},
    deprecatedFirstTimestamp: firstTimestamp ?? null,
    deprecatedLastTimestamp: lastTimestamp ?? null,
    ...(count === undefined ? {} : { deprecatedCount: count }),
  };
}
