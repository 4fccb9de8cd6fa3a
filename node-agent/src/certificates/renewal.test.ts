import { expect, test } from 'vitest';
import { renewalHintOf } from './renewal.ts';

test.each([
  ['/etc/kubernetes/pki/apiserver.crt', 'apiserver', /^kubeadm certs renew apiserver, then restart/],
  ['/etc/kubernetes/pki/etcd/peer.crt', 'etcd-peer', /^kubeadm certs renew etcd-peer,/],
  ['/etc/kubernetes/admin.conf', 'admin', /^kubeadm certs renew admin\.conf,/],
  ['/etc/kubernetes/pki/ca.crt', 'ca', /does not renew authorities/],
  ['/var/lib/kubelet/pki/kubelet-client-current.pem', 'kubelet-client', /rotateCertificates/],
  ['/var/lib/kubelet/pki/kubelet.crt', 'kubelet-server', /remove kubelet\.crt and kubelet\.key/],
  ['/var/lib/rancher/k3s/agent/serving-kubelet.crt', 'kubelet-server', /^restart k3s: .* 120 days/],
  ['/var/lib/rancher/rke2/server/tls/client-ca.crt', 'client-ca', /^rke2 certificate rotate-ca/],
  ['/etc/rancher/k3s/k3s.yaml', 'admin', /^restart k3s/],
  ['/var/lib/k0s/pki/server.crt', 'apiserver', /^restart k0scontroller/],
  ['/var/lib/k0s/kubelet/pki/kubelet-client-current.pem', 'kubelet-client', /rotateCertificates/],
  ['/var/snap/microk8s/current/certs/server.crt', 'apiserver', /--cert server\.crt$/],
  ['/etc/letsencrypt/live/shop.example/fullchain.pem', 'web', /^certbot renew --cert-name shop\.example,/],
  ['/etc/letsencrypt/live/shop.example/fullchain.pem', 'ca', /^part of the chain/],
])('%s (%s)', (path, role, hint) => {
  expect(renewalHintOf(path, role)).toMatch(hint);
});

test('says nothing where the path does not tell who renews', () => {
  expect(renewalHintOf('/opt/app/server.crt', null)).toBeNull();
  expect(renewalHintOf('/etc/kubernetes-backup/pki/apiserver.crt', null)).toBeNull();
});
