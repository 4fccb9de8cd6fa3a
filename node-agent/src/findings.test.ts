import type { FactsAnswer } from '@telemcp/shared/families';
import { expect, test } from 'vitest';
import { certificateFor, failedService, SAMPLE_FACTS, unitNamed } from '../test/sample-facts.ts';
import { disabledEnvelope } from './fact-store.ts';
import { findingsOf, span } from './findings.ts';

const NOW = Date.parse('2026-11-22T13:00:00Z');

/** An answer with these families, each collected without a fault. */
function answerWith(facts: Partial<typeof SAMPLE_FACTS>): FactsAnswer {
  const ok = { ...disabledEnvelope('os'), status: 'ok', reason: null, hint: null } as const;
  return {
    node: 'node-0007',
    agentVersion: '1.2.3',
    answeredAt: new Date(NOW).toISOString(),
    families: {
      systemd: { ...ok, data: facts.systemd ?? SAMPLE_FACTS.systemd },
      certificates: { ...ok, data: facts.certificates ?? SAMPLE_FACTS.certificates },
      time: { ...ok, data: facts.time ?? SAMPLE_FACTS.time },
      os: { ...ok, data: facts.os ?? SAMPLE_FACTS.os },
      network: { ...ok, data: facts.network ?? SAMPLE_FACTS.network },
      ports: { ...ok, data: facts.ports ?? SAMPLE_FACTS.ports },
      cpu: { ...ok, data: facts.cpu ?? SAMPLE_FACTS.cpu },
      memory: { ...ok, data: facts.memory ?? SAMPLE_FACTS.memory },
      filesystems: { ...ok, data: facts.filesystems ?? SAMPLE_FACTS.filesystems },
      disks: { ...ok, data: facts.disks ?? SAMPLE_FACTS.disks },
      packages: { ...ok, data: facts.packages ?? SAMPLE_FACTS.packages },
      firewall: { ...ok, data: facts.firewall ?? SAMPLE_FACTS.firewall },
    },
  };
}

const shown = (answer: FactsAnswer) =>
  findingsOf(answer, NOW).map(({ severity, kind, subject, text }) => [severity, kind, subject, text].join(' | '));

test('a host on which nothing is wrong has no findings', () => {
  expect(shown(answerWith({}))).toEqual([]);
});

test('what is broken comes before what will break, and that before what is only worth knowing', () => {
  const answer = answerWith({
    systemd: {
      ...SAMPLE_FACTS.systemd,
      failed: [failedService('nginx.service'), unitNamed('mnt.mount', { activeState: 'failed', subState: 'failed' })],
      watched: [unitNamed('sshd.service', { needsDaemonReload: true })],
    },
    time: { ...SAMPLE_FACTS.time, synchronized: false, note: 'local reference only' },
    os: {
      ...SAMPLE_FACTS.os,
      rebootRequired: { required: true, why: 'newer kernel installed: 6.1.0-29', packages: ['linux-image'] },
    },
  });
  expect(shown(answer)).toEqual([
    'critical | failed unit | nginx.service | exit-code, status 1, 60m ago, 5 restarts',
    'critical | failed unit | mnt.mount | failed, 60m ago',
    'warning | clock | chrony | not synchronized: local reference only',
    'warning | reboot | node-0007 | required, newer kernel installed: 6.1.0-29, for linux-image',
    'note | unit | sshd.service | its file was changed since systemd read it: systemctl daemon-reload',
  ]);
});

test('a certificate matters by what is left of its lifetime, and only when it is in use', () => {
  const certificates = [
    certificateFor('/expired.crt', -3),
    certificateFor('/soon.crt', 6, { renewalHint: 'kubeadm certs renew' }),
    certificateFor('/later.crt', 29),
    certificateFor('/fine.crt', 31),
    certificateFor('/replaced.crt', -100, { inUse: false }),
    // Made for a day, twelve hours left: that is half of its life.
    certificateFor('/short.crt', 0.5, { notBefore: '2026-11-22T01:00:00.000Z' }),
    certificateFor('/future.crt', 400, { notYetValid: true }),
  ];
  const answer = answerWith({ certificates: { ...SAMPLE_FACTS.certificates, certificates } });
  expect(findingsOf(answer, NOW).map(({ severity, subject, text }) => `${severity} ${subject} ${text}`)).toEqual([
    'critical /expired.crt expired 3d ago (kube-apiserver)',
    'critical /soon.crt expires in 6d (kube-apiserver): kubeadm certs renew',
    expect.stringContaining('critical /future.crt not valid before'),
    'warning /later.crt expires in 29d (kube-apiserver)',
  ]);
});

test('a clock that may be far off is a finding also while the daemon calls it synchronized', () => {
  const time = { ...SAMPLE_FACTS.time, clockErrorBoundSeconds: 2.25 };
  expect(shown(answerWith({ time }))).toEqual(['warning | clock | chrony | may be off by 2.3 s']);
  const unknown = { ...SAMPLE_FACTS.time, synchronized: null, clockErrorBoundSeconds: null, lastOffsetSeconds: null };
  expect(shown(answerWith({ time: unknown }))).toEqual([]);
});

