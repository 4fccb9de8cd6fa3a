import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { httpApiSettings, openUpstreamSource } from '../bridge/src/upstream-settings.ts';
import { createAlertmanager } from '../bridge/src/upstreams/alertmanager-client.ts';
import type { HttpApiSettings } from '../bridge/src/upstreams/http-api.ts';
import { createLoki } from '../bridge/src/upstreams/loki-client.ts';
import { createPrometheus } from '../bridge/src/upstreams/prometheus.ts';
import { type Issued, openWorkshop, type Workshop } from '../node-agent/test/certificate-authority.ts';
import { missingPart } from '../scripts/parts.ts';

const missing = missingPart('openssl');
const isSkipped = missing !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;
const { signal } = new AbortController();
const WINDOW = { start: 0n, end: 1n };
const CLIENT = { lokiCertFile: 'client.crt', lokiKeyFile: 'client.key' };

describe.skipIf(isSkipped)(`a server over TLS${missing === null ? '' : ` (${missing.why})`}`, () => {
  let directory: string;
  let workshop: Workshop;
  let ours: Issued;
  let theirs: Issued;
  let port: number;
  const servers: Server[] = [];
  const visitors: string[] = [];
  const file = (name: string) => join(directory, name);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'telemcp-upstream-tls-'));
    workshop = openWorkshop();
    ours = workshop.issue({ subject: '/CN=our CA', isCa: true });
    theirs = workshop.issue({ subject: '/CN=their CA', isCa: true });
    const { certificate, pem } = workshop.issue({ subject: '/CN=loki', names: 'IP:127.0.0.1' }, ours);
    const tls = { cert: certificate, key: pem, ca: ours.certificate, requestCert: true, rejectUnauthorized: true };
    const server = createServer(tls, (request, response) => {
      visitors.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
      response.setHeader('content-type', 'application/json');
      const isAlerts = request.url?.startsWith('/api/v2/alerts') === true;
      response.end(JSON.stringify(isAlerts ? [] : { status: 'success', data: ['app'] }));
    });
    port = await listen(server);
    writeFileSync(file('ca.crt'), ours.certificate);
    writeFileSync(file('other-ca.crt'), theirs.certificate);
  });
  afterAll(() => {
    for (const server of servers) server.close();
    workshop?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Writes a client's certificate that is that ends in so many days. */
  function publish(days: number, authority: Issued): void {
    const { certificate, pem } = workshop.issue({ subject: '/CN=bridge', from: -10, days }, authority);
    writeFileSync(file('client.crt'), certificate);
    writeFileSync(file('client.key'), pem);
  }

  async function labelsBy(files: Readonly<Record<string, string>>, at = port) {
    const named = Object.entries(files).map(([key, name]) => [key, file(name)]);
    const settings = { lokiUrl: `https://127.0.0.1:${at}`, ...Object.fromEntries(named) };
    const source = await openUpstreamSource('loki', settings);
    if (source === null) throw new Error('no source');
    const loki = createLoki(httpApiSettings('loki', source, { timeoutMs: 5000, log: { warn: () => undefined } }));
    onTestFinished(() => loki.close());
    return () => loki.labels(WINDOW, signal);
  }

  it('is shown our certificate', async () => {
    publish(30, ours);
    const labels = await labelsBy({ lokiCaFile: 'ca.crt', ...CLIENT });
    await expect(labels()).resolves.toEqual(['app']);
    expect(visitors).toEqual(['bridge']);
  });

  it('that does not take an expired certificate is told with when it expired, until the files are new', async () => {
    publish(-1, ours);
    const labels = await labelsBy({ lokiCaFile: 'ca.crt', ...CLIENT });
    await expect(labels()).rejects.toMatchObject({
      code: 'unreachable',
      upstream: 'loki',
      message: expect.stringMatching(/TLS: .*our own certificate expired at \d{4}-/),
      hint: expect.stringContaining('TELEMCP_LOKI_CERT_FILE'),
    });
    publish(30, ours);
    // Not so often that the upstream is left alone for its failures.
    await vi.waitFor(async () => expect(await labels()).toEqual(['app']), { timeout: 20_000, interval: 1500 });
  });

  it.each(['prometheus', 'alertmanager'] as const)('is the same with %s', async (api) => {
    publish(-1, ours);
    const [caFile, certFile, keyFile] = ['ca.crt', 'client.crt', 'client.key'].map(file);
    const source = await openUpstreamSource(api, {
      [`${api}Url`]: `https://127.0.0.1:${port}`,
      [`${api}CaFile`]: caFile,
      [`${api}CertFile`]: certFile,
      [`${api}KeyFile`]: keyFile,
    });
    if (source === null) throw new Error('no source');
    const ask = asker(api, httpApiSettings(api, source, { timeoutMs: 5000, log: { warn: () => undefined } }));
    await expect(ask()).rejects.toMatchObject({
      code: 'unreachable',
      upstream: api,
      message: expect.stringMatching(/TLS: .*our own certificate expired at \d{4}-/),
      hint: expect.stringContaining(`TELEMCP_${api.toUpperCase()}_CERT_FILE`),
    });
    publish(30, ours);
    await vi.waitFor(async () => expect(await ask()).not.toBeNull(), { timeout: 20_000, interval: 1500 });
  });

  it('that wants a certificate says so when there is none', async () => {
    const labels = await labelsBy({ lokiCaFile: 'ca.crt' });
    await expect(labels()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/TLS: .*(?:certificate)/),
      hint: expect.stringContaining('TELEMCP_LOKI_CERT_FILE'),
    });
  });

  it('of an authority that is not ours is not trusted', async () => {
    const labels = await labelsBy({ lokiCaFile: 'other-ca.crt' });
    await expect(labels()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('from no authority that is trusted here'),
      hint: expect.stringContaining('TELEMCP_LOKI_CA_FILE'),
    });
  });

  it.each([
    ['expired', 45, -1, /does not accept our client certificate .*our own certificate expired at/],
    ['unknown authority', 48, 30, /does not accept our client certificate .*its authority may not be one of those/],
  ])('that says by an alert what is wrong with ours is quoted: %s', async (_, alert, days, words) => {
    publish(days, theirs);
    // A fatal alert of TLS 1.2 in place of a handshake, as Go and OpenSSL send it.
    const bytes = Buffer.from([21, 3, 3, 0, 2, 2, alert]);
    const at = await listen(createTcpServer((socket: Socket) => void socket.once('data', () => socket.end(bytes))));
    const labels = await labelsBy({ lokiCaFile: 'ca.crt', ...CLIENT }, at);
    await expect(labels()).rejects.toMatchObject({ code: 'unreachable', message: expect.stringMatching(words) });
  });
});

/** A question to one of the other servers. */
function asker(name: 'prometheus' | 'alertmanager', settings: HttpApiSettings): () => Promise<readonly unknown[]> {
  if (name === 'prometheus') {
    const prometheus = createPrometheus(settings);
    onTestFinished(() => prometheus.close());
    return () => prometheus.labels({}, signal);
  }
  const alertmanager = createAlertmanager(settings);
  onTestFinished(() => alertmanager.close());
  return () => alertmanager.alerts({}, signal);
}
