import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateOf } from './line-template.ts';

describe('templateOf', () => {
  it.each([
    ['2026-11-22T10:00:00.123Z INFO  [main] started in 3.2 seconds', '<time> INFO [main] started in <n> seconds'],
    ['22.11.2026 took 1m30.5s, then 200ms', '<n> took <dur>, then <dur>'],
    [
      'Back-off restarting container app in pod ledger-7d9f8b6c5d-x2x7z_payments(0a1b2c3d-1111-2222-3333-444455556666)',
      'Back-off restarting container app in pod ledger-<id>_payments(<id>)',
    ],
    [
      'Successfully assigned shop/cart-5c9d7f6b8-lqwsz to node-0042',
      'Successfully assigned shop/cart-<id> to node-<n>',
    ],
    ['Created pod: fluentd-xk2vq', 'Created pod: fluentd-<id>'],
    ['dial tcp 10.1.2.3:5432: i/o timeout', 'dial tcp <ip>: i/o timeout'],
    ['peer [fe80::1]:8080 and 2001:db8::7/64 left', 'peer [<ip>]:<n> and <ip> left'],
    [
      'GET http://svc-https:8443/x/550e8400-e29b-41d4-a716-446655440000/y?page=3',
      'GET http://svc-https:<n>/x/<id>/y?page=<n>',
    ],
    ['ids [1, 2, 3, 44] of 0xdeadbeef', 'ids [<n>] of <id>'],
    [
      'Nov  2 10:00:00 host sshd[123]: Failed password for "bob7" port 22',
      '<time> host sshd[<n>]: Failed password for "bob7" port <n>',
    ],
    [
      'pulled repo/app:v1.2.3@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      'pulled repo/app:<n>@sha256:<id>',
    ],
    ['apps/v1beta1 is served over http2 by std::vector', 'apps/v1beta1 is served over http2 by std::vector'],
    ['\u001b[31mERROR\u001b[0m   worker12 died', 'ERROR worker<n> died'],
    ['', ''],
  ])('generalises %j', (line, template) => {
    expect(templateOf(line)).toBe(template);
  });

  it('keeps the numbers that tell failures apart', () => {
    expect(templateOf('HTTP probe failed with statuscode: 503')).toBe('HTTP probe failed with statuscode: 503');
    expect(templateOf('exited with exit code 137 after 12ms')).toBe('exited with exit code 137 after <dur>');
    expect(templateOf('"GET /x HTTP/1.1" 404')).not.toBe(templateOf('"GET /x HTTP/1.1" 500'));
    expect(templateOf('at Ledger.java:114')).not.toBe(templateOf('at Ledger.java:115'));
  });

  it.each([
    [
      '{"level":"error","ts":1763805600.1,"msg":"payment 8812 failed","err":"dial tcp 10.1.2.3:5432: refused","trace":"abc"}',
      'error payment <n> failed err=dial tcp <ip>: refused',
    ],
    [
      '{"level":50,"time":1763805600100,"pid":1,"msg":"request 7 failed","status":502}',
      'error request <n> failed status=502',
    ],
    ['{"@t":"2026-11-22T10:00:00Z","@mt":"Order {Id} placed","Id":7,"message":"Order 7 placed"}', 'Order {Id} placed'],
    [
      'time="2026-11-22T10:00:00Z" level=warning msg="slow query took 1.2s" rows=12 user=bob',
      'warn slow query took <dur>',
    ],
    [
      'E1122 10:00:00.123456       1 controller.go:114] "Unhandled Error" err="pod ledger-7d9f8b6c5d-x2x7z not found"',
      'error controller.go:114] "Unhandled Error" err="pod ledger-<id> not found"',
    ],
    [
      '10.42.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /api/v1/orders/123?x=1 HTTP/1.1" 500 123 "-" "kube-probe/1.36"',
      '<ip> GET /api/v1/orders/<n> status 500',
    ],
    ['{"id":7,"took":12}', '{"id":<n>,"took":<n>}'],
    ['{"msg":"cut in the mid', '{"msg":"cut in the mid'],
  ])('reads the record in %j', (line, template) => {
    expect(templateOf(line)).toBe(template);
  });

  it('is the template of itself', () => {
    const words = fc.constantFrom(
      'error',
      'ledger-7d9f8b6c5d-x2x7z',
      'db-0',
      '10.0.0.1:80',
      '::1',
      '12ms',
      '1m30s',
      '2026-11-22T10:00:00Z',
      '10:00:00.5',
      'v1',
      'a1b2c',
      '0x1f',
      'status=500',
      'HTTP/1.1"',
      'x.go:12',
      '{"msg":"a 1"}',
      'msg="a 1"',
      'level=info',
      '<n>',
      '<',
      '-',
      '"',
      '22/Nov/2026:10:00:00 +0000',
      'Nov 22 10:00:00',
      'bcdfg',
      '128Mi',
      '7',
      ',',
      'E1122 10:00:00.1 1 a.go:1] x',
      '\u001b[0m',
    );
    const line = fc.oneof(
      fc
        .array(fc.oneof(words, fc.string({ maxLength: 12 })), { maxLength: 12 })
        .chain((parts) => fc.constantFrom(' ', '', '-', '=', ':').map((separator) => parts.join(separator))),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.record({ msg: fc.string(), level: fc.string(), err: fc.string() }).map((record) => JSON.stringify(record)),
    );
    fc.assert(
      fc.property(line, (text) => {
        const template = templateOf(text);
        expect(templateOf(template)).toBe(template);
      }),
      { numRuns: 2000 },
    );
  });

  it('forgets what numbers are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(templateOf(`order ${a} of customer-${b} took ${a}ms`)).toBe('order <n> of customer-<n> took <dur>');
      }),
    );
  });

  it('reads no more than the beginning of a huge line', () => {
    expect(templateOf(`x ${'a-'.repeat(3_000_000)}`).length).toBeLessThanOrEqual(2000);
    expect(templateOf('1 '.repeat(1_000_000))).toBe('<n>');
  });
});
