import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

const jwt = `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxMjM0In0.${'dozjgNryP4J3jVmNHl0w'}`;

describe('redact', () => {
  it.each([
    ['Authorization: Bearer abcdef123456', 'abcdef123456'],
    ['basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    ['postgres://app:s3cr3t@db:5432/x', 's3cr3t'],
    ['DB_PASSWORD=hunter22 next', 'hunter22'],
    ['{"api_key": "with space inside"}', 'with space inside'],
    ["client_secret='abc def'", 'abc def'],
    ['token: 0123456789', '0123456789'],
    [`cookie ${jwt}`, jwt],
    ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
    [`ghp_${'a'.repeat(36)}`, 'aaaaaaaaaa'],
    ['-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----', 'MHcCAQEE'],
    ['-----BEGIN PRIVATE KEY-----\ncutoffkey', 'cutoffkey'],
  ])('hides the secret of %j', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toMatch(/\[redacted:[0-9a-f]{6}\]/);
  });

  it('gives equal secrets equal markers and different ones different markers', () => {
    const [first, second, other] = ['password=one1one1', 'passwd: one1one1', 'password=two2two2'].map(
      (text) => /redacted:\w+/.exec(redact(text))?.[0],
    );
    expect(first).toBe(second);
    expect(first).not.toBe(other);
  });

  // Quadratic time over a million characters would take minutes, far over the test's own timeout.
  it.each(['password', 'eyJaaaaaaaaaa-', '://a:', 'bearer ', '-----BEGIN PRIVATE KEY-----', 'a.', '"token":', 'sk-'])(
    'gets through a million characters of %j',
    (piece) => {
      expect(redact(`${piece.repeat(1_000_000 / piece.length)} AKIAIOSFODNN7EXAMPLE`)).not.toContain(
        'AKIAIOSFODNN7EXAMPLE',
      );
    },
  );

  it('changes nothing the second time', () => {
    const once = redact('DB_PASSWORD=hunter22 token: 0123456789');
    expect(redact(once)).toBe(once);
  });

  it.each([
    'secret-agent.service loaded active running',
    'systemd-ask-password-wall.path active',
    'fingerprint 3F:9A:1C:00',
    'https://example.org/path?x=1',
    'up{job="token-issuer"} 1',
  ])('leaves %j alone', (text) => {
    expect(redact(text)).toBe(text);
  });
});
