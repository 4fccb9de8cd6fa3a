import { posix } from 'node:path';

/** How one kind of installation renews what lies under its paths. `{name}` stands for what `nameOf` returns. */
interface Renewal {
  path: RegExp;
  leaf: string | null;
  authority: string | null;
}

const RANCHER = (name: string): Renewal => ({
  path: new RegExp(`/${name}/`),
  leaf: `restart ${name}: at start it renews certificates within 120 days of expiry (90 in older releases)`,
  authority: `${name} certificate rotate-ca; a restart does not renew authorities`,
});

/** First match wins. Sources: the documentation of each project on certificate renewal. */
const RENEWALS: readonly Renewal[] = [
  {
    path: /\/kubelet\/pki\/kubelet-client-/,
    leaf: 'the kubelet rotates it while rotateCertificates is on; if it is near expiry, see the log of the kubelet and its requests (kubectl get csr)',
    authority: null,
  },
  {
    path: /\/kubelet\/pki\/kubelet-server-/,
    leaf: 'the kubelet rotates it while serverTLSBootstrap is on and its requests are approved (kubectl get csr)',
    authority: null,
  },
  {
    path: /\/kubelet\/pki\/kubelet\.crt$/,
    leaf: 'self-signed by the kubelet: remove kubelet.crt and kubelet.key and restart it, and it makes new ones',
    authority: 'self-signed by the kubelet: remove kubelet.crt and kubelet.key and restart it, and it makes new ones',
  },
  RANCHER('k3s'),
  RANCHER('rke2'),
  {
    path: /\/k0s\//,
    leaf: 'restart k0scontroller: it renews its certificates at every start',
    authority: 'k0s does not renew its authorities: replace them by hand',
  },
  {
    path: /^\/var\/snap\/microk8s\//,
    leaf: 'microk8s refresh-certs --cert {name}',
    authority: 'microk8s refresh-certs --cert {name}; nodes then have to join again',
  },
  {
    path: /^\/system\/secrets\//,
    leaf: 'Talos renews it by itself',
    authority: 'talosctl rotate-ca',
  },
  {
    path: /^\/etc\/kubernetes\/(static-pod-resources\/|kubeconfig$)/,
    leaf: 'OpenShift rotates it by itself; see the cluster operators and pending requests (oc get csr)',
    authority: 'OpenShift rotates it by itself; see the cluster operators',
  },
  {
    path: /^\/etc\/kubernetes\/kubelet\.conf$/,
    leaf: 'the kubelet rotates its own file under /var/lib/kubelet/pki; a certificate embedded here is of the first start',
    authority: 'kubeadm does not renew authorities: replace it by hand',
  },
  {
    path: /^\/etc\/kubernetes\//,
    leaf: 'kubeadm certs renew {name}, then restart the control plane pods',
    authority: 'kubeadm does not renew authorities: replace it by hand',
  },
  {
    path: /^\/etc\/ssl\/etcd\//,
    leaf: 'run the upgrade playbook of kubespray, or replace it by hand and restart etcd',
    authority: null,
  },
  { path: /^\/var\/lib\/minikube\//, leaf: 'minikube start renews it when it has expired', authority: null },
  {
    path: /^\/etc\/letsencrypt\/live\//,
    leaf: 'certbot renew --cert-name {name}, then reload the server that uses it',
    authority: 'part of the chain: it comes with the next renewal',
  },
  { path: /^\/etc\/nginx\//, leaf: 'replace the file, then reload nginx', authority: null },
  { path: /^\/etc\/haproxy\//, leaf: 'replace the file, then reload haproxy', authority: null },
];

/** How the certificate at `path` is renewed, one sentence; null where the path does not tell. `isAuthority`: by its role, not by its flags. */
export function renewalHintOf(path: string, role: string | null): string | null {
  const renewal = RENEWALS.find((candidate) => candidate.path.test(path));
  const isAuthority = role?.endsWith('ca') ?? false;
  const hint = (isAuthority ? renewal?.authority : renewal?.leaf) ?? null;
  return hint?.replace('{name}', nameOf(path, role)) ?? null;
}

/** What the renewing command calls it: `apiserver`, `etcd-peer`, `admin.conf`, `server.crt`, or the name of the site. */
function nameOf(path: string, role: string | null): string {
  if (path.startsWith('/etc/letsencrypt/')) return posix.basename(posix.dirname(path));
  if (path.startsWith('/etc/kubernetes/') && path.endsWith('.crt')) return role ?? posix.basename(path, '.crt');
  return posix.basename(path);
}
