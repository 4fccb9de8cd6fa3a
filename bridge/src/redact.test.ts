import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CREDENTIAL_NAMES, HARMLESS_FIELDS, HARMLESS_TEXTS, privateKey, RECOGNIZABLE } from '../test/secret-corpus.ts';
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

  it.each(RECOGNIZABLE)('hides %s in a text, a log line, JSON, and JSON in JSON', (_, text, secret) => {
    const inLog = `2026-11-22T12:00:00Z INFO [worker-3] got ${text} from 10.0.0.7`;
    for (const each of [
      text,
      inLog,
      JSON.stringify({ msg: inLog }),
      JSON.stringify({ log: JSON.stringify({ text }) }),
    ]) {
      expect(redact(each)).not.toContain(secret);
      expect(redact(redact(each))).toBe(redact(each));
    }
  });

  it.each(CREDENTIAL_NAMES)('hides what stands behind %s', (name) => {
    const secret = 'pl4in-w0rd';
    for (const text of [
      `${name}=${secret}`,
      `12:00:00 ${name}=${secret} retries=3`,
      `${name}: ${secret}`,
      `{"user":"app","${name}":"${secret}","port":1}`,
      `{\\"${name}\\": \\"${secret}\\"}`,
      `run --${name} ${secret} --verbose`,
      `run --${name}=${secret}`,
      `https://x.example/a?${name}=${secret}&page=2`,
    ]) {
      expect(redact(text)).not.toContain(secret);
    }
  });

  it('hides a password whole, with the punctuation that is in it', () => {
    for (const secret of ['a,b;c', 'x]y}z', 'p&q', "it's", 'tail,', 'say "hi" now']) {
      expect(redact(JSON.stringify({ password: secret }))).toMatch(/^\{"password":"\[redacted:\w{6}\]"\}$/);
      expect(redact(JSON.stringify(JSON.stringify({ password: secret, n: 1 })))).toMatch(
        /^"\{\\"password\\":\\"\[redacted:\w{6}\]\\",\\"n\\":1\}"$/,
      );
    }
    expect(redact('db.password=a,b]c')).toMatch(/^db\.password=\[redacted:\w{6}\]$/);
    expect(redact('User(password=a1b2c3,name=joe)')).toMatch(/^User\(password=\[redacted:\w{6}\],name=joe\)$/);
    expect(redact('/login?token=a1b2c3&next=/home')).toMatch(/^\/login\?token=\[redacted:\w{6}\]&next=\/home$/);
  });

  it('hides a key in PEM wherever a log cuts it', () => {
    const key = privateKey('RSA PRIVATE KEY');
    for (let cut = 0; cut < key.length; cut += 1) {
      const [head, tail] = [redact(key.slice(0, cut)), redact(key.slice(cut))];
      // A piece with no marker left of it at all cannot be told from other base64.
      if (cut > 31) expect(head).not.toContain('MIIE');
      if (key.slice(cut).includes('-----END RSA PRIVATE KEY')) expect(tail).not.toMatch(/MIIEvQ|wXy4z\n/);
    }
    const escaped = JSON.stringify(`${key}\n`).slice(60);
    expect(redact(escaped)).not.toContain('MIIE');
  });

  it('leaves what is around a secret as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-m ]{0,40}$/), fc.stringMatching(/^[a-m ]{0,40}$/), (before, after) => {
        const shown = redact(`${before} AKIAIOSFODNN7EXAMPLE ${after}`);
        expect(shown.replace(/\[redacted:\w{6}\]/, '')).toBe(`${before}  ${after}`);
      }),
    );
  });

  // Quadratic time over a million characters would take minutes, far over the test's own timeout.
  it.each([
    ...['password', 'eyJaaaaaaaaaa-', '://a:', 'bearer ', '-----BEGIN PRIVATE KEY-----', 'a.', '"token":', 'sk-'],
    ...[
      '-----END PRIVATE KEY-----',
      'PRIVATE KEY-----',
      'password=',
      'token\\\\',
      'token: "\\',
      'name: token value: ',
      '--token ',
    ],
    ...[
      '://',
      'curl -u a',
      'mysql -a ',
      'token:|\n ',
      'login a ',
      'cookie=a=b;',
      'password    ',
      '$2y$',
      '1:AA',
      '?sig=',
      'authorization: ',
      'a-key',
      '\\"',
      ' ',
      '\n',
      '- name:',
    ],
  ])('gets through a million characters of %j', (piece) => {
    expect(redact(`${piece.repeat(1_000_000 / piece.length)} AKIAIOSFODNN7EXAMPLE`)).not.toContain(
      'AKIAIOSFODNN7EXAMPLE',
    );
  });

  it('changes nothing the second time', () => {
    const once = redact('DB_PASSWORD=hunter22 token: 0123456789');
    expect(redact(once)).toBe(once);
  });

  it.each([
    ...HARMLESS_TEXTS,
    ...HARMLESS_FIELDS.flatMap(([name, value]) => [`${name}=${value}`, `${name}: ${value}`, `{"${name}":"${value}"}`]),
    'systemd-ask-password-wall.path active',
    'fingerprint 3F:9A:1C:00',
    'https://example.org/path?x=1',
  ])('leaves %j alone', (text) => {
    expect(redact(text)).toBe(text);
  });
});
