import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steadyText } from './steady-text.ts';

test.each([
  ['exit-code, status 1, 60m ago, 5 restarts', 'exit-code, status 1'],
  ['signal, signal 9, 119s ago', 'signal, signal 9'],
  ['failed, 60m ago', 'failed'],
  ['expires in 6d (kube-apiserver): kubeadm certs renew', 'expires soon (kube-apiserver): kubeadm certs renew'],
  ['expired 3d ago (node-1.example)', 'expired (node-1.example)'],
  ['not valid before 2026-12-01T00:00:00.000Z (a)', 'not valid before 2026-12-01T00:00:00.000Z (a)'],
  ['not synchronized: local reference only', 'not synchronized: local reference only'],
  ['may be off by 2.3 s', 'may be off by …'],
  [
    'required, newer kernel installed: 6.1.0-29-amd64, for dbus',
    'required, newer kernel installed: 6.1.0-29-amd64, for dbus',
  ],
  ['12 security updates wait to be installed', '… security updates wait to be installed'],
  ['has not looked for updates for 21d', 'has not looked for updates for …'],
  ['97% full, 3.2 GiB left', '… full'],
  ['96% of its inodes used, 1234 left', '… of its inodes used'],
  ['hangs: /dev/sda1 no answer within 1 s', 'hangs: /dev/sda1 no answer within …'],
  ['degraded raid1: 1 of 2 disks missing, recover 43%', 'degraded raid1: … of … disks missing, recover …'],
  ['busy 98% of the time, requests wait 120 ms', 'busy … of the time, requests wait …'],
  [
    'answers no more: 32 requests under way, none completed within 15 s',
    'answers no more: … requests under way, none completed within …',
  ],
  ['84 °C, critical from 85 °C on', '…, critical from … on'],
  ['tasks waited for a processor in 56% of the last 5 min', 'tasks waited for a processor in … of the last minutes'],
  ['held at 2400 MHz of 4035 by an operator or the firmware', 'held at … of … by an operator or the firmware'],
  ['3.1% of 8.0 GiB left', '… of … left'],
  [
    '2 in the last 15.02 s, 5 since boot, most in pod 7c9e6679-7425',
    '… in the last minutes, most in pod 7c9e6679-7425',
  ],
  ['ens1f0 of the bond is down', 'ens1f0 of the bond is down'],
  ['IPv4 is kept out by default, but IPv6 is let in', 'IPv4 is kept out by default, but IPv6 is let in'],
  ['timeout, 10.0.0.1:323: nothing after 1000 ms', 'timeout, 10.0.0.1:323: nothing after …'],
  ['9 of 10 entries; when full, new connections are dropped', '… of … entries; when full, new connections are dropped'],
  ['no_systemd, PID 1 of this host is "init", not systemd', 'no_systemd, PID 1 of this host is "init", not systemd'],
  ['permission_denied, /proc/1/net/tcp: EACCES', 'permission_denied, /proc/1/net/tcp: EACCES'],
])('%s → %s', (text, steady) => {
  expect(steadyText(text)).toBe(steady);
});

test('whatever the figures of a sentence are, the text is the same', () => {
  const figure = fc.oneof(
    fc.nat(),
    fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value.toFixed(1)),
  );
  const sentences: readonly ((a: unknown, b: unknown) => string)[] = [
    (a, b) => `exit-code, ${Number(a).toFixed()}m ago, ${b} restarts`,
    (a, b) => `${a}% full, ${b} GiB left`,
    (a) => `expires in ${Number(a).toFixed()}d (x)`,
    (a, b) => `${a} errors in ${b} packets, ${a} of them checksums: cable or transceiver`,
    (a, b) => `${a} °C, the host switches off at ${b} °C`,
    (a, b) => `tasks waited for a processor in ${a}% of the last ${b} s`,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...sentences), figure, figure, (sentence, a, b) => {
      expect(steadyText(sentence(a, b))).toBe(steadyText(sentence(7, 7)));
    }),
  );
});

test('any text has one, and it is steady itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(() => steadyText(text)).not.toThrow();
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.constantFrom('12', '3.4%', ' ', ', ', 'a', '5 s', '°C', '-')), (pieces) => {
      const text = pieces.join('');
      expect(steadyText(steadyText(text))).toBe(steadyText(text));
    }),
  );
});
