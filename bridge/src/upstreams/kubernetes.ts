import type { JsonObject } from '../kubernetes/json.ts';

/** A kind of object that the API server serves, by its preferred version unless another was asked for. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  /** For example `Pod`. */
  kind: string;
  /** As in URLs, for example `pods`. */
  plural: string;
  /** For example `pod`. */
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  verbs: readonly string[];
  /** For example `log`, `status`, `scale`. */
  subresources: readonly string[];
}

/** Which objects of a type. */
export interface ListQuery {
  /** All namespaces when left out; ignored by types that have none. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Stop after so many objects, of which the server says how many more there are; all of them when left out. */
  first?: number | undefined;
}

/** A column of a table as the server prints it (meta.k8s.io/v1 Table). */
export interface TableColumn {
  name: string;
  type: string;
  format: string;
  /** 0 is shown by default, more is what `kubectl -o wide` adds. */
  priority: number;
}

export interface TableRow {
  cells: readonly (string | number | boolean | null)[];
  /** The object, or its metadata only, as `include` asked for; null with `None`. */
  object: JsonObject | null;
}

/** Which rows of a table, and how they are read. */
export interface TableQuery extends ListQuery {
  /** What each row's `object` is. */
  include: 'None' | 'Metadata' | 'Object';
  /** From the server's watch cache (`resourceVersion=0`): all rows in one answer without pages, perhaps a moment old. */
  cached?: true;
}

/** What came of a list, with everything on all its pages in it. */
export interface Listed<T> {
  items: T[];
  /** Of the list as a whole; empty where the server gave none. */
  resourceVersion: string;
  /** Objects beyond the `first` asked for: 0 when these are all, null when there are more and the server does not say how many. */
  remaining: number | null;
}

/**
 * A Kubernetes API server, read only: nothing here sends anything but GET. Objects come without managedFields and without
 * `kubectl.kubernetes.io/last-applied-configuration`; the values of Secrets are gone before anybody sees them (each is
 * replaced by its size, `<13 bytes>`). Everything throws `ToolError`: `denied`, `not_found`, `bad_query` in the server's own
 * words, `timeout`, `unreachable`, `too_large`, `bad_response`; `denied` also for kinds that the operator excluded.
 */
export interface Kubernetes {
  /** `kubernetes`. */
  readonly name: string;
  /** The address without credentials, for messages. */
  readonly address: string;
  /**
   * The type that is meant by a kind, plural, singular or short name, in any case, with an optional group or version:
   * `deploy`, `Deployment`, `deployments.apps`, `apps/v1/Deployment`, `v1/Pod`. Where several groups have it, the one of
   * Kubernetes itself wins.
   * @throws {ToolError} `not_found` with the nearest names, `denied` for a kind that the operator excluded
   */
  resolve(kind: string, signal: AbortSignal): Promise<ResourceType>;
  /** All types that are served and not excluded, in a steady order. */
  types(signal: AbortSignal): Promise<readonly ResourceType[]>;
  /** One object. `namespace` counts only for namespaced types. @throws {ToolError} `not_found` */
  get(
    type: ResourceType,
    of: { namespace?: string | undefined; name: string },
    signal: AbortSignal,
  ): Promise<JsonObject>;
  /**
   * Every object of a list, page after page, of which only what `pick` returns is kept (undefined: nothing). A list that
   * expires midway (410) is begun again, so `pick` must not collect anything by itself.
   */
  list<T>(
    type: ResourceType,
    query: ListQuery,
    pick: (object: JsonObject) => T | undefined,
    signal: AbortSignal,
  ): Promise<Listed<T>>;
  /** As `list`, of apiVersion, kind and metadata only (PartialObjectMetadata): a tenth of the bytes. */
  listMetadata<T>(
    type: ResourceType,
    query: ListQuery,
    pick: (object: JsonObject) => T | undefined,
    signal: AbortSignal,
  ): Promise<Listed<T>>;
  /** As `list`, as rows of the table that the server prints. `pick` gets the columns of the page the row is on. */
  table<T>(
    type: ResourceType,
    query: TableQuery,
    pick: (row: TableRow, columns: readonly TableColumn[]) => T | undefined,
    signal: AbortSignal,
  ): Promise<Listed<T> & { columns: readonly TableColumn[] }>;
  /** The log of one container, as bytes while they come. Breaking out of the loop ends the request. */
  log(pod: { namespace: string; name: string }, options: LogOptions, signal: AbortSignal): AsyncIterable<Buffer>;
  /** The version of the server, for example `v1.36.2`. */
  version(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** Query of `GET …/pods/{name}/log`. */
export interface LogOptions {
  container: string;
  previous?: boolean;
  sinceSeconds?: number;
  tailLines?: number;
  limitBytes?: number;
  /** Each line begins with its RFC 3339 time. */
  timestamps?: boolean;
}
