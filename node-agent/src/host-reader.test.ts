import { expect, it } from 'vitest';
import { fixtureHost } from '../test/fixture-host.ts';
import { FactError } from './fact-error.ts';
import { createHostReader } from './host-reader.ts';

const closed = (path: string) => ({ [path]: new FactError('permission_denied', `${path}: EACCES`) });

it('gives null for what is not there, and is silent about it', async () => {
  const files = createHostReader(fixtureHost('talos'));
  expect(await files.text('/etc/adjtime')).toBeNull();
  expect(await files.line('/etc/adjtime')).toBeNull();
  expect(await files.names('/etc/nothing')).toBeNull();
  expect(await files.exists('/etc/adjtime')).toBe(false);
  expect(files.missing).toEqual([]);
});

it('names what is there and closed', async () => {
  const files = createHostReader(fixtureHost('debian-12', { ...closed('/etc/adjtime'), ...closed('/run') }));
  expect(await files.text('/etc/adjtime')).toBeNull();
  expect(await files.entries('/run')).toBeNull();
  expect(files.missing).toEqual([
    { what: '/etc/adjtime', reason: 'permission_denied', detail: '/etc/adjtime: EACCES' },
    { what: '/run', reason: 'permission_denied', detail: '/run: EACCES' },
  ]);
});

it('reads lines for showing, an empty one as null', async () => {
  const files = createHostReader(
    fixtureHost('debian-12', { '/etc/hostname': '\u001b]0;x\u0007db-01\n', '/etc/machine-id': '\n' }),
  );
  expect(await files.line('/etc/hostname')).toBe('db-01');
  expect(await files.line('/etc/machine-id')).toBeNull();
});

it('refuses more than it was told to take', async () => {
  const files = createHostReader(fixtureHost('debian-12'));
  expect(await files.text('/proc/cpuinfo', 100)).toBeNull();
  expect(files.missing).toMatchObject([{ what: '/proc/cpuinfo', reason: 'too_large' }]);
});
