import { expect, test } from 'vitest';
import { usualService } from './usual-services.ts';

test.each([
  ['tcp', 6443, 'kube-apiserver'],
  ['tcp', 10250, 'kubelet'],
  ['udp', 8472, 'vxlan-flannel-cilium'],
  ['udp', 10250, null],
  ['tcp', 8080, null],
] as const)('%s/%i is usually %s', (protocol, port, name) => {
  expect(usualService(protocol, port)).toBe(name);
});
