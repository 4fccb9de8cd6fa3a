import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '@telemcp/shared/facts/certificates';
import { CertificateFacts } from '@telemcp/shared/facts/certificates';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeCorpus, makeK3sTree, makeKubeadmTree } from '../../test/certificate-corpus.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { certificates } from './certificates.ts';

let base: string;
let secrets: string[];
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'certificates-'));
  const planted = [
    makeCorpus(join(base, 'corpus')),
    makeK3sTree(join(base, 'k3s')),
    makeKubeadmTree(join(base, 'kubeadm')),
  ];
  secrets = planted.flatMap((part) => part.secrets);
});
afterAll(() => rmSync(base, { recursive: true }));

async function collectFrom(root: string, certificatePaths?: string[], change: Partial<HostRoot> = {}) {
  const { signal } = new AbortController();
  return certificates.collect({
    host: { ...createHostRoot(join(base, root), signal), ...change },
    bus: { call: () => Promise.reject(new Error('no bus here')) } as never,
    settings: {
      nodeName: 'node-1',
      certificatePaths,
      watchUnits: undefined,
      chronyAddress: { host: '127.0.0.1', port: 323 },
    },
    signal,
  });
}

const brief = ({ path, index, role, inUse }: Certificate) =>
  `${path} ${index} ${role} ${inUse ? 'in use' : 'superseded'}`;
const daysLeft = ({ expiresInSeconds }: Certificate) => Math.round(expiresInSeconds / 86_400);

test('finds what k3s has on a server, the expired one first and the broken one named', async () => {
  const { data, missing, total, truncated } = await collectFrom('k3s');
  expect(CertificateFacts.parse(data)).toEqual(data);
  expect(
    data.certificates.slice(0, 2).map((found) => [found.path, found.role, found.expired, daysLeft(found)]),
  ).toEqual([
    ['/var/lib/rancher/k3s/agent/serving-kubelet.crt', 'kubelet-server', true, -3],
    ['/var/lib/rancher/k3s/server/tls/serving-kube-apiserver.crt', 'apiserver', false, 120],
  ]);
  const admin = data.certificates.filter((found) => found.path === '/etc/rancher/k3s/k3s.yaml');
  expect(admin.map(({ embeddedAt, commonName }) => [embeddedAt, commonName])).toEqual([
    ['users[default].client-certificate-data', 'system:admin'],
    ['clusters[default].certificate-authority-data', 'k3s-server-ca@1730000000'],
    ['users[default].client-certificate-data', 'k3s-client-ca@1730000000'],
  ]);
  expect(data.certificates.find((found) => found.sourceKind === 'json')).toMatchObject({
    embeddedAt: 'data[tls.crt]',
    commonName: 'k3s',
    role: 'supervisor-server',
    dnsNames: ['localhost'],
    renewalHint: expect.stringContaining('restart k3s'),
  });
  expect(data.certificates.every((found) => found.keyAlgorithm === 'ec')).toBe(true);
  const broken = '/var/lib/rancher/k3s/agent/client-kube-proxy.crt';
  expect(missing).toEqual([{ what: broken, reason: 'parse_error', detail: 'certificate 0: cut off before its end' }]);
  expect(data.errors).toMatchObject([{ path: broken, reason: 'parse_error' }]);
  expect(data.absent).toContain('/etc/kubernetes/pki/*.crt');
  expect(data.searched).toContain('/var/lib/rancher/k3s/server/tls/*.crt');
  expect({ total, truncated }).toEqual({ total: data.certificates.length, truncated: false });
});

test('finds what kubeadm has, through the kubelet’s absolute symlink, and follows none that leads out', async () => {
  const { data } = await collectFrom('kubeadm');
  expect(data.certificates.map((found) => `${found.path} ${found.role} ${daysLeft(found)}`).slice(0, 4)).toEqual([
    '/etc/kubernetes/pki/apiserver.crt apiserver 20',
    '/etc/letsencrypt/live/shop.example/fullchain.pem web 40',
    '/var/lib/kubelet/pki/kubelet-client-current.pem kubelet-client 150',
    '/etc/kubernetes/admin.conf admin 200',
  ]);
  const kubelet = data.certificates.filter(
    (found) => found.path.startsWith('/var/lib/kubelet/') && found.role === 'kubelet-client',
  );
  expect(kubelet).toHaveLength(1);
  expect(data.errors).toEqual([
    {
      path: '/etc/kubernetes/pki/front-proxy-client.crt',
      embeddedAt: null,
      reason: 'out_of_scope_symlink',
      detail: '/etc/kubernetes/pki/front-proxy-client.crt leads to /opt/elsewhere/front-proxy-client.crt',
    },
  ]);
});

test('a rotated certificate beside a newer one is not in use, so that its expiry alarms nobody', async () => {
  const { data } = await collectFrom('kubeadm', ['/var/lib/kubelet/pki']);
  expect(data.certificates.map(brief)).toEqual([
    '/var/lib/kubelet/pki/kubelet-client-2024-01-01-00-00-00.pem 0 kubelet-client superseded',
    '/var/lib/kubelet/pki/kubelet-client-2025-01-01-00-00-00.pem 0 kubelet-client in use',
    '/var/lib/kubelet/pki/kubelet.crt 0 kubelet-server in use',
  ]);
});

