import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../bridge/src/kubernetes/json.ts';
import { freePort, type Program, poll, startProgram } from './program.ts';

/** A kube-apiserver with an etcd of its own, on loopback. Nothing runs in it: no controller, scheduler or kubelet. */
export interface KubeApiServer {
  /** For example `https://127.0.0.1:41234`. */
  url: string;
  /** Of somebody who may do everything. */
  token: string;
  /** PEM of its authority. */
  ca: string;
  /** Sends one request as that somebody. @throws {Error} with the server's words for an answer of 400 and more */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: JsonObject): Promise<Json>;
  /** Ends both and removes their data. */
  stop(): Promise<void>;
}

/** The folder with the binaries `etcd` and `kube-apiserver`, as controller-runtime's tests know it; null where there is none. */
export function kubeAssets(): string | null {
  const folder = process.env.KUBEBUILDER_ASSETS ?? '';
  if (folder === '') return null;
  const isWhole = ['etcd', 'kube-apiserver'].every((name) => existsSync(join(folder, name)));
  if (!isWhole) throw new Error(`KUBEBUILDER_ASSETS=${folder} has no etcd and kube-apiserver`);
  return folder;
}

const TOKEN = 'token-of-the-tests';
/** Admission that waits for controllers, or counts what the seeds count themselves. */
const NO_ADMISSION = 'ServiceAccount,TaintNodesByCondition,Priority,ResourceQuota';

/** Starts etcd and kube-apiserver of a folder; ready when this returns. */
export async function startKubeApiServer(assets: string): Promise<KubeApiServer> {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-apiserver-'));
  const programs: Program[] = [];
  const stop = async () => {
    for (const program of programs.toReversed()) await program.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const etcd = await startEtcd(assets, directory);
    programs.push(etcd.program);
    const port = await freePort();
    const started = await startServer(assets, directory, { port, etcdUrl: etcd.url });
    programs.push(started);
    // The pair that it made for itself: its certificate and its authority's.
    const ca = readFileSync(join(directory, 'certificates', 'apiserver.crt'), 'utf8');
    const agent = new Agent({ keepAlive: true, maxSockets: 16, ca });
    const url = `https://127.0.0.1:${port}`;
    const send: KubeApiServer['send'] = (method, path, body) => sendTo(agent, { method, url: `${url}${path}` }, body);
    await poll('the API server to be ready', () =>
      send('GET', '/readyz').then(
        () => true,
        () => null,
      ),
    );
    return {
      url,
      token: TOKEN,
      ca,
      send,
      stop: async () => {
        agent.destroy();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEtcd(assets: string, directory: string): Promise<{ program: Program; url: string }> {
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  if (client === undefined || peer === undefined) throw new Error('no ports');
  const program = await startProgram(
    join(assets, 'etcd'),
    [
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync=true',
      '--log-level=error',
    ],
    { readyUrl: `${client}/health` },
  );
  return { program, url: client };
}

function startServer(
  assets: string,
  directory: string,
  { port, etcdUrl }: { port: number; etcdUrl: string },
): Promise<Program> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const tokens = file('tokens.csv', `${TOKEN},test-admin,test-admin,"system:masters"\n`);
  return startProgram(
    join(assets, 'kube-apiserver'),
    [
      `--etcd-servers=${etcdUrl}`,
      `--cert-dir=${join(directory, 'certificates')}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=RBAC',
      '--anonymous-auth=false',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${file('account.key', privateKey)}`,
      `--service-account-key-file=${file('account.pub', publicKey)}`,
      '--service-cluster-ip-range=10.96.0.0/12',
      `--disable-admission-plugins=${NO_ADMISSION}`,
      '--event-ttl=24h',
    ],
    // Its certificate is of an authority that nobody knows yet, so it is not asked, it is listened to.
    { readyUrl: 'log:Serving securely on' },
  );
}

function sendTo(agent: Agent, to: { method: string; url: string }, body: JsonObject | undefined): Promise<Json> {
  const { promise, resolve, reject } = Promise.withResolvers<Json>();
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', accept: 'application/json' };
  const sent = request(to.url, { method: to.method, agent, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { statusCode = 0 } = response;
      if (statusCode >= 400) reject(new Error(`${to.method} ${to.url}: ${statusCode} ${text}`));
      else resolve(text.startsWith('{') ? JSON.parse(text) : text);
    });
  });
  sent.on('error', reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
