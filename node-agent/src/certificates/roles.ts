import { posix } from 'node:path';

/** Roles by file name without its ending, in the directory of any Kubernetes distribution. */
const KUBERNETES: Readonly<Record<string, string>> = {
  ca: 'ca',
  'client-ca': 'client-ca',
  'server-ca': 'server-ca',
  'front-proxy-ca': 'front-proxy-ca',
  'request-header-ca': 'front-proxy-ca',
  'aggregator-ca': 'front-proxy-ca',
  'proxy-client-ca': 'front-proxy-ca',
  'front-proxy-client': 'front-proxy-client',
  'proxy-client': 'front-proxy-client',
  'client-auth-proxy': 'front-proxy-client',
  'aggregator-client': 'front-proxy-client',
  apiserver: 'apiserver',
  server: 'apiserver',
  'serving-kube-apiserver': 'apiserver',
  'apiserver-etcd-client': 'apiserver-etcd-client',
  'etcd-client': 'apiserver-etcd-client',
  'apiserver-kubelet-client': 'apiserver-kubelet-client',
  'client-kube-apiserver': 'apiserver-kubelet-client',
  'api-server': 'apiserver-kubelet-client',
  admin: 'admin',
  'client-admin': 'admin',
  k3s: 'admin',
  rke2: 'admin',
  'super-admin': 'super-admin',
  'controller-manager': 'controller-manager',
  controller: 'controller-manager',
  'client-controller': 'controller-manager',
  'kube-controller-manager': 'controller-manager',
  scheduler: 'scheduler',
  'client-scheduler': 'scheduler',
  'kube-scheduler': 'scheduler',
  kubelet: 'kubelet-client',
  'client-kubelet': 'kubelet-client',
  'serving-kubelet': 'kubelet-server',
  proxy: 'kube-proxy',
  kubeproxy: 'kube-proxy',
  'kube-proxy': 'kube-proxy',
  'client-kube-proxy': 'kube-proxy',
  'dynamic-cert': 'supervisor-server',
  'client-supervisor': 'supervisor',
  supervisor: 'supervisor',
};

/** The same in a directory of etcd's. */
const ETCD: Readonly<Record<string, string>> = {
  ca: 'etcd-ca',
  'server-ca': 'etcd-ca',
  'peer-ca': 'etcd-peer-ca',
  server: 'etcd-server',
  'server-client': 'etcd-server',
  peer: 'etcd-peer',
  'peer-server-client': 'etcd-peer',
  'healthcheck-client': 'etcd-healthcheck-client',
  client: 'apiserver-etcd-client',
  admin: 'etcd-client',
};

const KUBERNETES_PATH = /\/(kubernetes|kubelet|k3s|rke2|k0s|microk8s|minikube)\//;

/** Where a certificate sits in its file; an authority behind the first certificate of a bundle is part of the chain. */
interface Sitting {
  index: number;
  embeddedAt: string | null;
  isCa: boolean;
}

/** What the certificate at `path` is for, by the names that the distributions give their files; null where these say nothing. */
export function roleOf(path: string, { index, embeddedAt, isCa }: Sitting): string | null {
  if (embeddedAt?.includes('certificate-authority') || (isCa && index > 0)) return 'ca';
  if (/^\/etc\/(letsencrypt|nginx|haproxy)\//.test(path)) return 'web';
  if (path.startsWith('/etc/docker/certs.d/')) return path.endsWith('.crt') ? 'registry-ca' : 'registry';
  if (path.startsWith('/etc/cni/')) return 'cni';
  const name = posix.basename(path).replace(/(\.nochain)?\.[a-z0-9]+$/i, '');
  if (/^kubelet-(client|server)-/.test(name))
    return name.startsWith('kubelet-client') ? 'kubelet-client' : 'kubelet-server';
  if (name === 'kubelet' && path.endsWith('.crt')) return 'kubelet-server';
  const directory = posix.basename(posix.dirname(path));
  if (directory === 'etcd' || path.startsWith('/etc/ssl/etcd/') || path.startsWith('/etc/etcd/')) {
    return ETCD[name] ?? nodeRoleOfEtcd(name);
  }
  if (name === 'kubeconfig') return directory === 'kubernetes' ? 'kubelet-client' : (KUBERNETES[directory] ?? null);
  return KUBERNETES_PATH.test(path) ? (KUBERNETES[name] ?? null) : null;
}

/** kubespray's names carry the node: `member-node1.pem`. */
function nodeRoleOfEtcd(name: string): string | null {
  if (/^(member|server)-/.test(name)) return 'etcd-server';
  if (name.startsWith('peer-')) return 'etcd-peer';
  return /^(admin|node|client)-/.test(name) ? 'etcd-client' : null;
}
