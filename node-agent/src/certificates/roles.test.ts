import { expect, test } from 'vitest';
import { roleOf } from './roles.ts';

const LEAF = { index: 0, embeddedAt: null, isCa: false };
const K3S = '/var/lib/rancher/k3s';

test.each([
  ['/etc/kubernetes/pki/ca.crt', 'ca'],
  ['/etc/kubernetes/pki/apiserver.crt', 'apiserver'],
  ['/etc/kubernetes/pki/apiserver-etcd-client.crt', 'apiserver-etcd-client'],
  ['/etc/kubernetes/pki/apiserver-kubelet-client.crt', 'apiserver-kubelet-client'],
  ['/etc/kubernetes/pki/front-proxy-ca.crt', 'front-proxy-ca'],
  ['/etc/kubernetes/pki/front-proxy-client.crt', 'front-proxy-client'],
  ['/etc/kubernetes/pki/etcd/ca.crt', 'etcd-ca'],
  ['/etc/kubernetes/pki/etcd/server.crt', 'etcd-server'],
  ['/etc/kubernetes/pki/etcd/peer.crt', 'etcd-peer'],
  ['/etc/kubernetes/pki/etcd/healthcheck-client.crt', 'etcd-healthcheck-client'],
  ['/etc/kubernetes/admin.conf', 'admin'],
  ['/etc/kubernetes/super-admin.conf', 'super-admin'],
  ['/etc/kubernetes/controller-manager.conf', 'controller-manager'],
  ['/etc/kubernetes/scheduler.conf', 'scheduler'],
  ['/etc/kubernetes/kubelet.conf', 'kubelet-client'],
  ['/etc/kubernetes/kubeconfig', 'kubelet-client'],
  ['/var/lib/kubelet/pki/kubelet-client-current.pem', 'kubelet-client'],
  ['/var/lib/kubelet/pki/kubelet-server-2025-01-01-00-00-00.pem', 'kubelet-server'],
  ['/var/lib/kubelet/pki/kubelet.crt', 'kubelet-server'],
  ['/etc/ssl/etcd/ssl/ca.pem', 'etcd-ca'],
  ['/etc/ssl/etcd/ssl/member-node1.pem', 'etcd-server'],
  ['/etc/ssl/etcd/ssl/admin-node1.pem', 'etcd-client'],
  [`${K3S}/server/tls/client-ca.nochain.crt`, 'client-ca'],
  [`${K3S}/server/tls/serving-kube-apiserver.crt`, 'apiserver'],
  [`${K3S}/server/tls/client-kube-apiserver.crt`, 'apiserver-kubelet-client'],
  [`${K3S}/server/tls/client-auth-proxy.crt`, 'front-proxy-client'],
  [`${K3S}/server/tls/dynamic-cert.json`, 'supervisor-server'],
  [`${K3S}/server/tls/etcd/peer-server-client.crt`, 'etcd-peer'],
  [`${K3S}/server/tls/etcd/client.crt`, 'apiserver-etcd-client'],
  [`${K3S}/agent/client-kubelet.crt`, 'kubelet-client'],
  [`${K3S}/agent/serving-kubelet.crt`, 'kubelet-server'],
  [`${K3S}/agent/kubeproxy.kubeconfig`, 'kube-proxy'],
  ['/etc/rancher/rke2/rke2.yaml', 'admin'],
  ['/var/snap/microk8s/current/certs/server.crt', 'apiserver'],
  ['/system/secrets/kubernetes/kube-scheduler/kubeconfig', 'scheduler'],
  ['/etc/letsencrypt/live/shop.example/fullchain.pem', 'web'],
  ['/etc/haproxy/certs/shop.pem', 'web'],
  ['/etc/docker/certs.d/registry.example:5000/ca.crt', 'registry-ca'],
  ['/etc/docker/certs.d/registry.example:5000/client.cert', 'registry'],
  ['/etc/cni/net.d/calico-kubeconfig', 'cni'],
  ['/opt/app/server.crt', null],
  ['/opt/app/ca.crt', null],
])('%s is for %s', (path, role) => {
  expect(roleOf(path, LEAF)).toBe(role);
});

test('an authority behind the first certificate, or in the field for one, is an authority wherever it lies', () => {
  const chain = { index: 1, embeddedAt: null, isCa: true };
  expect(roleOf(`${K3S}/server/tls/client-admin.crt`, chain)).toBe('ca');
  const embedded = { index: 0, embeddedAt: 'clusters[default].certificate-authority-data', isCa: true };
  expect(roleOf('/etc/kubernetes/admin.conf', embedded)).toBe('ca');
  // `openssl req -x509` makes a server's own certificate an authority by its flag.
  expect(roleOf('/etc/nginx/ssl/self.crt', { ...LEAF, isCa: true })).toBe('web');
});
