import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Issued, type Key, makeKey, openWorkshop, type Workshop } from './certificate-authority.ts';

/** What was planted under a directory. */
export interface Planted {
  /** The base64 bodies of every private key, in every shape that was written: none may show in an answer. */
  secrets: string[];
}

/**
 * One file for every form in which certificates come, named for what is in it, made with `openssl`: see the test of the
 * collector for the list. Takes about a second.
 */
export function makeCorpus(directory: string): Planted {
  const shop = openWorkshop();
  const keys: Key[] = [];
  const remember = (issued: Issued) => {
    keys.push(issued);
    return issued;
  };
  const put = (name: string, content: string | Buffer) => plant(directory, name, content);
  try {
    const ca = remember(shop.issue({ subject: '/O=Corpus/CN=Corpus CA', isCa: true, days: 3650 }));
    const names = 'DNS:one.example,DNS:*.two.example,IP:10.1.2.3,IP:2001:db8::1,email:a@b.example';
    const rsa = remember(shop.issue({ subject: '/C=DE/O=First, Ltd/O=Second/CN=rsa', key: makeKey('rsa'), names }, ca));
    const ec = remember(shop.issue({ subject: '/CN=ec p256', names: 'DNS:ec.example' }, ca));
    put('ca.crt', ca.certificate);
    put('rsa.crt', rsa.certificate);
    put('ec-p256.crt', ec.certificate);
    put('ec-p384.crt', shop.issue({ subject: '/CN=ec p384', key: makeKey('p384') }, ca).certificate);
    put('ed25519.pem', shop.issue({ subject: '/CN=ed25519', key: makeKey('ed25519') }, ca).certificate);
    put('rsa-pss.crt', shop.issue({ subject: '/CN=rsa-pss', key: makeKey('rsa-pss') }, ca).certificate);
    put('bundle.pem', `# chain\n${rsa.certificate}${ec.certificate}\ntext between\n${ca.certificate}`);
    put('crlf.crt', rsa.certificate.replaceAll('\n', '\r\n'));
    put('binary.der', shop.openssl('x509', '-in', put('der-source.txt', ec.certificate), '-outform', 'DER'));
    put('trusted.pem', shop.openssl('x509', '-in', join(directory, 'rsa.crt'), '-addtrust', 'serverAuth', '-trustout'));
    put('with-text.crt', shop.openssl('x509', '-in', join(directory, 'rsa.crt'), '-text'));
    put('year-9999.crt', shop.issue({ subject: '/CN=for ever', until: '99991231235959Z' }, ca).certificate);
    put('expired.crt', shop.issue({ subject: '/CN=expired', from: -400, days: -35 }, ca).certificate);
    put('not-yet.crt', shop.issue({ subject: '/CN=not yet', from: 10, days: 20 }, ca).certificate);
    put('odd-names.crt', oddNames(shop, ca));
    put('list.crl', shop.revocationList(ca, 30));
    put('stale-list.crl', shop.revocationList(ca, -0.5));
    plantContainers(shop, put, rsa, ec, ca);
    plantKeys(shop, put, rsa, ec, keys);
    plantBroken(directory, put, rsa);
  } finally {
    shop.close();
  }
  return { secrets: keys.flatMap(bodiesOf) };
}

/** Names with a terminal sequence, a quote, a comma and a line break in them. */
function oddNames(shop: Workshop, ca: Issued): string {
  const subject = '/O=a\u001b[31mred/CN=say \\"hi\\", \u202eyou\u200b\nnext';
  return shop.issue({ subject, names: 'DNS:"odd.example",DNS:plain.example' }, ca).certificate;
}

