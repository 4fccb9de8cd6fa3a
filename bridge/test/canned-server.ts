import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';

/** What a server answers; JSON unless a type is given. */
export interface Reply {
  status?: number;
  type?: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
}

/** What a server was asked; a parameter given several times is a list. */
export interface Asked {
  method: string;
  path: string;
  parameters: Record<string, string | string[]>;
  headers: IncomingHttpHeaders;
}

/** A server that answers as it is told, closed when the test is finished, and what it was asked. */
export async function cannedServer(
  reply: Reply | ((asked: Asked) => Reply),
): Promise<{ url: URL; seen: readonly Asked[] }> {
  const seen: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const given = [...searchParams, ...new URLSearchParams(Buffer.concat(chunks).toString())];
    const parameters = Object.fromEntries(
      [...Map.groupBy(given, ([name]) => name)].map(([name, pairs]) => {
        const values = pairs.map(([, value]) => value);
        return [name, values.length === 1 ? (values[0] ?? '') : values];
      }),
    );
    const asked = { method: request.method ?? '', path: pathname, parameters, headers: request.headers };
    seen.push(asked);
    const {
      status = 200,
      type = 'application/json',
      headers,
      body,
    } = typeof reply === 'function' ? reply(asked) : reply;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': type, ...headers }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: new URL(`http://127.0.0.1:${address.port}`), seen };
}

/** What a real Loki answered, from `fixtures/loki`. */
export function lokiRecording(name: string): Reply {
  const { status, contentType, body } = readFixture(`loki/${name}.json`);
  return { status, type: contentType, body };
}

/** What a real Prometheus answered, from `fixtures/prometheus`. */
export function prometheusRecording(name: string): Reply & { body: { data: unknown } } {
  return { body: readFixture(`prometheus/${name}.json`) };
}

function readFixture(path: string) {
  return JSON.parse(readFileSync(new URL(`fixtures/${path}`, import.meta.url), 'utf8'));
}
