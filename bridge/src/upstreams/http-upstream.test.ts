import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHttpUpstream, type HttpUpstreamOptions } from './http-upstream.ts';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that treats every connection as the test says; its URL. */
async function raw(onConnection: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of open) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return urlOf(server.address());
}

/** Answers the first bytes of a connection with these, then ends it if told to. */
function saying(text: string, end = false): Promise<string> {
  return raw((socket) => {
    socket.once('data', () => {
      socket.write(text);
      if (end) socket.end();
    });
  });
}

async function http(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return urlOf(server.address());
}

function urlOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function unusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = urlOf(server.address());
  await new Promise((resolve) => server.close(resolve));
  return url;
}

function upstreamAt(url: string, options: Partial<HttpUpstreamOptions> = {}) {
  const upstream = createHttpUpstream({
    name: 'thing',
    url: new URL(url),
    timeoutMs: 2000,
    maxBytes: 10_000,
    concurrency: 4,
    ...options,
  });
  cleanups.push(() => upstream.close());
  const get = (path = '/x', signal = new AbortController().signal) => upstream.request({ path, signal });
  return { upstream, get };
}

async function millisecondsOf(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

describe('a request', () => {
  it('has the path prefix, the query and the credentials of the address, which messages never show', async () => {
    const seen: string[] = [];
    const url = await http((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const { upstream } = upstreamAt(`${url.replace('//', '//me:s%40crets@')}/base/`);
    const answer = await upstream.request({
      path: '/api',
      query: { a: 'b c', n: 1, none: undefined },
      signal: new AbortController().signal,
    });
    expect(seen).toEqual([`GET /base/api?a=b+c&n=1 Basic ${Buffer.from('me:s@crets').toString('base64')}`]);
    expect(answer).toEqual({ status: 200, contentType: 'application/json', retryAfter: null, body: Buffer.from('{}') });
    expect(upstream.address).toBe(`${url}/base`);
  });

  it('takes a % that encodes nothing, as in a password, as it stands', async () => {
    const seen: (string | undefined)[] = [];
    const url = await http(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end();
    });
    await upstreamAt(url.replace('//', '//me:50%25off%zz%ff@')).get();
    expect(seen).toEqual([`Basic ${Buffer.from('me:50%off%zz%ff').toString('base64')}`]);
  });

  it('sends a form by POST', async () => {
    const url = await http(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end(`${request.method} ${request.headers['content-type']} ${Buffer.concat(chunks)}`);
    });
    const { upstream } = upstreamAt(url);
    const form = new URLSearchParams({ query: 'up{a="b"}' });
    const { body } = await upstream.request({ path: '/q', form, signal: new AbortController().signal });
    expect(body.toString()).toBe('POST application/x-www-form-urlencoded query=up%7Ba%3D%22b%22%7D');
  });

  it.each([
    [404, 'text/html', '<html>not here</html>'],
    [302, 'text/html', ''],
    [503, 'text/plain', 'try later'],
  ])('takes HTTP %i as an answer and follows nothing', async (status, type, body) => {
    let requests = 0;
    const url = await http((_, response) => {
      requests += 1;
      response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end(body);
    });
    const answer = await upstreamAt(url).get();
    expect([answer.status, answer.contentType, answer.body.toString(), requests]).toEqual([status, type, body, 1]);
  });
});

describe('an upstream on a unix socket', () => {
  it('is asked over it, and is said to be absent when nobody made it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'upstream-'));
    cleanups.push(async () => rmSync(directory, { recursive: true }));
    const path = join(directory, 'an agent.sock');
    const server = createHttpServer((request, response) => response.end(`${request.url} ${request.headers.host}`));
    server.listen(path);
    await once(server, 'listening');
    const { get, upstream } = upstreamAt(`unix:${path}`);
    expect((await get('/v1/facts')).body.toString()).toBe('/v1/facts localhost');
    expect(upstream.address).toBe(`unix:${path}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(get()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^unix:\/.*agent\.sock: (there is no such socket|the connection was cut)$/),
    });
    await expect(upstreamAt('unix:/nonexistent/a.sock').get()).rejects.toMatchObject({
      message: 'unix:/nonexistent/a.sock: there is no such socket',
    });
  });
});

describe('an upstream that misbehaves', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

  it.each([
    ['never answers', () => raw(() => undefined)],
    ['stops in the middle of its headers', () => saying('HTTP/1.1 200 OK\r\ncontent-ty')],
    ['stops in the middle of its body', () => saying(`${HEAD}content-length: 100\r\n\r\n{"a":`)],
    [
      'sends its body in drops',
      () =>
        raw((socket) => {
          socket.once('data', () => {
            socket.write(`${HEAD}content-length: 9000\r\n\r\n`);
            const drops = setInterval(() => socket.write('.'), 20);
            socket.on('close', () => clearInterval(drops));
          });
        }),
    ],
  ])('and %s is a timeout, on time', async (_, server) => {
    const { get } = upstreamAt(await server(), { timeoutMs: 300 });
    const answered = get();
    const took = await millisecondsOf(
      expect(answered).rejects.toMatchObject({
        code: 'timeout',
        upstream: 'thing',
        message: expect.stringContaining('no answer within 0.3 s'),
      }),
    );
    expect(took).toBeGreaterThan(250);
    expect(took).toBeLessThan(1500);
  });

  it.each([
    ['refuses the connection', 'connection refused', unusedUrl],
    ['hangs up at once', /cut|reset|closed/, () => raw((socket) => socket.destroy())],
    ['is cut in its body', /cut/, () => saying(`${HEAD}content-length: 100\r\n\r\n{"a":`, true)],
    ['is cut between two chunks', /cut/, () => saying(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`, true)],
  ])('and %s is unreachable', async (_, words, server) => {
    const url = await server();
    const { get } = upstreamAt(url);
    await expect(get()).rejects.toMatchObject({
      code: 'unreachable',
      upstream: 'thing',
      message: expect.stringMatching(words),
    });
  });

  it('and speaks something else than HTTP is a bad response', async () => {
    const { get } = upstreamAt(await saying('SSH-2.0-OpenSSH_9.2\r\n'));
    await expect(get()).rejects.toMatchObject({
      code: 'bad_response',
      message: expect.stringContaining('not a valid HTTP answer'),
      hint: expect.stringContaining('address'),
    });
  });

  it('and sends more than is read is stopped early', async () => {
    let closed = false;
    const url = await http((_, response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) {}
      };
      response.on('drain', pump).on('close', () => {
        closed = true;
      });
      pump();
    });
    const { get } = upstreamAt(url);
    await expect(get()).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('more than 10000 bytes'),
    });
    await vi.waitFor(() => expect(closed).toBe(true));
  });
});