function plantContainers(shop: Workshop, put: Put, rsa: Issued, ec: Issued, ca: Issued): void {
  const pack = (name: string, of: Issued, ...args: string[]) => {
    writeFileSync(shop.at('leaf.pem'), of.certificate + ca.certificate);
    writeFileSync(shop.at('leaf.key'), of.pem);
    put(name, shop.openssl('pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', ...args));
  };
  pack('modern.p12', rsa, '-passout', 'pass:');
  pack('legacy.p12', rsa, '-legacy', '-passout', 'pass:');
  pack('ec.pfx', ec, '-passout', 'pass:');
  pack('clear.p12', ec, '-certpbe', 'NONE', '-passout', 'pass:');
  pack('locked.p12', ec, '-passout', 'pass:secret');
  pack('locked-legacy.p12', ec, '-legacy', '-passout', 'pass:secret');
  pack('many-rounds.p12', ec, '-iter', '150000', '-passout', 'pass:');
  put('store.jks', Buffer.from('feedfeed0000000200000000', 'hex'));
  put(
    'embedded.kubeconfig',
    kubeconfigOf({ ca: ca.certificate, client: ec.certificate + ca.certificate, key: ec.pem }),
  );
  put('secret.json', secretOf(rsa.certificate + ca.certificate, rsa.pem));
}

function plantKeys(shop: Workshop, put: Put, rsa: Issued, ec: Issued, keys: Key[]): void {
  const sec1 = ec.key.export({ type: 'sec1', format: 'pem' }).toString();
  const pkcs1 = rsa.key.export({ type: 'pkcs1', format: 'pem' }).toString();
  const sealed = ec.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  keys.push(...[sec1, pkcs1, sealed].map((pem) => ({ key: ec.key, pem })));
  put('with-key.pem', rsa.certificate + rsa.pem);
  put('key-first.pem', sec1 + ec.certificate);
  put('sealed-key.pem', sealed + ec.certificate);
  put('only-keys.pem', rsa.pem + sec1 + pkcs1 + sealed);
  put('only-key.der', ec.key.export({ type: 'pkcs8', format: 'der' }));
  put('broken-with-key.pem', `${rsa.certificate.slice(0, 400)}\n${rsa.pem}`);
  put('key-cut-off.pem', `${sec1.slice(0, 120)}\n${ec.certificate}`);
  put('key-as-certificate.pem', rsa.pem.replaceAll('PRIVATE KEY', 'CERTIFICATE'));
  put('broken.kubeconfig', kubeconfigOf({ ca: rsa.pem, client: 'x', key: rsa.pem }).replace('users:', 'users: [}'));
  put('key-in-the-wrong-place.kubeconfig', kubeconfigOf({ ca: rsa.pem, client: ec.pem, key: rsa.pem }));
  put('parameters.pem', shop.openssl('ecparam', '-name', 'prime256v1'));
}

function plantBroken(directory: string, put: Put, rsa: Issued): void {
  put('cut-off.crt', rsa.certificate.slice(0, 300));
  put('damaged.crt', rsa.certificate.replace(/^([A-Za-z0-9+/]{20})./m, '$1!'));
  put('noise.crt', Buffer.from(Array.from({ length: 600 }, (_, at) => (at * 151) % 256)));
  put('cut-off.der', readFileSync(join(directory, 'binary.der')).subarray(0, 200));
  put('empty.pem', '');
  put('nginx.conf', 'server { listen 443 ssl; ssl_certificate /etc/nginx/a.crt; }\n');
}

