import { expect, test } from 'vitest';
import { SAMPLE_FACTS } from '../test/sample-facts.ts';
import type { BusState } from './dbus/bus.ts';
import { disabledEnvelope, type FamilyState } from './fact-store.ts';
import { createMetrics } from './metrics.ts';

const STATES: FamilyState[] = [
  { family: 'systemd', status: 'unavailable', durationMs: 1500, collectedAt: '2026-11-22T13:00:00.000Z' },
  { family: 'time', status: 'disabled', durationMs: null, collectedAt: null },
  { family: 'os', status: 'not_collected', durationMs: null, collectedAt: null },
];

test('a family has one status at a time, in base units, and nothing before its first collection', async () => {
  const bus: BusState = { status: 'connected' };
  const metrics = createMetrics({ node: 'n', version: '1', families: () => STATES, bus: () => bus });
  const { text, contentType } = await metrics.render({});
  expect(contentType).toContain('text/plain; version=0.0.4');
  expect(text).toContain('telemcp_agent_info{version="1",node="n"} 1');
  expect(text).toContain('telemcp_agent_family_status{family="systemd",status="unavailable"} 1');
  expect(text).toContain('telemcp_agent_family_status{family="systemd",status="ok"} 0');
  expect(text).toContain('telemcp_agent_family_status{family="time",status="disabled"} 1');
  expect(text).toContain('telemcp_agent_family_duration_seconds{family="systemd"} 1.5');
  expect(text).toContain('telemcp_agent_family_collected_timestamp_seconds{family="systemd"} 1795352400');
  expect(text).toContain('telemcp_agent_bus_connected 1');
  expect(text).not.toContain('family="os"');
  expect(text).not.toMatch(/duration_seconds\{family="time"|NaN/);
});

test('a metric that nobody could look at is absent, not zero', async () => {
  const metrics = createMetrics({ node: 'n', version: '1', families: () => [], bus: () => ({ status: 'idle' }) });
  const { text } = await metrics.render({});
  expect(text).not.toMatch(/family_status|family_duration|telemcp_(?!agent_)/);
  const { time } = SAMPLE_FACTS;
  const envelope = { ...disabledEnvelope('time'), status: 'ok' as const, reason: null };
  const seen = await metrics.render({ time: { ...envelope, data: { ...time, synchronized: false } } });
  expect(seen.text).toContain('# TYPE telemcp_time_synchronized gauge\ntelemcp_time_synchronized 0\n');
});

test('counters only grow, and say zero before the first event', async () => {
  const metrics = createMetrics({ node: 'n', version: '1', families: () => [], bus: () => ({ status: 'idle' }) });
  const before = (await metrics.render({})).text;
  expect(before).toContain('telemcp_agent_bugs_total 0');
  expect(before).toContain('telemcp_agent_bus_reconnects_total 0');
  metrics.countBug();
  metrics.countBusReconnect();
  for (const code of [200, 200, 404]) metrics.countRequest('/v1/facts', code);
  await metrics.render({});
  const { text } = await metrics.render({});
  expect(text).toContain('telemcp_agent_bugs_total 1');
  expect(text).toContain('telemcp_agent_bus_reconnects_total 1');
  expect(text).toContain('telemcp_agent_http_requests_total{route="/v1/facts",code="200"} 2');
  expect(text).toContain('telemcp_agent_http_requests_total{route="/v1/facts",code="404"} 1');
  const cpu = (page: string) => Number(/^process_cpu_seconds_total (\S+)$/m.exec(page)?.[1]);
  expect(cpu(text)).toBeGreaterThanOrEqual(cpu(before));
  expect(cpu(before)).toBeGreaterThan(0);
});