describe('a caller that gives up', () => {
  it('ends its request at once, on the wire as well', async () => {
    const closed = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { get } = upstreamAt(
      await raw((socket) => {
        socket.once('data', () => arrived.resolve()).on('close', () => closed.resolve());
      }),
    );
    const caller = new AbortController();
    const answer = get('/x', caller.signal);
    await arrived.promise;
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'timeout' });
    await closed.promise;
  });

  it('leaves the queue at once', async () => {
    const { get } = upstreamAt(await raw(() => undefined), { concurrency: 1, timeoutMs: 3000 });
    const held = get();
    held.catch(() => undefined);
    const caller = new AbortController();
    const waiting = get('/y', caller.signal);
    caller.abort();
    expect(await millisecondsOf(expect(waiting).rejects.toMatchObject({ code: 'timeout' }))).toBeLessThan(500);
  });

  it('leaves its place to the next in the queue', async () => {
    const release: (() => void)[] = [];
    const url = await http((_, response) => {
      release.push(() => response.end('ok'));
    });
    const { get } = upstreamAt(url, { concurrency: 1 });
    const first = get();
    const caller = new AbortController();
    const gone = get('/gone', caller.signal);
    const next = get('/next');
    caller.abort();
    await expect(gone).rejects.toMatchObject({ code: 'timeout' });
    await vi.waitFor(() => expect(release).toHaveLength(1), { interval: 2 });
    release.shift()?.();
    await first;
    await vi.waitFor(() => expect(release).toHaveLength(1), { interval: 2 });
    release.shift()?.();
    expect((await next).body.toString()).toBe('ok');
  });

  it('says nothing against the upstream', async () => {
    let answering = false;
    const url = await http((_, response) => {
      if (answering) response.end('ok');
    });
    const { get } = upstreamAt(url);
    for (let call = 0; call < 6; call += 1) {
      await expect(get('/x', AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'timeout' });
    }
    answering = true;
    expect((await get()).body.toString()).toBe('ok');
  });
});

describe('limits', () => {
  it('runs no more requests at once than allowed and refuses what the queue cannot hold', async () => {
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const url = await http((_, response) => {
      running += 1;
      most = Math.max(most, running);
      release.push(() => {
        running -= 1;
        response.end('ok');
      });
    });
    const { get } = upstreamAt(url, { concurrency: 2 });
    const answers = Array.from({ length: 10 }, () => get());
    await expect(get()).rejects.toMatchObject({ code: 'too_large', message: expect.stringContaining('waiting') });
    const done = Promise.all(answers);
    for (let answered = 0; answered < 10; answered += 1) {
      await vi.waitFor(() => expect(release.length).toBeGreaterThan(0), { interval: 2 });
      release.shift()?.();
    }
    await done;
    expect(most).toBe(2);
  });

  it('leaves an upstream alone after five failures in a row, and looks again ten seconds later', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let connections = 0;
    let healthy = false;
    const url = await raw((socket) => {
      connections += 1;
      if (!healthy) socket.destroy();
      else socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    });
    const { get } = upstreamAt(url);
    for (let call = 0; call < 5; call += 1) await expect(get()).rejects.toMatchObject({ code: 'unreachable' });
    await expect(get()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('5 times in a row; not asked again for up to 10 s'),
    });
    expect(connections).toBe(5);
    healthy = true;
    vi.setSystemTime(Date.now() + 10_001);
    expect((await get()).body.toString()).toBe('ok');
    expect((await get()).body.toString()).toBe('ok');
  });
});
