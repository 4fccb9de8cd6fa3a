import { ToolError } from '../errors.ts';
import {
  DISCOVERY,
  type Discovered,
  findType,
  parseDiscovery,
  resourceName,
  silentGroups,
  unknownKind,
} from '../kubernetes/discovery.ts';
import { isObject, type Json, type JsonObject, textAt } from '../kubernetes/json.ts';
import { scrub } from '../kubernetes/scrub.ts';
import { unlessAborted } from '../kubernetes/unless-aborted.ts';
import type { Kubernetes, ListQuery, ResourceType, TableColumn } from './kubernetes.ts';
import type { KubernetesAccess } from './kubernetes-access.ts';
import { itemsOf, type ListForm, readItems, readPages } from './kubernetes-pages.ts';
import { createKubernetesRequests, listPath, segment } from './kubernetes-requests.ts';
import { columnsOf, rowsOf } from './kubernetes-table.ts';

export interface KubernetesOptions {
  access: KubernetesAccess;
  /** The longest one request may take, milliseconds. */
  timeoutMs: number;
  /** Types that are never read, written as kinds are: `secrets`, `certificates.cert-manager.io`. */
  deniedKinds?: readonly string[];
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** First pages: a table's row without its object is about 150 bytes, metadata 1.5 kB, a whole object 2.5 kB and more. */
const FIRST_PAGE = { None: 5000, Metadata: 500, Object: 200 } as const;

const DISCOVERY_FRESH_MS = 5 * 60_000;
/** A kind that is not known may be new; it is looked for among the types of now, but not more often than this. */
const DISCOVERY_AGAIN_MS = 10_000;

/** Reads a Kubernetes API server. */
export function createKubernetes({ access, timeoutMs, deniedKinds = [] }: KubernetesOptions): Kubernetes {
  const requests = createKubernetesRequests({ access, timeoutMs });
  const isDenied = (type: ResourceType) => deniedKinds.some((kind) => findType(kind, [type]) !== undefined);

  /** Every path to objects leads through here: what the operator excluded is refused, whatever it was called. */
  const permit = (type: ResourceType): ResourceType => {
    if (!isDenied(type)) return type;
    throw new ToolError('denied', `${resourceName(type)}: the operator excluded this kind`, {
      upstream: NAME,
      hint: 'TELEMCP_DENIED_KINDS says what is never read.',
    });
  };

  const read = async <T>(type: ResourceType, query: ListQuery, form: ListForm<T>, signal: AbortSignal) =>
    await readPages(requests, permit(type), query, form, signal);

  let discovered: { at: number; known: Promise<Discovered> } | null = null;

  // For all that wait for it: the caller who happens to be the first may give up without the others.
  async function discover(): Promise<Discovered> {
    const { signal } = new AbortController();
    const [core, groups] = await Promise.all(
      ['/api', '/apis'].map((path) => requests.json({ path, accept: DISCOVERY, signal }, null)),
    );
    const documents = [core ?? null, groups ?? null];
    // Older servers and some proxies answer in the form of 2016, without the kinds.
    if (documents.some((document) => textAt(document, 'kind') !== 'APIGroupDiscoveryList'))
      throw new ToolError('bad_response', 'the API server does not tell its kinds in one answer', {
        upstream: NAME,
        hint: 'Kubernetes 1.27 or newer is needed, and an address that is that of its API server.',
      });
    return { types: documents.flatMap(parseDiscovery), silent: documents.flatMap(silentGroups) };
  }

  function knownSince(ms: number): Promise<Discovered> {
    if (discovered === null || performance.now() - discovered.at > ms) {
      const known = discover();
      discovered = { at: performance.now(), known };
      known.catch(() => {
        discovered = null;
      });
    }
    return discovered.known;
  }

  return {
    name: NAME,
    get address() {
      return requests.address();
    },
    types: async (signal) =>
      (await unlessAborted(knownSince(DISCOVERY_FRESH_MS), signal)).types.filter((type) => !isDenied(type)),
    resolve: async (kind, signal) => {
      const known = findType(kind, (await unlessAborted(knownSince(DISCOVERY_FRESH_MS), signal)).types);
      if (known !== undefined) return permit(known);
      const newer = await unlessAborted(knownSince(DISCOVERY_AGAIN_MS), signal);
      const found = findType(kind, newer.types);
      if (found === undefined) throw unknownKind(kind, newer, NAME);
      return permit(found);
    },
    get: async (type, { namespace, name }, signal) => {
      const path = `${listPath(permit(type), namespace)}/${segment('name', name)}`;
      const document = await requests.json({ path, signal }, type);
      return scrub(asObject(document, path), type);
    },
    list: async (type, query, pick, signal) => {
      // The items of a list do not say what they are; the list does.
      const self = { apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`, kind: type.kind };
      const keep = (item: Json) => (isObject(item) ? pick(scrub({ ...self, ...item }, type)) : undefined);
      const form = { limit: FIRST_PAGE.Object, read: (page: Json) => readItems(itemsOf(page), keep) };
      return await read(type, query, form, signal);
    },
    listMetadata: async (type, query, pick, signal) => {
      const keep = (item: Json) => (isObject(item) ? pick(scrub(item, type)) : undefined);
      const form = {
        accept: METADATA,
        limit: FIRST_PAGE.Metadata,
        read: (page: Json) => readItems(itemsOf(page), keep),
      };
      return await read(type, query, form, signal);
    },
    table: async (type, { include, cached, ...query }, pick, signal) => {
      let columns: readonly TableColumn[] = [];
      const form = {
        accept: TABLE,
        includeObject: include,
        ...(cached === undefined ? {} : { resourceVersion: '0' as const }),
        limit: FIRST_PAGE[include],
        read: (page: Json) => {
          columns = columnsOf(page);
          return readItems(rowsOf(page), ({ cells, object }) =>
            pick({ cells, object: object === null ? null : scrub(object, type) }, columns),
          );
        },
      };
      const listed = await read(type, query, form, signal);
      return { ...listed, columns };
    },
    log: (pod, options, signal) => readLog(pod, options, signal),
    version: async (signal) => {
      const document = await requests.json({ path: '/version', signal }, null);
      return textAt(document, 'gitVersion') ?? 'unknown';
    },
    close: () => requests.close(),
  };

  async function* readLog(...[pod, options, signal]: Parameters<Kubernetes['log']>): AsyncGenerator<Buffer> {
    const path = `${listPath(permit(POD), pod.namespace)}/${segment('pod', pod.name)}/log`;
    const { container, previous, sinceSeconds, tailLines, limitBytes, timestamps } = options;
    const query = {
      container,
      sinceSeconds,
      tailLines,
      limitBytes,
      previous: previous === true ? 'true' : undefined,
      timestamps: timestamps === true ? 'true' : undefined,
    };
    yield* await requests.stream({ path, query, accept: '*/*', signal }, POD);
  }
}

const NAME = 'kubernetes';

const POD: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  namespaced: true,
  verbs: ['get', 'list'],
  subresources: ['log'],
};

function asObject(document: Json, path: string): JsonObject {
  if (isObject(document)) return document;
  throw new ToolError('bad_response', `${path}: answered what is not an object`, { upstream: NAME });
}
