import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKubernetesAccess, findKubernetes } from '../bridge/src/upstreams/kubernetes-access.ts';
import { createKubernetes } from '../bridge/src/upstreams/kubernetes-client.ts';
import { type Issued, openWorkshop, type Workshop } from '../node-agent/test/certificate-authority.ts';
import { missingPart } from '../scripts/parts.ts';

const missing = missingPart('openssl');
const isSkipped = missing !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;

/** Who asked, as the server saw it. */
interface Visitor {
  authorization: string | undefined;
  impersonated: string | string[] | undefined;
  certificate: string | string[] | undefined;
}

describe.skipIf(isSkipped)(`access to an API server${missing === null ? '' : ` (${missing.why})`}`, () => {
  let directory: string;
  let workshop: Workshop;
  let ca: Issued;
  let address: string;
  let plainAddress: string;
  let accepted: string | null = null;
  const visitors: Visitor[] = [];
  const servers: Server[] = [];
  const cleanups: (() => Promise<unknown>)[] = [];
  const file = (name: string) => join(directory, name);
  const { signal } = new AbortController();

  const answer: RequestListener = (request, response) => {
    visitors.push(visitorOf(request));
    const isKnown = accepted === null || request.headers.authorization === accepted;
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { gitVersion: 'v1.36.2' } : { kind: 'Status', message: 'Unauthorized' }));
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'telemcp-kubeconfig-'));
    workshop = openWorkshop();
    ca = workshop.issue({ subject: '/CN=cluster CA', isCa: true });
    const own = workshop.issue({ subject: '/CN=apiserver', names: 'IP:127.0.0.1,DNS:kubernetes.default' }, ca);
    const tls = { cert: own.certificate, key: own.pem, ca: ca.certificate };
    address = `https://${await listen(createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, answer))}`;
    plainAddress = `http://${await listen(createPlainServer(answer))}`;
  });
  afterEach(async () => {
    accepted = null;
    visitors.length = 0;
    vi.useRealTimers();
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  afterAll(() => {
    for (const server of servers) server.close();
    workshop?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function listen(server: Server): Promise<string> {
    servers.push(server);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const at = server.address();
    return typeof at === 'object' && at !== null ? `127.0.0.1:${at.port}` : '';
  }

  function kubeconfig(name: string, user: unknown, cluster: Record<string, unknown> = {}): string {
    const authority = Buffer.from(ca.certificate).toString('base64');
    const document = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: address, 'certificate-authority-data': authority, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name, context: { cluster: 'c', user: 'u' } }],
      'current-context': name,
    };
    writeFileSync(file(name), JSON.stringify(document));
    return file(name);
  }

  function versionBy(kubeconfigs: readonly string[], context?: string) {
    const access = createKubernetesAccess({ source: { kubeconfigs }, context, timeoutMs: 5000 });
    const kubernetes = createKubernetes({ access, timeoutMs: 5000 });
    cleanups.push(() => kubernetes.close());
    return () => kubernetes.version(signal);
  }

  it('shows a bearer token, and impersonates whom the kubeconfig names', async () => {
    await expect(versionBy([kubeconfig('token', { token: 'abc', as: 'viewer' })])()).resolves.toBe('v1.36.2');
    expect(visitors).toEqual([{ authorization: 'Bearer abc', impersonated: 'viewer', certificate: undefined }]);
  });

  it('shows a client certificate', async () => {
    const { certificate, pem } = workshop.issue({ subject: '/O=viewers/CN=jane' }, ca);
    const data = (text: string) => Buffer.from(text).toString('base64');
    await versionBy([
      kubeconfig('certificate', { 'client-certificate-data': data(certificate), 'client-key-data': data(pem) }),
    ])();
    expect(visitors.map((each) => each.certificate)).toEqual(['jane']);
  });

  it('reads a token file anew when the server no longer takes the token', async () => {
    writeFileSync(file('token-file'), 'old\n');
    const version = versionBy([
      kubeconfig('rotated', { 'auth-provider': { name: 'tokenFile', config: { tokenFile: file('token-file') } } }),
    ]);
    accepted = 'Bearer old';
    await version();
    writeFileSync(file('token-file'), 'new\n');
    accepted = 'Bearer new';
    await expect(Promise.all([version(), version(), version()])).resolves.toEqual(['v1.36.2', 'v1.36.2', 'v1.36.2']);
  });

  it('runs a credential plugin once, tells it the protocol, and again when its token is refused', async () => {
    const plugin = file('plugin');
    writeFileSync(
      plugin,
      `#!/bin/sh
echo run >> ${file('runs')}
case "$KUBERNETES_EXEC_INFO" in *client.authentication.k8s.io/v1*) ;; *) exit 3 ;; esac
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${file('issued')})"
`,
    );
    chmodSync(plugin, 0o755);
    writeFileSync(file('issued'), 'first');
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, args: [], env: null };
    const version = versionBy([kubeconfig('exec', { exec })]);
    accepted = 'Bearer first';
    await version();
    await version();
    writeFileSync(file('issued'), 'second');
    accepted = 'Bearer second';
    await expect(version()).resolves.toBe('v1.36.2');
    expect(visitors.map((each) => each.authorization)).toEqual(
      ['first', 'first', 'first', 'second'].map((token) => `Bearer ${token}`),
    );
  });

  it('says what a plugin said when it fails, and names it', async () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/bin/sh',
      args: ['-c', 'echo session expired, log in >&2; exit 1'],
    };
    await expect(versionBy([kubeconfig('exec-fails', { exec })])()).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringMatching(/plugin "\/bin\/sh".*session expired, log in/s),
    });
  });

  it('says that the credentials are refused when new ones are refused too', async () => {
    accepted = 'Bearer other';
    await expect(versionBy([kubeconfig('refused', { token: 'mine' })])()).rejects.toMatchObject({
      code: 'denied',
      message: 'Unauthorized',
    });
    expect(visitors).toHaveLength(2);
  });

  it('does not talk to a server of another authority', async () => {
    const other = workshop.issue({ subject: '/CN=other CA', isCa: true });
    const authority = Buffer.from(other.certificate).toString('base64');
    const version = versionBy([kubeconfig('untrusted', { token: 'abc' }, { 'certificate-authority-data': authority })]);
    await expect(version()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no authority that is trusted'),
    });
    expect(visitors).toEqual([]);
  });

  it('takes the name to expect and a path before the API from the cluster', async () => {
    await versionBy([
      kubeconfig(
        'named',
        { token: 'a' },
        { 'tls-server-name': 'kubernetes.default', server: `${address}/k8s/clusters/c-1` },
      ),
    ])();
    expect(visitors).toHaveLength(1);
  });

  it('speaks plain HTTP where the kubeconfig says so, as with kubectl proxy', async () => {
    await expect(versionBy([kubeconfig('plain', {}, { server: plainAddress })])()).resolves.toBe('v1.36.2');
  });

  it('goes through the proxy of the cluster', async () => {
    const tunnels: string[] = [];
    const proxy = createPlainServer().on('connect', (request: IncomingMessage, socket: Socket) => {
      tunnels.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const server = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        server.pipe(socket).pipe(server);
      });
      for (const each of [server, socket]) each.on('error', () => undefined);
    });
    const at = await listen(proxy);
    await versionBy([kubeconfig('proxied', { token: 'abc' }, { 'proxy-url': `http://${at}` })])();
    expect(tunnels).toEqual([address.replace('https://', '')]);
    expect(visitors).toHaveLength(1);
  });

  it('merges several files, and takes the context it is told', async () => {
    const first = kubeconfig('main', { token: 'main' });
    writeFileSync(
      file('more'),
      JSON.stringify({
        contexts: [{ name: 'second', context: { cluster: 'c', user: 'v' } }],
        users: [{ name: 'v', user: { token: 'second' } }],
        clusters: [],
      }),
    );
    await versionBy([first, file('more')])();
    await versionBy([first, file('more')], 'second')();
    expect(visitors.map((each) => each.authorization)).toEqual(['Bearer main', 'Bearer second']);
  });

  it.each([
    [
      'a context that is not there',
      (): [string[], string] => [[kubeconfig('good', {})], 'absent'],
      /"absent"; it has: good/,
    ],
    [
      'a file that is not there',
      (): [string[], string | undefined] => [[file('no-such-file')], undefined],
      /no-such-file.*ENOENT/,
    ],
    [
      'a file that is no YAML',
      (): [string[], string | undefined] => {
        writeFileSync(file('broken'), 'a: [');
        return [[file('broken')], undefined];
      },
      /kubeconfig .*broken: /,
    ],
  ])('says what is wrong with %s, at every call', async (_, make, message) => {
    const [paths, context] = make();
    const version = versionBy(paths, context);
    for (const _again of [1, 2])
      await expect(version()).rejects.toMatchObject({
        code: 'not_configured',
        message: expect.stringMatching(message),
      });
  });

  it('works again when a broken kubeconfig was mended', async () => {
    writeFileSync(file('mended'), 'a: [');
    const version = versionBy([file('mended')]);
    await expect(version()).rejects.toMatchObject({ code: 'not_configured' });
    kubeconfig('mended', { token: 'abc' });
    await expect(version()).resolves.toBe('v1.36.2');
  });

  it('meets its deadline when the server takes the connection and says nothing', async () => {
    const silent = await listen(createTcpServer(() => undefined));
    const access = createKubernetesAccess({
      source: { kubeconfigs: [kubeconfig('silent', {}, { server: `https://${silent}` })] },
      timeoutMs: 300,
    });
    const kubernetes = createKubernetes({ access, timeoutMs: 300 });
    cleanups.push(() => kubernetes.close());
    await expect(kubernetes.version(signal)).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('what auto finds', () => {
  it('is KUBECONFIG with all its files before anything else', async () => {
    await expect(findKubernetes({ KUBECONFIG: '/a:/b', HOME: '/nowhere' })).resolves.toEqual({
      kubeconfigs: ['/a', '/b'],
    });
  });

  it('is nothing where there is no cluster', async () => {
    await expect(findKubernetes({ HOME: '/nowhere' })).resolves.toBeNull();
  });
});

function visitorOf({ headers, socket }: IncomingMessage): Visitor {
  return {
    authorization: headers.authorization,
    impersonated: headers['impersonate-user'],
    certificate: socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined,
  };
}
