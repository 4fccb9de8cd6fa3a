import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, type AgentOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { HealthAnswer } from '@telemcp/shared/routes';
import { openTlsFiles } from '@telemcp/shared/tls-files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClientTls } from '../bridge/src/upstreams/client-tls.ts';
import { createNodeAgents } from '../bridge/src/upstreams/node-agents.ts';
import { type Issued, openWorkshop, type Workshop } from '../node-agent/test/certificate-authority.ts';
import { missingPart } from '../scripts/parts.ts';
import { freePort, type Program, poll, startProgram } from './real/program.ts';

const missing = missingPart('openssl');
const isSkipped = missing !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;
const AGENT = new URL('../node-agent/src/main.ts', import.meta.url).pathname;
const NAMES = 'IP:127.0.0.1';

describe.skipIf(isSkipped)(`an agent over TLS${missing === null ? '' : ` (${missing.why})`}`, () => {
  let directory: string;
  let workshop: Workshop;
  let old: Issued;
  let young: Issued;
  let agent: Program;
  let port: number;
  const trusted = () => old.certificate + young.certificate;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'telemcp-tls-'));
    workshop = openWorkshop();
    old = workshop.issue({ subject: '/CN=old CA', isCa: true });
    young = workshop.issue({ subject: '/CN=young CA', isCa: true });
    publish(serverOf(old), old.certificate);
    port = await freePort();
    agent = await startTlsAgent();
  });
  afterAll(async () => {
    await agent?.stop();
    workshop?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const serverOf = (authority: Issued) => workshop.issue({ subject: '/CN=agent', names: NAMES }, authority);
  const clientOf = (authority: Issued, days = 30) => {
    const { certificate, pem } = workshop.issue({ subject: '/CN=bridge', from: -10, days }, authority);
    return { cert: certificate, key: pem, ca: trusted() };
  };

  /** Replaces all three files at once, as Kubernetes replaces a secret: by a symlink to another directory. */
  let version = 0;
  function publish(server: Issued, clientCa: string): void {
    version += 1;
    mkdirSync(join(directory, `v${version}`));
    const files = { 'tls.crt': server.certificate, 'tls.key': server.pem, 'ca.crt': clientCa };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, `v${version}`, name), text);
    symlinkSync(`v${version}`, join(directory, 'next'));
    renameSync(join(directory, 'next'), join(directory, 'now'));
  }

  const env = () => ({
    TELEMCP_AGENT_LISTEN: `0.0.0.0:${port}`,
    TELEMCP_AGENT_TLS_CERT_FILE: join(directory, 'now/tls.crt'),
    TELEMCP_AGENT_TLS_KEY_FILE: join(directory, 'now/tls.key'),
    TELEMCP_AGENT_CLIENT_CA_FILE: join(directory, 'now/ca.crt'),
  });
  const startTlsAgent = () =>
    startProgram(process.execPath, [AGENT, 'serve'], { readyUrl: 'log:listening on https', env: env() });

  /** One question; the status and the certificate that answered. */
  function ask(options: AgentOptions, keepAlive?: Agent): Promise<{ status: number; serial: string; closes: boolean }> {
    return new Promise((resolve, reject) => {
      const asking = request(
        { ...options, host: '127.0.0.1', port, path: '/v1/facts/os', agent: keepAlive ?? false },
        (response) => {
          const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
          const closes = response.headers.connection === 'close';
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, serial, closes }));
          response.resume();
        },
      );
      asking.on('error', reject);
      asking.end();
    });
  }
  const servedSerial = (client: AgentOptions) => ask(client).then(({ serial }) => serial, String);

  it('lets in who has a certificate of its authority, and nobody else', async () => {
    expect((await ask(clientOf(old))).status).toBe(200);
    await expect(ask({ ca: trusted() }), 'no certificate').rejects.toThrow('certificate required');
    await expect(ask(clientOf(young)), 'another authority').rejects.toThrow(/ECONNRESET|socket hang up|closed/);
    await expect(ask(clientOf(old, -1)), 'expired').rejects.toThrow(/ECONNRESET|socket hang up|closed/);
    await expect(ask({ ...clientOf(old), maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })).rejects.toThrow(
      /protocol|alert|unsupported/i,
    );
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
    await poll('the refusal in the log', async () =>
      agent.stderr().includes('a client was refused by TLS') ? true : null,
    );
    expect((await ask(clientOf(old))).status).toBe(200);
  });

  it('takes three new sets of files into use under load, and no request is lost', async () => {
    const [veteran, recruit] = [clientOf(old), clientOf(young)];
    let client = veteran;
    let stopped = false;
    let answers = 0;
    const failures: string[] = [];
    const serials = new Set<string>();
    const load = async (keepAlive: boolean) => {
      let [connections, made] = [
        keepAlive ? new Agent({ ...client, keepAlive: true, maxSockets: 1 }) : undefined,
        client,
      ];
      while (!stopped) {
        if (made !== client) {
          made = client;
          connections = keepAlive ? new Agent({ ...client, keepAlive: true, maxSockets: 1 }) : undefined;
        }
        await ask(made, connections).then(
          ({ status, serial }) => {
            answers += 1;
            serials.add(serial);
            if (status !== 200) failures.push(`HTTP ${status}`);
          },
          (error: unknown) => failures.push(String(error)),
        );
      }
      connections?.destroy();
    };
    const clients = [load(true), load(true), load(false), load(false)];
    const inUse = (before: string) =>
      poll('the new certificate', async () => {
        const serial = await servedSerial(client);
        return serial === before ? null : serial;
      });

    // A connection from before, and a session to resume, of one who will not be let in any more.
    const kept = new Agent({ ...veteran, keepAlive: true, maxSockets: 1 });
    const first = (await ask(veteran, kept)).serial;
    const session = await sessionOf(port, veteran);

    publish(serverOf(old), trusted());
    const second = await inUse(first);
    expect(await ask(veteran, kept)).toEqual({ status: 200, serial: first, closes: true });
    expect(await ask(veteran, kept)).toEqual({ status: 200, serial: second, closes: false });
    client = recruit;
    // Everybody has to have come back with the new certificate before the old authority goes.
    const changedAt = answers;
    await poll('all clients to change', async () => (answers > changedAt + 40 ? true : null));

    publish(serverOf(young), young.certificate);
    const third = await inUse(second);
    expect((await ask(veteran, kept)).closes).toBe(true);
    await expect(ask(veteran, kept)).rejects.toThrow(/ECONNRESET|socket hang up|closed/);
    await expect(ask(veteran)).rejects.toThrow(/ECONNRESET|socket hang up|closed/);
    await expect(ask({ ...veteran, session }), 'a session of before').rejects.toThrow(
      /ECONNRESET|socket hang up|closed/,
    );

    // The certificate first and its key later, as something that does not know about the other writes them.
    const { certificate, pem } = serverOf(young);
    writeFileSync(join(directory, 'now/tls.crt'), certificate);
    await poll('the half-written pair in the log', async () =>
      /tls\.key: is not the key/.test(agent.stderr()) ? true : null,
    );
    expect(await servedSerial(client)).toBe(third);
    writeFileSync(join(directory, 'now/tls.key'), pem);
    const fourth = await inUse(third);

    stopped = true;
    await Promise.all(clients);
    kept.destroy();
    console.log(`${answers} answers through three changes of all files`);
    expect(failures).toEqual([]);
    expect([...serials].sort()).toEqual([first, second, third, fourth].sort());
    expect(agent.stderr()).not.toContain('PRIVATE KEY');
  }, 60_000);

  it('is asked by a bridge, whose files change too, and whose failures say what is wrong', async () => {
    publish(serverOf(old), old.certificate);
    await poll('the old authority', () => ask(clientOf(old)).then(Boolean, () => null));
    const files = { ca: join(directory, 'b.ca'), cert: join(directory, 'b.crt'), key: join(directory, 'b.key') };
    const write = ({ ca, cert, key }: ReturnType<typeof clientOf>) => {
      writeFileSync(files.ca, ca);
      writeFileSync(files.cert, cert);
      writeFileSync(files.key, key);
    };
    const outcome = async (host = '127.0.0.1', own: string | null = files.cert) => {
      const place = (path: string) => ({ setting: 'SETTING', path });
      const pair = own === null ? { cert: null, key: null } : { cert: place(own), key: place(files.key) };
      const opened = await openTlsFiles({ ca: place(files.ca), ...pair });
      const tls = createClientTls({
        files: opened,
        advice: 'See the settings.',
        timeoutMs: 2000,
        onProblem: () => undefined,
      });
      const agents = createNodeAgents({ urls: [new URL(`https://${host}:${port}`)], timeoutMs: 3000, tls });
      const question = { path: '/healthz', schema: HealthAnswer };
      const { answers, coverage } = await agents.ask(question, new AbortController().signal);
      await agents.close();
      return answers.length === 1 ? 'answered' : coverage.missing[0]?.reason;
    };
    write(clientOf(old));
    expect(await outcome()).toBe('answered');
    expect(await outcome('localhost')).toBe(
      'TLS: its certificate is for another name than the address has (ERR_TLS_CERT_ALTNAME_INVALID)',
    );
    write({ ...clientOf(old), ca: young.certificate });
    expect(await outcome()).toMatch(/^TLS: its certificate is from no authority that is trusted here \(\w+\)$/);
    write(clientOf(young));
    expect(await outcome()).toBe('TLS: closed without an answer; it may not accept our client certificate');
    rmSync(files.cert);
    // Which of the two is seen depends on whether its alert or the end of the connection is met first.
    expect(await outcome('127.0.0.1', null)).toMatch(
      /^TLS: (it lets in only clients with a certificate|closed without an answer; we have no client certificate)/,
    );
    write(clientOf(old, -1));
    expect(await outcome()).toMatch(/^TLS: closed without an answer; our own certificate expired at 20\d\d-/);
    const expired = workshop.issue({ subject: '/CN=agent', names: NAMES, from: -10, days: -1 }, old);
    publish(expired, old.certificate);
    write(clientOf(old));
    await poll('the expired certificate', async () => ((await outcome()) === 'answered' ? null : true));
    expect(await outcome()).toBe('TLS: its certificate has expired (CERT_HAS_EXPIRED)');

    // One bridge for the whole change: connections made after it have the new certificate.
    publish(serverOf(old), trusted());
    await poll('a valid certificate', async () => ((await outcome()) === 'answered' ? true : null));
    const place = (path: string) => ({ setting: 'SETTING', path });
    const opened = await openTlsFiles({ ca: place(files.ca), cert: place(files.cert), key: place(files.key) });
    const problems: string[] = [];
    const tls = createClientTls({
      files: opened,
      advice: '',
      timeoutMs: 2000,
      onProblem: (lines) => problems.push(...lines),
    });
    const agents = createNodeAgents({ urls: [new URL(`https://127.0.0.1:${port}`)], timeoutMs: 3000, tls });
    const answered = async () => {
      const { coverage } = await agents.ask({ path: '/healthz', schema: HealthAnswer }, new AbortController().signal);
      return coverage.answered === 1 ? true : null;
    };
    expect(await answered()).toBe(true);
    write(clientOf(young));
    publish(serverOf(old), young.certificate);
    await poll('the bridge to be let in with its new certificate', async () => {
      const before = agent.stderr().split('new TLS files are in use').length;
      return before > 1 &&
        (await ask(clientOf(old)).then(
          () => null,
          () => true,
        ))
        ? answered()
        : null;
    });
    await agents.close();
    expect(problems).toEqual([]);
  }, 60_000);

  it.each([
    [
      'another certificate’s key',
      'tls.key',
      () => serverOf(old).pem,
      /TLS_KEY_FILE: \S+tls\.key: is not the key of the certificate/,
    ],
    ['no key at all', 'tls.key', () => 'nonsense', /TLS_KEY_FILE: \S+tls\.key: holds no private key in PEM/],
    ['a broken certificate', 'tls.crt', () => old.certificate.slice(0, 200), /TLS_CERT_FILE: \S+ breaks off within/],
    ['an authority that is none', 'ca.crt', () => '', /CLIENT_CA_FILE: \S+ holds no certificate in PEM/],
    ['a file that is not there', 'ca.crt', () => null, /CLIENT_CA_FILE: \S+ there is no such file/],
  ])('does not start with %s', async (_, name, text, message) => {
    const { certificate } = serverOf(old);
    publish({ ...serverOf(old), certificate }, old.certificate);
    const content = text();
    publish(serverOf(old), old.certificate);
    if (content === null) rmSync(join(directory, 'now', name));
    else writeFileSync(join(directory, 'now', name), content);
    const starting = startProgram(process.execPath, [AGENT, 'serve'], {
      readyUrl: 'log:listening on',
      env: { ...env(), TELEMCP_AGENT_LISTEN: '127.0.0.1:0' },
    });
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.not.toThrow('PRIVATE KEY');
  });
});

/** A session that may be resumed, as TLS 1.3 gives it after the handshake. */
function sessionOf(port: number, client: AgentOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...client, host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('session', (session) => {
      resolve(session);
      socket.destroy();
    });
    socket.once('secureConnect', () => socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'));
  });
}
