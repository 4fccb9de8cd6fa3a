import { describe, expect, it } from 'vitest';
import { askLoki } from '../../test/loki/ask-loki.ts';
import { journalStreams, RECORDED_AT, shopStreams } from '../../test/loki/seed-streams.ts';
import { journalSelector } from './journal-selector.ts';
import { dateOf } from './nanoseconds.ts';

const { signal } = new AbortController();
const now = dateOf(RECORDED_AT);

describe('journalSelector', () => {
  it.each([
    ['node-0001', 'kubelet.service', '{unit="kubelet.service", nodename="node-0001"}'],
    ['node-0002', 'kubelet.service', '{unit="kubelet.service", nodename="node-0002.example.net"}'],
    [null, 'ssh.service', '{unit="ssh.service"}'],
    ['node-0000', null, '{unit=~".+", nodename="node-0000"}'],
    ['node-9999', 'kubelet.service', null],
    ['node-0001', 'nginx.service', null],
  ])('of %s and %s is %s', async (node, unit, selector) => {
    const { loki } = await askLoki([...shopStreams(), ...journalStreams()]);
    expect(await journalSelector(loki, { node, unit }, now, signal)).toBe(selector);
  });

  it('is none where no journal is collected', async () => {
    const { loki } = await askLoki(shopStreams());
    expect(await journalSelector(loki, { node: 'node-0001', unit: 'ssh.service' }, now, signal)).toBeNull();
  });

  it('finds the labels that another collector gives', async () => {
    const line = { time: RECORDED_AT - 1n, line: 'x' };
    const labels = { systemd_unit: 'ssh.service', instance: '10.0.0.7:9100', host: 'db.example.net' };
    const { loki, seen } = await askLoki([{ labels, lines: [line] }]);
    const ask = (node: string) => journalSelector(loki, { node, unit: 'ssh.service' }, now, signal);
    expect(await ask('db')).toBe('{systemd_unit="ssh.service", host="db.example.net"}');
    expect(await ask('10.0.0.7')).toBe('{systemd_unit="ssh.service", instance="10.0.0.7:9100"}');
    expect(seen.filter(({ path }) => path.endsWith('/labels'))).toHaveLength(1);
  });

  it('does not take one node for another whose name begins alike', async () => {
    const lines = [{ time: RECORDED_AT - 1n, line: 'x' }];
    const streams = ['db.a.net', 'db.b.net'].map((node) => ({ labels: { unit: 'ssh.service', node }, lines }));
    const { loki } = await askLoki(streams);
    expect(await journalSelector(loki, { node: 'db', unit: 'ssh.service' }, now, signal)).toBeNull();
  });
});
