import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@telemcp/shared/settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allOpened,
  cautionsOf,
  httpApiSettings,
  openUpstreamSource,
  upstreamConflicts,
  upstreamSettings,
} from './upstream-settings.ts';

let directory: string;
const at = (name: string) => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'upstream-settings-'));
  writeFileSync(at('token'), 'abc\n');
  writeFileSync(at('empty'), '\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('the settings of an upstream are named after it', () => {
  const fields = upstreamSettings('alertmanager');
  const variables = Object.entries(fields).map(([key, field]) => [key, field.meta()?.env]);
  expect(variables).toEqual([
    ['alertmanagerUrl', 'TELEMCP_ALERTMANAGER_URL'],
    ['alertmanagerTokenFile', 'TELEMCP_ALERTMANAGER_TOKEN_FILE'],
    ['alertmanagerUsername', 'TELEMCP_ALERTMANAGER_USERNAME'],
    ['alertmanagerPasswordFile', 'TELEMCP_ALERTMANAGER_PASSWORD_FILE'],
    ['alertmanagerTenant', 'TELEMCP_ALERTMANAGER_TENANT'],
    ['alertmanagerCaFile', 'TELEMCP_ALERTMANAGER_CA_FILE'],
    ['alertmanagerCertFile', 'TELEMCP_ALERTMANAGER_CERT_FILE'],
    ['alertmanagerKeyFile', 'TELEMCP_ALERTMANAGER_KEY_FILE'],
  ]);
});

describe('settings that contradict each other', () => {
  it.each<[Record<string, string>, [string, RegExp][]]>([
    [{ lokiTokenFile: '/t', lokiUsername: 'u', lokiPasswordFile: '/p' }, [['lokiTokenFile', /exclude each other/]]],
    [
      { lokiUrl: 'http://u:p@loki', lokiTokenFile: '/t' },
      [['lokiUrl', /has a user, and so has TELEMCP_LOKI_TOKEN_FILE/]],
    ],
    [{ lokiUsername: 'u' }, [['lokiUsername', /USERNAME and TELEMCP_LOKI_PASSWORD_FILE go together/]]],
    [{ lokiPasswordFile: '/p' }, [['lokiPasswordFile', /go together/]]],
    [{ lokiKeyFile: '/k' }, [['lokiKeyFile', /CERT_FILE and TELEMCP_LOKI_KEY_FILE go together/]]],
    [
      { lokiUrl: 'http://loki', lokiCertFile: '/c' },
      [
        ['lokiCertFile', /go together/],
        ['lokiCertFile', /only where TELEMCP_LOKI_URL is https/],
      ],
    ],
    [{ lokiUrl: 'https://loki', lokiTokenFile: '/t', lokiCertFile: '/c', lokiKeyFile: '/k', lokiTenant: 't' }, []],
    [{ prometheusUsername: 'u' }, []],
  ])('are told at one of them: %j', (settings, expected) => {
    expect(upstreamConflicts('loki', settings)).toEqual(
      expected.map(([key, message]) => ({ key, message: expect.stringMatching(message) })),
    );
  });
});

describe('a source', () => {
  it('is none without an address, whatever else is set', async () => {
    expect(await openUpstreamSource('loki', { lokiTenant: 'a', lokiTokenFile: '/absent' })).toBeNull();
  });

  it('names every file that cannot be used', async () => {
    const settings = {
      lokiUrl: 'https://loki',
      lokiTokenFile: at('absent'),
      lokiPasswordFile: at('empty'),
      lokiCaFile: at('token'),
    };
    const error = await openUpstreamSource('loki', settings).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).toMatchObject({
      problems: [
        `TELEMCP_LOKI_TOKEN_FILE: ${at('absent')}: there is no such file`,
        `TELEMCP_LOKI_PASSWORD_FILE: ${at('empty')}: is empty`,
        `TELEMCP_LOKI_CA_FILE: ${at('token')}: holds no certificate in PEM`,
      ],
    });
  });

  it('is asked with its token and tenant, and what is wrong with a file later is logged', async () => {
    const source = await openUpstreamSource('loki', {
      lokiUrl: 'http://loki:3100/logs',
      lokiTokenFile: at('token'),
      lokiTenant: 'team-a',
    });
    if (source === null) throw new Error('no source');
    const logged: unknown[] = [];
    const log = { warn: (...args: unknown[]) => void logged.push(args) };
    const { url, credentials } = httpApiSettings('loki', source, { timeoutMs: 1000, log });
    expect(url.href).toBe('http://loki:3100/logs');
    expect(await credentials?.headers()).toEqual({ authorization: 'Bearer abc', 'x-scope-orgid': 'team-a' });
    writeFileSync(at('token'), '');
    await credentials?.refresh();
    expect(logged).toEqual([
      [{ problems: [`TELEMCP_LOKI_TOKEN_FILE: ${at('token')}: is empty`] }, expect.stringContaining('kept')],
    ]);
    writeFileSync(at('token'), 'abc\n');
  });
});

it.each([
  ['http://loki:3100', true],
  ['http://10.0.0.1', true],
  ['https://loki', false],
  ['http://127.0.0.1:3100', false],
  ['http://[::1]:3100', false],
  ['http://localhost', false],
])('credentials for %s are worth a caution: %s', async (lokiUrl, isWorth) => {
  const withToken = await openUpstreamSource('loki', { lokiUrl, lokiTokenFile: at('token') });
  expect(cautionsOf(withToken)).toHaveLength(isWorth ? 1 : 0);
  const withUser = await openUpstreamSource('loki', { lokiUrl: lokiUrl.replace('://', '://user:password@') });
  expect(cautionsOf(withUser)).toHaveLength(isWorth ? 1 : 0);
  expect(cautionsOf(await openUpstreamSource('loki', { lokiUrl, lokiTenant: 'a' }))).toEqual([]);
});

it('a bug while opening is not taken for a setting', async () => {
  await expect(allOpened([Promise.reject(new TypeError('bug')), 1])).rejects.toThrow(TypeError);
});
