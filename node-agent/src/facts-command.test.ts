import { stripVTControlCharacters } from 'node:util';
import { FactsAnswer } from '@telemcp/shared/families';
import { expect, test } from 'vitest';
import {
  certificateFor,
  failedService,
  fakeCollector,
  SAMPLE_FACTS,
  STORE_OPTIONS,
  sampleCollectors,
} from '../test/sample-facts.ts';
import type { Collector } from './collector.ts';
import { FactError } from './fact-error.ts';
import { createFactStore } from './fact-store.ts';
import { collectText } from './facts-command.ts';

const ALL = { families: [], json: false };

function collect(collectors: Collector[], request: Parameters<typeof collectText>[2] = ALL, colour = false) {
  return collectText(createFactStore({ ...STORE_OPTIONS, collectors }), 'node-0007', request, colour);
}

const failing = async () => {
  throw new FactError('unreachable', 'no bus', { hint: 'Mount the socket of the bus.' });
};

test('a sound host is one line for each family, after saying that nothing wants attention', async () => {
  const { text, status } = await collect(sampleCollectors());
  expect(status).toBe(0);
  const [head, , attention, , ...families] = text.trimEnd().split('\n');
  expect(head).toMatch(/^node-0007 {2}as of \d{4}-.*Z, agent \d/);
  expect(attention).toBe('nothing wants attention');
  expect(families).toEqual([
    'systemd       ok  systemd 252.39-1~deb12u1, running; units: 2 active',
    'certificates  ok  1 in 1 files; the next expires in 300d: /etc/kubernetes/pki/apiserver.crt',
    'time          ok  chrony, synchronized, stratum 3, by 10.0.0.1, offset 0.120 ms, off by 2.6 ms at most, Etc/UTC',
    'os            ok  Debian GNU/Linux 12 (bookworm), kernel 6.1.0-28-amd64, up 2d, on kvm, 2 cpu, 8.0 GiB',
    'cpu           ok  2 cpu, 12% busy over 15 s, load 0.5 0.42 0.31, pressure 0%',
    'memory        ok  8.0 GiB, 25% used, 6.0 GiB available, no swap, pressure 0%, 0 OOM kills since boot',
    'filesystems   ok  1 file system; fullest / 25% of 93.1 GiB',
    'disks         ok  1 disk; busiest sda 2%, wait 1.5 ms (over 15 s)',
    'network       ok  0 of 0 interfaces up, 12 of pods, default by 10.0.0.254 on eth0',
    'ports         ok  1 open on all addresses, 0 on some, 0 on loopback: TCP 22',
    expect.stringMatching(
      /^packages {6}ok {2}apt, 801 installed, lists \d+[dhms] old, 2 updates pending, unattended upgrades on$/,
    ),
    'firewall      ok  ufw, enabled, default-drop input',
  ]);
});

test('one family that cannot be had is said with what to do, and the rest still counts as success', async () => {
  const broken = fakeCollector('systemd', SAMPLE_FACTS.systemd, { collect: failing });
  const { text, status } = await collect([broken, fakeCollector('os', SAMPLE_FACTS.os)]);
  expect(status).toBe(0);
  expect(text).toContain('warning  not seen  systemd  unreachable, no bus. Mount the socket of the bus.');
  expect(text).toContain('systemd  unavailable  unreachable');
});

test('nothing collected ends with 1', async () => {
  const broken = fakeCollector('os', SAMPLE_FACTS.os, { collect: failing });
  expect((await collect([broken])).status).toBe(1);
  expect((await collect([broken], { families: [], json: true })).status).toBe(1);
});

test('JSON has the shape of GET /v1/facts, with the families asked for', async () => {
  const { text } = await collect(sampleCollectors(), { families: ['time'], json: true });
  const answer = FactsAnswer.parse(JSON.parse(text));
  expect(Object.keys(answer.families)).toEqual(['time']);
  expect(answer.families.time?.data).toEqual(SAMPLE_FACTS.time);
});

test('columns line up, colours change nothing but colour, and none is there unless asked for', async () => {
  const systemd = {
    ...SAMPLE_FACTS.systemd,
    failed: [failedService('a.service'), failedService('longer-name.service')],
  };
  const collectors = [fakeCollector('systemd', systemd)];
  const plain = (await collect(collectors)).text;
  const [first = '', second = ''] = plain.split('\n').filter((line) => line.startsWith('critical'));
  expect(first.indexOf('exit-code')).toBe(second.indexOf('exit-code'));
  expect(stripVTControlCharacters(plain)).toBe(plain);
  const coloured = (await collect(collectors, ALL, true)).text;
  expect(coloured).toContain('\u001b[31mcritical');
  const undated = (text: string) => text.replace(/as of \S+/, '').replace(/, \d+[dhms] ago/g, '');
  expect(undated(stripVTControlCharacters(coloured))).toBe(undated(plain));
});

test('text of the host cannot write to the terminal', async () => {
  const failed = [failedService('evil\u001b[2J\u202e.service')];
  const { text } = await collect([fakeCollector('systemd', { ...SAMPLE_FACTS.systemd, failed })]);
  expect(text).toContain('evil.service');
  for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
});

test('a long list is cut with its number, never silently', async () => {
  const certificates = Array.from({ length: 40 }, (_, i) => certificateFor(`/pki/${i}.crt`, -1));
  const { text } = await collect([fakeCollector('certificates', { ...SAMPLE_FACTS.certificates, certificates })]);
  expect(text.match(/expired/g)).toHaveLength(15);
  expect(text).toMatch(/critical {2}certificate {2}25 more +see --json/);
});
