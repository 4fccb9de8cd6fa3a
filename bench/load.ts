import { Pool } from 'undici';

/** One request, sent again and again. */
export interface LoadRequest {
  origin: string;
  path: string;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/**
 * Sends `requests` requests over `clients` keep-alive connections, each client waiting for its answer before it asks again.
 * The first tenth is not counted. Every answer must be 200 and pass `check`.
 */
export async function load(
  request: LoadRequest,
  options: { requests: number; clients: number; check?: (body: string) => boolean },
): Promise<LoadResult> {
  const pool = new Pool(request.origin, { connections: options.clients });
  const latencies: number[] = [];
  const warmUp = Math.floor(options.requests / 10);
  let sent = 0;
  let countedFrom = 0;
  const client = async () => {
    while (sent < options.requests + warmUp) {
      sent += 1;
      const counted = sent > warmUp;
      const startedAt = performance.now();
      if (counted && countedFrom === 0) countedFrom = startedAt;
      const { statusCode, body } = await pool.request({
        path: request.path,
        method: request.method ?? 'GET',
        headers: request.headers ?? {},
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      const text = await body.text();
      if (statusCode !== 200 || options.check?.(text) === false) {
        throw new Error(`${request.origin}${request.path}: HTTP ${statusCode}: ${text.slice(0, 300)}`);
      }
      if (counted) latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  const seconds = (performance.now() - countedFrom) / 1000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? Number.NaN;
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}
