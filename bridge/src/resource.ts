import type { ErrorCode } from './errors.ts';
import type { NameStyle } from './tool-names.ts';

/** A resource as clients list it. Resource of the Model Context Protocol. */
export interface ListedResource {
  uri: string;
  /** The last part of the URI. */
  name: string;
  title: string;
  description: string;
  mimeType: string;
}

/** A form of URIs that are read though they are not listed, after RFC 6570. */
export interface ResourceTemplate {
  uriTemplate: string;
  name: string;
  title: string;
  description: string;
  mimeType: string;
}

/** Who reads: the signal aborts when the client gives up, calls in the text are spelled as the client lists them. */
export interface ResourceClient {
  signal: AbortSignal;
  names: NameStyle;
}

/** How a reading ended. `text` of a failure is what a model reads, with code and hint. */
export type ResourceOutcome =
  | { kind: 'text'; mimeType: string; text: string }
  | { kind: 'unknown'; message: string }
  | { kind: 'failed'; code: ErrorCode | 'internal_error'; text: string };

/** Resources of one kind: what of them is listed, and how one is read. */
export interface ResourceKind {
  list(): Promise<readonly ListedResource[]>;
  templates(): Promise<readonly ResourceTemplate[]>;
  /** Null when the URI is none of this kind. */
  read(uri: string, client: ResourceClient): Promise<ResourceOutcome | null>;
}