test('a host on which nothing keeps the time is worth a note, not silence', () => {
  const time = {
    ...SAMPLE_FACTS.time,
    implementation: 'none',
    synchronized: null,
    clockErrorBoundSeconds: null,
  } as const;
  expect(shown(answerWith({ time }))).toEqual(['note | clock | none | no time daemon runs']);
});

test('packages matter when one is broken, when security updates wait, and when nobody has looked for updates', () => {
  const half = { name: 'nginx', version: '1.22.1-9', architecture: 'amd64', state: 'half-configured', held: false };
  const packages = {
    ...SAMPLE_FACTS.packages,
    broken: { total: 1, packages: [half] },
    unfinished: true,
    listsChangedAt: '2026-11-01T13:00:00.000Z',
    pending: { updates: 40, securityUpdates: 12, countedAt: null },
  };
  expect(shown(answerWith({ packages }))).toEqual([
    'warning | packages | nginx | half-configured',
    'warning | packages | apt | 12 security updates wait to be installed',
    'note | packages | apt | a run is under way, or was cut off',
    'note | packages | apt | has not looked for updates for 21d',
  ]);
  // Lists that are old and an update that found nothing new, or lists that nobody can see, are no reason to worry.
  const checked = { ...SAMPLE_FACTS.packages, listsChangedAt: '2026-10-01T13:00:00.000Z' };
  expect(shown(answerWith({ packages: { ...checked, lastUpdateSuccessAt: '2026-11-22T06:00:00.000Z' } }))).toEqual([]);
  expect(shown(answerWith({ packages: { ...checked, listsChangedAt: null } }))).toEqual([]);
});

test('a firewall that is not what it should be is a warning, one that is not there only a note', () => {
  const { firewall } = SAMPLE_FACTS;
  const attention = ['IPv4 is kept out by default, but IPv6 is let in'];
  expect(shown(answerWith({ firewall: { ...firewall, attention } }))).toEqual([
    'warning | firewall | ufw | IPv4 is kept out by default, but IPv6 is let in',
  ]);
  expect(shown(answerWith({ firewall: { ...firewall, backend: 'none', enabled: false } }))).toEqual([
    'note | firewall | none | none is switched on',
  ]);
  const open = { ...firewall.defaults, ipv4: { ...firewall.defaults.ipv4, input: 'accept' as const } };
  expect(shown(answerWith({ firewall: { ...firewall, defaults: open } }))).toEqual([
    'note | firewall | ufw | lets in by default what no rule keeps out',
  ]);
  expect(shown(answerWith({ firewall: { ...firewall, backend: 'unknown', enabled: null } }))).toEqual([]);
});

test.each([
  ['accept', 'accept', 'nothing filters what comes in'],
  ['drop', 'accept', 'its rules are not loaded, others keep out IPv4 by default'],
  ['reject', 'drop', 'its rules are not loaded, others keep out IPv4 and IPv6 by default'],
  ['accept', null, 'its rules are not loaded, what others do is not known'],
] as const)('a firewall that is not loaded, over IPv4 %s and IPv6 %s: %s', (ipv4, ipv6, text) => {
  const { firewall } = SAMPLE_FACTS;
  const { defaults } = firewall;
  const changed = { ipv4: { ...defaults.ipv4, input: ipv4 }, ipv6: { ...defaults.ipv6, input: ipv6 } };
  const found = shown(answerWith({ firewall: { ...firewall, enabled: false, basis: 'ruleset', defaults: changed } }));
  expect(found).toEqual([`note | firewall | ufw | ${text}`]);
});

test('what could not be looked at is among the findings; what was switched off is not', () => {
  const answer = answerWith({});
  const { time, os } = answer.families;
  answer.families = {
    systemd: {
      ...disabledEnvelope('systemd'),
      status: 'unavailable',
      reason: 'unreachable',
      hint: 'Mount the bus.',
      missing: [{ what: 'systemd', reason: 'unreachable', detail: 'no bus' }],
    },
    certificates: disabledEnvelope('certificates'),
    ...(time === undefined
      ? {}
      : {
          time: { ...time, status: 'partial', missing: [{ what: '/etc/adjtime', reason: 'too_large', detail: null }] },
        }),
    ...(os === undefined ? {} : { os }),
  };
  expect(shown(answer)).toEqual([
    'warning | not seen | systemd | unreachable, no bus. Mount the bus.',
    'note | not seen | /etc/adjtime | too_large',
  ]);
});

test.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [7199, '119m'],
  [7200, '2h'],
  [172_800, '2d'],
])('%i seconds are shown as %s', (seconds, text) => {
  expect(span(seconds)).toBe(text);
});
