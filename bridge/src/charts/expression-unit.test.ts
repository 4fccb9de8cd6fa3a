import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unitOf } from './expression-unit.ts';
import { describeUnit } from './value-scale.ts';

const said = (expr: string) => describeUnit(unitOf(expr));

describe('unitOf', () => {
  it.each([
    ['node_memory_MemAvailable_bytes', 'bytes'],
    ['sum by (job) (process_resident_memory_bytes{job=~"a|b"})', 'bytes'],
    ['sum(process_resident_memory_bytes) by (job)', 'bytes'],
    ['rate(node_network_receive_bytes_total{device!="lo"}[5m])', 'bytes per second'],
    ['topk(5, sum without (device) (irate(node_network_receive_bytes_total[1m])))', 'bytes per second'],
    ['increase(node_network_receive_bytes_total[1h])', 'bytes'],
    ['max_over_time(node_memory_MemFree_bytes[1h:5m])', 'bytes'],
    ['deriv(node_filesystem_free_bytes[1h])', 'bytes per second'],
    ['node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes', 'bytes'],
    ['-node_memory_MemTotal_bytes', 'bytes'],
    ['node_memory_MemAvailable_bytes > 1e9', 'bytes'],
    ['a_bytes / on (instance) group_left b_total', 'bytes'],
    ['(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)', 'ratio, in percent'],
    ['100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)', 'percent'],
    ['rate(errors_total[5m]) / rate(requests_total[5m])', 'ratio, in percent'],
    ['x_ratio', 'ratio, in percent'],
    ['x_percent', 'percent'],
    ['rate(node_cpu_seconds_total{mode="user"}[5m])', 'seconds per second'],
    ['100 - (avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100)', 'percent'],
    ['rate(http_duration_seconds_sum[5m]) / rate(http_duration_seconds_count[5m])', 'seconds'],
    ['histogram_quantile(0.95, sum by (le) (rate(http_duration_seconds_bucket[5m])))', 'seconds'],
    ['quantile(0.9, http_duration_seconds)', 'seconds'],
    ['time() - node_boot_time_seconds', 'seconds'],
    ['node_disk_io_time_seconds_total', 'seconds'],
    ['rate(http_requests_total[5m])', 'per second'],
    ['job:http_request_bytes:rate5m', 'bytes per second'],
    ['a_bytes and on (x) b_seconds', 'bytes'],
  ])('%s is in %s', (expr, unit) => {
    expect(said(expr)).toBe(unit);
  });

  it.each([
    'up',
    '1',
    'time()',
    'node_boot_time_seconds',
    'count(node_memory_MemTotal_bytes)',
    'count by (x) (a_bytes)',
    'a_bytes * b_bytes',
    'a_bytes / 1024',
    'a_bytes + b_seconds',
    'a_bytes * 100',
    'a_bytes / b_seconds',
    'a_bytes > bool 5',
    'absent(a_bytes)',
    'http_requests_total',
    'rate(rate(a_bytes[5m])[5m:1m])',
    'a_bytes ^ 2',
    '(((',
    'sum(',
    '',
  ])('%s has no unit that is known', (expr) => {
    expect(said(expr)).toBeNull();
  });

  it('takes anything for an expression', () => {
    const part = fc.constantFrom(
      ...['a_bytes', 'b_seconds_total', 'rate', 'sum', 'by', 'on', '(', ')', '[5m]', '{', '}', ',', '/', '*', '-', '+'],
      ...['100', '"x', 'and', 'offset', '==', 'bool', ':', '\u0000', '#'],
    );
    fc.assert(fc.property(fc.array(part, { maxLength: 40 }), (parts) => void unitOf(parts.join(' '))));
    expect(said('('.repeat(16_000))).toBeNull();
    expect(said(`${'-'.repeat(16_000)}a_bytes`)).toBeNull();
    expect(said('a_bytes+'.repeat(2_000))).toBeNull();
  });
});
