import { setImmediate, setTimeout } from 'node:timers/promises';
import { invalidArgument, ToolError } from '../errors.ts';
import type { Json } from '../kubernetes/json.ts';
import { createHttpUpstream, type HttpUpstream, type UpstreamRequest } from './http-upstream.ts';
import type { ResourceType } from './kubernetes.ts';
import { CONNECTIONS, type KubernetesAccess } from './kubernetes-access.ts';
import { listParts } from './kubernetes-list-parts.ts';
import { refusal } from './kubernetes-refusal.ts';

/** GET requests to the API server, made again where its answer says that this may help. */
export interface KubernetesRequests {
  /** The address, where it is known by now. */
  address(): string;
  /** The parsed answer. */
  json(request: UpstreamRequest, type: ResourceType | null): Promise<Json>;
  /** A list in parts, see `listParts`, and how many bytes all of it is. Between parts others get their turn. */
  list(request: UpstreamRequest, type: ResourceType): Promise<{ parts: AsyncIterable<Json>; bytes: number }>;
  stream(request: UpstreamRequest, type: ResourceType): Promise<AsyncIterable<Buffer>>;
  close(): Promise<void>;
}

interface RequestsOptions {
  access: KubernetesAccess;
  timeoutMs: number;
}

const NAME = 'kubernetes';
const MAX_BYTES = 64 * 1024 * 1024;
const TRIES = 3;
const LONGEST_PAUSE_SECONDS = 2;
/** What is parsed in a millisecond or two needs no turn. */
const LARGE_BYTES = 128 * 1024;
/** Then parts are read for so long at a stretch, milliseconds. */
const STRETCH_MS = 4;
const MAX_REFUSAL_BYTES = 64 * 1024;

/** No rate limit of our own: the server has one that is fair (API Priority and Fairness), and says with 429 when it is met. */
export function createKubernetesRequests({ access, timeoutMs }: RequestsOptions): KubernetesRequests {
  let connected: { href: string; upstream: HttpUpstream } | null = null;

  async function connect(): Promise<HttpUpstream> {
    const url = await access.address();
    if (connected?.href === url.href) return connected.upstream;
    const upstream = createHttpUpstream({
      name: NAME,
      url,
      timeoutMs,
      maxBytes: MAX_BYTES,
      concurrency: CONNECTIONS,
      headers: () => access.headers(),
      dispatcher: () => access.dispatcher(),
    });
    connected = { href: url.href, upstream };
    return upstream;
  }

  /** Expired credentials are read anew once; a server that is busy is asked again after the pause that it wants. */
  async function answered<T extends { status: number; contentType: string; retryAfter: number | null }>(
    request: UpstreamRequest,
    type: ResourceType | null,
    ask: (upstream: HttpUpstream) => Promise<T>,
    bodyOf: (response: T) => Promise<Buffer>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const upstream = await connect();
      const response = await ask(upstream);
      const { status, contentType, retryAfter } = response;
      if (status === 200) return response;
      const body = await bodyOf(response);
      const isBusy = status === 429 || (status === 503 && retryAfter !== null);
      if (attempt < TRIES && isBusy) await pause(retryAfter ?? 1, request.signal);
      else if (attempt === 1 && status === 401) access.renew();
      else
        throw refusal(
          { status, contentType, body },
          { upstream: NAME, address: upstream.address, path: request.path, type },
        );
    }
  }

  const whole = (request: UpstreamRequest, type: ResourceType | null) =>
    answered(
      request,
      type,
      (upstream) => upstream.request(request),
      async (response) => response.body,
    );

  return {
    address: () => connected?.upstream.address ?? NAME,
    json: async (request, type) => {
      const { body, contentType } = await whole(request, type);
      return parsed(request, contentType, () => JSON.parse(body.toString('utf8')));
    },
    list: async (request, type) => {
      const { body, contentType } = await whole(request, type);
      const bytes = body.length;
      const parts = listParts(body);
      const next = () => parsed(request, contentType, () => parts.next());
      return { parts: inTurns(next, body), bytes };
    },
    stream: async (request, type) => {
      const { body } = await answered(
        request,
        type,
        (upstream) => upstream.stream(request),
        (response) => beginningOf(response.body),
      );
      return body;
    },
    close: async () => {
      await Promise.all([connected?.upstream.close(), access.close()]);
    },
  };
}

function parsed<T>({ path }: UpstreamRequest, contentType: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const what = `${path}: answered what is not JSON (${contentType.split(';', 1)[0] || 'no content type'})`;
    throw new ToolError('bad_response', what, {
      upstream: NAME,
      hint: 'See that the address is that of a Kubernetes API server.',
      cause: error,
    });
  }
}

async function* inTurns(next: () => IteratorResult<Json, void>, body: Buffer): AsyncGenerator<Json, void> {
  try {
    if (body.length > LARGE_BYTES) await turn();
    let since = performance.now();
    for (let part = next(); part.done !== true; part = next()) {
      yield part.value;
      if (performance.now() - since < STRETCH_MS) continue;
      await turn();
      since = performance.now();
    }
  } finally {
    release(body);
  }
}

/** Gives the memory of a body back now that all of it was read: the collector would do so pages later. */
function release({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

/** Resolves when it is one's turn: one stretch of one list is read, then everybody else is served, then comes the next. */
let lastTurn: Promise<unknown> = Promise.resolve();
function turn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(Math.min(seconds, LONGEST_PAUSE_SECONDS) * 1000, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_REFUSAL_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** The path of all objects of a type, in one namespace or in all. @throws {ToolError} `invalid_argument` for what is no name */
export function listPath({ group, version, plural, namespaced }: ResourceType, namespace: string | undefined): string {
  const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${segment('namespace', namespace)}` : '';
  return `${api}${scope}/${plural}`;
}

/**
 * A name as a part of a path. The server decodes a path before it looks at it, so a slash, however it is written, would lead
 * to another object or to a subresource; names never hold one (k8s.io/apimachinery IsValidPathSegmentName).
 */
export function segment(argument: string, name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%\s]/.test(name))
    throw invalidArgument(
      argument,
      `"${name}" is not a name of Kubernetes`,
      'Names hold letters, digits, "-", "." and ":".',
    );
  return encodeURIComponent(name);
}
