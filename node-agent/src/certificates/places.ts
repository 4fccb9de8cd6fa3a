import { posix } from 'node:path';

/**
 * Where certificates are looked for unless the operator says otherwise: files and shell patterns, by what puts them there.
 * None of them has to exist.
 */
export const DEFAULT_PLACES: readonly string[] = [
  // kubeadm, and kubespray's older layout
  '/etc/kubernetes/pki/*.crt',
  '/etc/kubernetes/pki/etcd/*.crt',
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/super-admin.conf',
  '/etc/kubernetes/controller-manager.conf',
  '/etc/kubernetes/scheduler.conf',
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/ssl/*.crt',
  '/etc/kubernetes/ssl/*.pem',
  '/etc/ssl/etcd/ssl/*.pem',
  // kubelet; rotated files stay beside the current ones, which the symlinks name
  '/var/lib/kubelet/pki/kubelet-*-current.pem',
  '/var/lib/kubelet/pki/kubelet.crt',
  // k3s and RKE2
  ...['k3s', 'rke2'].flatMap((name) => [
    `/var/lib/rancher/${name}/server/tls/*.crt`,
    `/var/lib/rancher/${name}/server/tls/*/*.crt`,
    `/var/lib/rancher/${name}/server/tls/dynamic-cert.json`,
    `/var/lib/rancher/${name}/server/cred/*.kubeconfig`,
    `/var/lib/rancher/${name}/agent/*.crt`,
    `/var/lib/rancher/${name}/agent/*.kubeconfig`,
    `/etc/rancher/${name}/${name}.yaml`,
  ]),
  // k0s
  '/var/lib/k0s/pki/*.crt',
  '/var/lib/k0s/pki/etcd/*.crt',
  '/var/lib/k0s/pki/*.conf',
  '/var/lib/k0s/kubelet/pki/kubelet-*-current.pem',
  '/var/lib/k0s/kubelet/pki/kubelet.crt',
  // MicroK8s
  '/var/snap/microk8s/current/certs/*.crt',
  '/var/snap/microk8s/current/credentials/*.config',
  // Talos
  '/system/secrets/kubernetes/*/*.crt',
  '/system/secrets/kubernetes/*/kubeconfig',
  '/system/secrets/etcd/*.crt',
  // OpenShift
  '/etc/kubernetes/static-pod-resources/*/secrets/*/*.crt',
  '/etc/kubernetes/kubeconfig',
  // minikube
  '/var/lib/minikube/certs/*.crt',
  '/var/lib/minikube/certs/etcd/*.crt',
  // etcd outside of Kubernetes
  '/etc/etcd/*.crt',
  '/etc/etcd/*.pem',
  '/etc/etcd/pki/*.crt',
  '/etc/etcd/ssl/*.pem',
  // web servers and container registries
  '/etc/letsencrypt/live/*/fullchain.pem',
  '/etc/nginx/*.crt',
  '/etc/nginx/*.pem',
  '/etc/nginx/{certs,ssl,tls}/*.crt',
  '/etc/nginx/{certs,ssl,tls}/*.pem',
  '/etc/haproxy/*.pem',
  '/etc/haproxy/{certs,ssl}/*.pem',
  '/etc/docker/certs.d/*/*.crt',
  '/etc/docker/certs.d/*/*.cert',
  // CNI plugins
  '/etc/cni/net.d/*kubeconfig*',
  '/etc/cni/net.d/*/*kubeconfig*',
];

/** The directories of `DEFAULT_PLACES` on the host. Rotated and versioned files that the places link to are in them. */
export const DEFAULT_DIRECTORIES: readonly string[] = [
  '/etc/kubernetes',
  '/etc/ssl/etcd',
  '/etc/rancher',
  '/etc/etcd',
  '/etc/letsencrypt',
  '/etc/nginx',
  '/etc/haproxy',
  '/etc/docker/certs.d',
  '/etc/cni/net.d',
  '/var/lib/kubelet/pki',
  '/var/lib/rancher',
  '/var/lib/k0s',
  '/var/lib/minikube/certs',
  '/var/snap/microk8s',
  '/system/secrets',
];

/** Whether a path, or one segment of it, is a shell pattern. */
export function isPattern(path: string): boolean {
  return /[*?[{]|[@+!]\(/.test(path);
}

/** Whether a file name says that the file holds certificates. */
export function namesCertificates(name: string): boolean {
  return /\.(crt|cert|cer|pem|der|p12|pfx|crl|jks)$/i.test(name) || namesKubeconfig(name);
}

/** Whether a file of a directory that the operator named is to be read: those that may hold certificates by their name. */
export function mayHoldCertificates(name: string): boolean {
  return namesCertificates(name) || /\.(conf|config|ya?ml|json)$/i.test(name);
}

function namesKubeconfig(name: string): boolean {
  return /kubeconfig/i.test(name);
}

/**
 * Directories that a symlink or a kubeconfig may lead to: those of the places themselves, and the default ones, since
 * letsencrypt, the kubelet and MicroK8s link from one directory to another.
 */
export function allowedDirectories(places: readonly string[]): string[] {
  return [...new Set([...places.map(directoryOf), ...DEFAULT_DIRECTORIES])];
}

function directoryOf(place: string): string {
  if (isPattern(place)) {
    const segments = place.split('/');
    return segments.slice(0, segments.findIndex(isPattern)).join('/') || '/';
  }
  return mayHoldCertificates(posix.basename(place)) ? posix.dirname(place) : place;
}