/** The files of a k3s server (embedded etcd, EC keys): one certificate is expired, one file is cut off. */
export function makeK3sTree(root: string): Planted {
  const shop = openWorkshop();
  const tls = '/var/lib/rancher/k3s/server/tls';
  const agent = '/var/lib/rancher/k3s/agent';
  const put = (name: string, content: string) => plant(root, name, content);
  const key = makeKey();
  const authority = (name: string) =>
    shop.issue({ subject: `/CN=k3s-${name}@1730000000`, isCa: true, days: 3600, key });
  try {
    const clientCa = authority('client-ca');
    const serverCa = authority('server-ca');
    const headerCa = authority('request-header-ca');
    const etcdCa = authority('etcd-server-ca');
    const peerCa = authority('etcd-peer-ca');
    // k3s puts the authority behind each certificate it issues.
    const leaf = (subject: string, ca: Issued, names?: string, days = 300) =>
      shop.issue({ subject, key, days, ...(names === undefined ? {} : { names }) }, ca).certificate + ca.certificate;
    for (const [name, ca] of Object.entries({ 'client-ca': clientCa, 'server-ca': serverCa })) {
      put(`${tls}/${name}.crt`, ca.certificate);
      put(`${tls}/${name}.nochain.crt`, ca.certificate);
      put(`${agent}/${name}.crt`, ca.certificate);
    }
    put(`${tls}/request-header-ca.crt`, headerCa.certificate);
    put(`${tls}/etcd/server-ca.crt`, etcdCa.certificate);
    put(`${tls}/etcd/peer-ca.crt`, peerCa.certificate);
    const admin = leaf('/O=system:masters/CN=system:admin', clientCa);
    put(`${tls}/client-admin.crt`, admin);
    put(`${tls}/client-auth-proxy.crt`, leaf('/CN=system:auth-proxy', headerCa));
    put(`${tls}/client-controller.crt`, leaf('/CN=system:kube-controller-manager', clientCa));
    put(`${tls}/client-kube-apiserver.crt`, leaf('/O=system:masters/CN=system:apiserver', clientCa));
    put(`${tls}/client-scheduler.crt`, leaf('/CN=system:kube-scheduler', clientCa));
    put(`${tls}/serving-kube-apiserver.crt`, leaf('/CN=kube-apiserver', serverCa, 'DNS:kubernetes,IP:10.43.0.1', 120));
    put(`${tls}/etcd/client.crt`, leaf('/CN=etcd-client', etcdCa));
    put(`${tls}/etcd/server-client.crt`, leaf('/CN=etcd-server', etcdCa, 'DNS:localhost,IP:127.0.0.1'));
    put(`${tls}/etcd/peer-server-client.crt`, leaf('/CN=etcd-peer', peerCa, 'DNS:localhost'));
    put(`${tls}/dynamic-cert.json`, secretOf(leaf('/O=k3s/CN=k3s', serverCa, 'DNS:localhost'), key.pem));
    put(`${tls}/client-admin.key`, key.pem);
    put(`${agent}/client-kubelet.crt`, leaf('/O=system:nodes/CN=system:node:node-1', clientCa));
    put(`${agent}/serving-kubelet.crt`, leaf('/CN=node-1', serverCa, 'DNS:node-1', -3));
    put(`${agent}/client-kube-proxy.crt`, leaf('/CN=system:kube-proxy', clientCa).slice(0, 500));
    put(`${agent}/kubelet.kubeconfig`, referringKubeconfig(`${agent}/server-ca.crt`, `${agent}/client-kubelet.crt`));
    put('/etc/rancher/k3s/k3s.yaml', kubeconfigOf({ ca: serverCa.certificate, client: admin, key: key.pem }));
  } finally {
    shop.close();
  }
  return { secrets: bodiesOf(key) };
}

/**
 * The files of a kubeadm control plane (RSA keys) with a rotated kubelet certificate behind an absolute symlink, a site of
 * certbot's, and one symlink that leads out of every directory searched.
 */