test('reads every form there is', async () => {
  const { data } = await collectFrom('.', ['/corpus']);
  const kinds = new Set(data.certificates.map(({ sourceKind, keyAlgorithm }) => `${sourceKind} ${keyAlgorithm}`));
  expect([...kinds].toSorted()).toEqual([
    'file ec',
    'file ed25519',
    'file rsa',
    'file rsa-pss',
    'json ec',
    'json rsa',
    'kubeconfig ec',
    'pkcs12 ec',
    'pkcs12 rsa',
  ]);
  expect(data.certificates[0]).toMatchObject({ path: '/corpus/expired.crt', expired: true });
  expect(data.certificates.at(-1)).toMatchObject({
    path: '/corpus/year-9999.crt',
    notAfter: '9999-12-31T23:59:59.000Z',
  });
  expect(data.certificates.find(({ path }) => path === '/corpus/odd-names.crt')).toMatchObject({
    subject: 'CN=say \\"hi\\"\\, you next,O=ared',
    dnsNames: ['odd.example', 'plain.example'],
  });
  expect(data.revocationLists.map(({ path, stale }) => [path, stale])).toEqual([
    ['/corpus/list.crl', false],
    ['/corpus/stale-list.crl', true],
  ]);
  expect(data.errors.map(({ path, reason }) => `${path.slice('/corpus/'.length)} ${reason}`)).toEqual([
    'broken-with-key.pem parse_error',
    'broken.kubeconfig parse_error',
    'cut-off.crt parse_error',
    'cut-off.der parse_error',
    'damaged.crt parse_error',
    'empty.pem parse_error',
    'key-as-certificate.pem parse_error',
    'key-in-the-wrong-place.kubeconfig parse_error',
    'key-in-the-wrong-place.kubeconfig parse_error',
    'locked-legacy.p12 encrypted',
    'locked.p12 encrypted',
    'many-rounds.p12 unsupported',
    'noise.crt parse_error',
    'store.jks unsupported',
  ]);
});

test('no answer holds sixteen characters of any private key', async () => {
  const answers = await Promise.all([collectFrom('.', ['/corpus/*']), collectFrom('k3s'), collectFrom('kubeadm')]);
  const text = JSON.stringify(answers);
  const runs = new Set(secrets.flatMap((secret) => Array.from(secret.slice(15), (_, at) => secret.slice(at, at + 16))));
  expect(runs.size).toBeGreaterThan(5_000);
  const leaked = Array.from(text.slice(15), (_, at) => text.slice(at, at + 16)).filter((run) => runs.has(run));
  expect(leaked).toEqual([]);
});

test('a host without certificates has none, which is no failure', async () => {
  const { data, missing } = await collectFrom('empty');
  expect(data).toMatchObject({ certificates: [], errors: [], filesRead: 0, absent: data.searched });
  expect(missing).toEqual([]);
});

test('says that it may not look, where it may look at nothing', async () => {
  const denied = (path: string) => Promise.reject(new FactError('permission_denied', `${path}: EACCES`));
  await expect(collectFrom('k3s', ['/a/*.crt', '/b/*.crt'], { resolve: denied })).rejects.toMatchObject({
    reason: 'permission_denied',
    message: 'may not read /a, /b',
    hint: expect.stringContaining('read-only'),
  });
});

test('keeps what it read when a file system stops answering', async () => {
  const { signal } = new AbortController();
  const host = createHostRoot(join(base, 'kubeadm'), signal);
  const hanging = Promise.withResolvers<void>();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const collecting = collectFrom('kubeadm', ['/etc/kubernetes/pki'], {
    readBytes: (path, options) => {
      if (!path.endsWith('front-proxy-ca.crt')) return host.readBytes(path, options);
      hanging.resolve();
      return new Promise(() => undefined);
    },
  });
  await hanging.promise;
  vi.runAllTimers();
  vi.useRealTimers();
  const { data, missing, truncated, total } = await collecting;
  expect(data.certificates.map(({ role }) => role)).toEqual([
    'apiserver',
    'apiserver-etcd-client',
    'apiserver-kubelet-client',
    'ca',
  ]);
  expect({ total, truncated }).toEqual({ total: 4, truncated: true });
  expect(missing?.[0]).toEqual({
    what: 'certificates',
    reason: 'timeout',
    detail: 'not finished after 8000 ms, 4 files were read',
  });
});

test('a directory that hangs since an earlier scan costs its own certificates only', async () => {
  const host = createHostRoot(join(base, 'k3s'), new AbortController().signal);
  const hung = '/var/lib/rancher/k3s/server/tls';
  const list: HostRoot['list'] = (path, options) =>
    path === hung ? Promise.reject(new FactError('timeout', `${hung}: still hangs`)) : host.list(path, options);
  const { data, missing } = await collectFrom('k3s', undefined, { list });
  expect(data.certificates.map(({ path }) => path)).toContain('/etc/rancher/k3s/k3s.yaml');
  expect(missing).toContainEqual({ what: hung, reason: 'timeout', detail: `${hung}: still hangs` });
});
