import { expect, test } from 'vitest';
import type { Finding } from './findings.ts';
import { summaryFindings } from './summary-findings.ts';

const full = (subject: string, text = '91% full, 3.2 GiB left'): Finding => {
  return { severity: 'warning', kind: 'file system', subject, text };
};

test('things that the same is the matter with are one finding with their names, and each counts', () => {
  const { total, worst } = summaryFindings([full('/var'), full('/srv', '88% full, 10 GiB left'), full('/var')]);
  expect([total, worst]).toEqual([
    2,
    [{ severity: 'warning', kind: 'file system', subject: '/srv, /var', text: '… full' }],
  ]);
});

test('of many things three are named, the same ones in whatever order they come', () => {
  const many = Array.from({ length: 30 }, (_, at) => full(`/mnt/${String(at).padStart(2, '0')}`));
  const summary = summaryFindings(many);
  expect([summary.total, summary.worst.map(({ subject }) => subject)]).toEqual([
    30,
    ['/mnt/00, /mnt/01, /mnt/02 and 27 more'],
  ]);
  expect(summaryFindings(many.toReversed())).toEqual(summary);
});

test('no kind hides the others: three of each, twelve in all, the worst first', () => {
  const findings = ['a', 'b', 'c', 'd', 'e'].flatMap((kind) =>
    Array.from({ length: 5 }, (_, at): Finding => {
      return { severity: at === 0 ? 'critical' : 'warning', kind, subject: kind, text: `what is ${'x'.repeat(at)}` };
    }),
  );
  const { total, worst } = summaryFindings(findings);
  expect([total, worst.length]).toEqual([25, 12]);
  expect(worst.slice(0, 8).map(({ severity, kind }) => `${severity} ${kind}`)).toEqual([
    ...['critical a', 'critical b', 'critical c', 'critical d', 'critical e'],
    ...['warning a', 'warning a', 'warning a'],
  ]);
});

test('certificates that expire together are one, whoever they are of', () => {
  const certificate = (name: string): Finding => ({
    severity: 'warning',
    kind: 'certificate',
    subject: `/pki/${name}.crt`,
    text: `expires in 12d (${name}): kubeadm certs renew ${name}`,
  });
  expect(summaryFindings(['apiserver', 'front-proxy-client'].map(certificate)).worst).toEqual([
    {
      severity: 'warning',
      kind: 'certificate',
      subject: '/pki/apiserver.crt, /pki/front-proxy-client.crt',
      text: 'expires soon',
    },
  ]);
});