export function makeKubeadmTree(root: string): Planted {
  const shop = openWorkshop();
  const pki = '/etc/kubernetes/pki';
  const kubelet = '/var/lib/kubelet/pki';
  const key = makeKey('rsa');
  const put = (name: string, content: string) => plant(root, name, content);
  const link = (name: string, target: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    symlinkSync(target, join(root, name));
  };
  try {
    const authority = (name: string) => shop.issue({ subject: `/CN=${name}`, isCa: true, days: 3600, key });
    const ca = authority('kubernetes');
    const etcdCa = authority('etcd-ca');
    const frontCa = authority('front-proxy-ca');
    const leaf = (subject: string, by: Issued, days = 200, names?: string) =>
      shop.issue({ subject, key, from: -100, days, ...(names === undefined ? {} : { names }) }, by).certificate;
    put(`${pki}/ca.crt`, ca.certificate);
    put(`${pki}/etcd/ca.crt`, etcdCa.certificate);
    put(`${pki}/front-proxy-ca.crt`, frontCa.certificate);
    put(`${pki}/ca.key`, key.pem);
    put(`${pki}/apiserver.crt`, leaf('/CN=kube-apiserver', ca, 20, 'DNS:kubernetes.default,IP:10.96.0.1'));
    put(`${pki}/apiserver-kubelet-client.crt`, leaf('/O=system:masters/CN=kube-apiserver-kubelet-client', ca));
    put(`${pki}/apiserver-etcd-client.crt`, leaf('/CN=kube-apiserver-etcd-client', etcdCa));
    put(`${pki}/etcd/server.crt`, leaf('/CN=node-1', etcdCa, 200, 'DNS:node-1'));
    put(`${pki}/etcd/peer.crt`, leaf('/CN=node-1', etcdCa, 200, 'DNS:node-1'));
    put(`${pki}/etcd/healthcheck-client.crt`, leaf('/CN=kube-etcd-healthcheck-client', etcdCa));
    put('/opt/elsewhere/front-proxy-client.crt', leaf('/CN=front-proxy-client', frontCa));
    link(`${pki}/front-proxy-client.crt`, '/opt/elsewhere/front-proxy-client.crt');
    for (const [file, user] of Object.entries({ admin: 'kubernetes-admin', scheduler: 'system:kube-scheduler' })) {
      const client = leaf(`/O=system:masters/CN=${user}`, ca);
      put(`/etc/kubernetes/${file}.conf`, kubeconfigOf({ ca: ca.certificate, client, key: key.pem }));
    }
    const node = '/O=system:nodes/CN=system:node:node-1';
    put(`${kubelet}/kubelet-client-2024-01-01-00-00-00.pem`, leaf(node, ca, -20) + key.pem);
    put(`${kubelet}/kubelet-client-2025-01-01-00-00-00.pem`, leaf(node, ca, 150) + key.pem);
    link(`${kubelet}/kubelet-client-current.pem`, `${kubelet}/kubelet-client-2025-01-01-00-00-00.pem`);
    put(
      `${kubelet}/kubelet.crt`,
      shop.issue({ subject: '/CN=node-1@1730000000', key, names: 'DNS:node-1' }).certificate,
    );
    put('/etc/kubernetes/kubelet.conf', referringKubeconfig('pki/ca.crt', `${kubelet}/kubelet-client-current.pem`));
    put(
      '/etc/letsencrypt/archive/shop.example/fullchain1.pem',
      leaf('/CN=shop.example', ca, 40, 'DNS:shop.example') + ca.certificate,
    );
    link('/etc/letsencrypt/live/shop.example/fullchain.pem', '../../archive/shop.example/fullchain1.pem');
  } finally {
    shop.close();
  }
  return { secrets: bodiesOf(key) };
}

/** A kubeconfig with its certificates embedded. */
function kubeconfigOf({ ca, client, key }: { ca: string; client: string; key: string }): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority-data: ${base64(ca)}
users:
- name: default
  user:
    client-certificate-data: ${base64(client)}
    client-key-data: ${base64(key)}
contexts: []
`;
}

function referringKubeconfig(ca: string, client: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- {name: local, cluster: {server: "https://127.0.0.1:6444", certificate-authority: ${ca}}}
users:
- {name: user, user: {client-certificate: ${client}, client-key: ${client.replace('.crt', '.key')}}}
`;
}

function secretOf(certificate: string, key: string): string {
  const data = { 'tls.crt': certificate, 'tls.key': key };
  const encoded = Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString('base64')]);
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', data: Object.fromEntries(encoded) });
}

type Put = (name: string, content: string | Buffer) => string;

function plant(root: string, name: string, content: string | Buffer): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The body of a key as PEM has it, and as a kubeconfig would hold the whole of it. */
function bodiesOf({ pem }: Key): string[] {
  return [pem.replace(/-----.*?-----|\s/g, ''), Buffer.from(pem).toString('base64')];
}
