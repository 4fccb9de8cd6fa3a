import { posix } from 'node:path';
import { expect, test } from 'vitest';
import {
  allowedDirectories,
  DEFAULT_DIRECTORIES,
  DEFAULT_PLACES,
  isPattern,
  mayHoldCertificates,
  namesCertificates,
} from './places.ts';

test('every default place lies in a directory that the pod mounts', () => {
  for (const place of DEFAULT_PLACES) {
    expect(posix.isAbsolute(place), place).toBe(true);
    expect(place, place).not.toContain('**');
    expect(
      DEFAULT_DIRECTORIES.some((directory) => place.startsWith(`${directory}/`)),
      place,
    ).toBe(true);
  }
  expect(new Set(DEFAULT_PLACES).size).toBe(DEFAULT_PLACES.length);
});

test('never asks for a directory that holds other things than certificates', () => {
  // Mounting these whole would show the agent the volumes of pods and the databases of the cluster.
  for (const wide of ['/', '/etc', '/var', '/var/lib', '/var/lib/kubelet', '/etc/ssl']) {
    expect(DEFAULT_DIRECTORIES).not.toContain(wide);
  }
});

test.each([
  ['/opt/pki/*.crt', '/opt/pki'],
  ['/opt/*/tls/server.crt', '/opt'],
  ['/opt/pki', '/opt/pki'],
  ['/opt/pki/server.pem', '/opt/pki'],
  ['/opt/app/certs.d', '/opt/app/certs.d'],
  ['/opt/{a,b}/x.crt', '/opt'],
])('symlinks of %s may lead into %s', (place, directory) => {
  expect(allowedDirectories([place])[0]).toBe(directory);
});

test('tells patterns and names', () => {
  expect(['/a/*.crt', '/a/b?', '/a/[ab]', '/a/{b,c}', '/a/@(b|c)'].every(isPattern)).toBe(true);
  expect(isPattern('/etc/rancher/k3s/k3s.yaml')).toBe(false);
  expect(['a.crt', 'A.PEM', 'x.p12', 'calico-kubeconfig', 'a.kubeconfig'].every(namesCertificates)).toBe(true);
  expect(['nginx.conf', 'crt', 'a.key'].some(namesCertificates)).toBe(false);
  expect(mayHoldCertificates('admin.conf')).toBe(true);
  expect(mayHoldCertificates('ca.key')).toBe(false);
});
